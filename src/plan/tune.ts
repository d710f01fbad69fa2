/**
 * `tune`: sweeps one setting after the other on a stated network, recommends, and tries the recommendation once more.
 *
 * @module
 */
import { UsageError } from '../model/errors.js';
import { masterCount } from '../model/scenario.js';
import { formatDurationMs, nsToMs, wallClockMs } from '../model/time.js';
import type {
  Availability,
  Confirmation,
  LockSettings,
  StageName,
  TunedNetwork,
  TuneStage,
  TuningReport,
} from '../model/tuning.js';
import { countMeasured } from './arm-runs.js';
import type { ScenarioArm } from './compare.js';
import { statedShareBy, weighAvailability } from './tune-availability.js';
import { confirm } from './tune-confirmation.js';
import { spectrumOf } from './tune-evidence.js';
import { planFaults } from './tune-faults.js';
import {
  isSameWait,
  nearMasters,
  retryGrid,
  timeoutGridMs,
  TIMEOUT_SHARE_OF_TTL,
  ttlGridMs,
  type RetryWait,
} from './tune-grid.js';
import {
  contention,
  holdP99Ns,
  holds,
  jitterMs,
  PILOT_MS,
  sayHold,
  singleAttempts,
  ttlOf,
  type TuningPlan,
} from './tune-plan.js';
import { hasP99 } from './tune-point.js';
import { predictTimeout } from './tune-prediction.js';
import { reportTuning } from './tune-report.js';
import {
  chooseRetry,
  chooseTimeout,
  chooseTtl,
  isComparable,
  markFrontier,
  retryObjectives,
  spreadOf,
  timeoutObjectives,
  ttlObjectives,
} from './tune-rules.js';
import { settingsOf, sweep, type RunPoint, type SweptPoint } from './tune-sweep.js';
import { explainRetry, explainTimeout, explainTtl, explainUnheldTtl, sayUnpredicted } from './tune-words.js';

/** What came of it; `failure` is what ended it early, and the report is of what had been measured by then. */
export interface Tuned {
  readonly report: TuningReport;
  readonly failure: Error | undefined;
  /** That measured anything, of all stages. */
  readonly runs: number;
}

/**
 * Makes the stages and judges them. When it is aborted or fails, what there is is judged.
 *
 * @throws what `run` throws before anything was measured
 */
export async function tune(plan: TuningPlan, run: RunPoint, signal: AbortSignal): Promise<Tuned> {
  const startedAt = new Date(wallClockMs()).toISOString();
  const tuning = new Tuning(plan, run, signal);
  await tuning.run();
  if (tuning.failure !== undefined && tuning.swept.length === 0) throw tuning.failure;
  return { report: tuning.report(startedAt), failure: tuning.failure, runs: tuning.countRuns() };
}

/** Streams of seeds: the stages differ, and the confirmation differs from all. */
const SEEDS_A_STAGE = 10_000;

/** Locks of which it is known that they ask all masters at once and settle at the quorum. */
const PREDICTABLE_LOCKS: readonly string[] = ['redlock'];
/** The stages while they are made. */
class Tuning {
  readonly #plan: TuningPlan;
  readonly #run: RunPoint;
  readonly #signal: AbortSignal;
  readonly stages: TuneStage[] = [];
  /** Of all stages, without the first look at unknown masters. */
  readonly swept: SweptPoint[] = [];
  #pilot: readonly SweptPoint[] = [];
  /** Those whose setting can be stated: recommended, or kept with reason. */
  readonly #tuned = new Set<StageName>();
  /** Whether the recommendation had runs of its own. */
  #isRunAgain = false;
  failure: Error | undefined;
  #network: TunedNetwork;
  #isWhole = true;
  #hasEnded = false;
  #settings: LockSettings;
  #availability: Availability | null = null;
  #confirmation: Confirmation | null = null;

  constructor(plan: TuningPlan, run: RunPoint, signal: AbortSignal) {
    this.#plan = plan;
    this.#run = run;
    this.#signal = signal;
    this.#network = plan.network;
    this.#settings = { ...settingsOf(plan.base), ttlMs: ttlOf(plan) };
  }

  async run(): Promise<void> {
    if (this.#network.roundTrips.length === 0) await this.#measureRoundTrips();
    if (this.#isOver()) return;
    const timeout = await this.#tuneTimeout();
    if (this.#isOver() || timeout === undefined) return;
    const retry = await this.#tuneRetry(timeout);
    if (this.#isOver()) return;
    const ttl = await this.#tuneTtl();
    if (this.#isOver()) return;
    this.#confirmation = await this.#confirm(timeout, retry, ttl);
  }

  #isOver(): boolean {
    return this.#hasEnded || this.#signal.aborted;
  }

  /** Masters whose round trips nobody stated: a run that waits for all of them tells. */
  async #measureRoundTrips(): Promise<void> {
    const nodeTimeoutMs = this.#settings.ttlMs * TIMEOUT_SHARE_OF_TTL;
    const arm = singleAttempts(this.#plan, { ...this.#settings, nodeTimeoutMs }, 'pilot');
    const arms = [{ ...arm, scenario: { ...arm.scenario, durationMs: PILOT_MS } }];
    this.#pilot = await this.#sweep('pilot', 'first look', arms, 1, 0);
    const [pilot] = this.#pilot;
    if (pilot?.point.leftOut !== null) {
      this.#hasEnded = true;
      return;
    }
    if (pilot.evidence.roundTrips.some(({ count }) => count === 0)) {
      this.#hasEnded = true;
      this.failure = new UsageError([
        `--rtt: expected the round trip to each master, got none, and ${pilot.arm.lock} does not report it: state --rtt`,
      ]);
      return;
    }
    const roundTrips = pilot.evidence.roundTrips.map((histogram) => {
      const { p50Ns, p99Ns } = histogram.summarizeLatency();
      return { roundTripMs: roundMs(nsToMs(p50Ns)), jitterMs: roundMs(jitterMs(p50Ns, p99Ns)) };
    });
    this.#network = { ...this.#network, roundTrips };
  }

  async #tuneTimeout(): Promise<SweptPoint | undefined> {
    const { targetSuccess, nodeTimeoutsMs, base } = this.#plan;
    const timeouts = nodeTimeoutsMs ?? timeoutGridMs(this.#network.roundTrips, this.#settings.ttlMs);
    const arms = timeouts.map((nodeTimeoutMs) =>
      singleAttempts(this.#plan, { ...this.#settings, nodeTimeoutMs }, formatDurationMs(nodeTimeoutMs)),
    );
    const swept = await this.#sweep('node-timeout', 'per-node timeout', arms, this.#plan.rounds, 1, true);
    const { failingShare } = this.#network;
    const measured = swept.findLast(({ point }) => point.leftOut === null);
    const observed = measured?.evidence.roundTrips ?? [];
    const hasRoundTrips = observed.some(({ count }) => count > 0);
    const roundTrips = hasRoundTrips ? observed.map(spectrumOf) : [];
    const isPredicted = hasRoundTrips && PREDICTABLE_LOCKS.includes(base.lock);
    const points = markFrontier(
      swept.map(({ point }) => ({
        ...point,
        predicted: isPredicted ? predictTimeout({ roundTrips, failingShare }, point.settings.nodeTimeoutMs) : null,
      })),
      timeoutObjectives,
    );
    const recommended = chooseTimeout(points, targetSuccess);
    const chosen = recommended === null ? undefined : points[recommended];
    this.stages.push({
      name: 'node-timeout',
      label: 'per-node timeout',
      load: `${String(base.ratePerSecond ?? 0)}/s on keys of their own, one attempt each`,
      points,
      recommended,
      because: [
        ...explainTimeout(points, recommended, targetSuccess),
        ...(isPredicted || measured === undefined ? [] : [sayUnpredicted(base.lock, hasRoundTrips)]),
      ],
    });
    if (chosen === undefined || recommended === null) return undefined;
    this.#settings = { ...this.#settings, nodeTimeoutMs: chosen.settings.nodeTimeoutMs };
    this.#tuned.add('node-timeout');
    const { nodeTimeoutMs } = chosen.settings;
    this.#availability = weighAvailability(
      this.#network,
      hasRoundTrips
        ? roundTrips.map((spectrum) => spectrum.shareBy(nodeTimeoutMs * US_PER_MS))
        : this.#network.roundTrips.map((roundTrip) => statedShareBy(roundTrip, nodeTimeoutMs)),
    );
    return swept[recommended];
  }

  /** Gives the point whose wait is recommended, or kept. */
  async #tuneRetry(timeout: SweptPoint): Promise<SweptPoint | undefined> {
    const { contenders, retryJittersMs, base } = this.#plan;
    const waits = retryGrid(this.#settings, timeout.point.p50Ns, retryJittersMs);
    const arms = waits.map((wait) =>
      contention(
        this.#plan,
        { ...this.#settings, ...pickWait(wait) },
        `${formatDurationMs(wait.retryDelayMs)}+${formatDurationMs(wait.retryJitterMs)}`,
      ),
    );
    const swept = await this.#sweep('retry', 'wait before a retry', arms, this.#plan.rounds, 2);
    const points = markFrontier(
      swept.map(({ point }) => point),
      retryObjectives,
    );
    const now = points.findIndex(({ settings }) => isSameWait(settings, this.#settings));
    const noise = spreadOf(
      swept.map(({ arm, point }) =>
        (isComparable(point) ? arm.runs : []).flatMap(({ leftOut, metrics }) =>
          leftOut === null ? (metrics.responseP99 ?? []) : [],
        ),
      ),
    );
    const recommended = chooseRetry(points, now, noise);
    this.stages.push({
      name: 'retry',
      label: 'wait before a retry',
      load: `${String(contenders)} clients that want one key, held for ${sayHold(base)}`,
      points,
      recommended,
      because: explainRetry(points, recommended, now, base.wakeUp === 'notify'),
    });
    const chosen = recommended === null ? undefined : points[recommended];
    if (chosen !== undefined) this.#settings = { ...this.#settings, ...pickWait(chosen.settings) };
    // Kept with reason only when it was held against all others.
    const kept = swept[now];
    const isKept = chosen === undefined && !this.#isOver() && kept !== undefined && isComparable(kept.point);
    if (chosen !== undefined || isKept) this.#tuned.add('retry');
    return swept[recommended ?? now];
  }

  /** Gives the point whose ttl is recommended. */
  async #tuneTtl(): Promise<SweptPoint | undefined> {
    const { base, ttlsMs } = this.#plan;
    if (base.hold.meanMs === 0) {
      this.stages.push({
        name: 'ttl',
        label: 'ttl',
        load: 'not measured: nothing is held',
        points: [],
        recommended: null,
        because: explainUnheldTtl(this.#settings),
      });
      if (ttlsMs === undefined) this.#tuned.add('ttl');
      return undefined;
    }
    const { nodeTimeoutMs } = this.#settings;
    const ttls = ttlsMs ?? ttlGridMs(nsToMs(holdP99Ns(base)), nodeTimeoutMs);
    // What the scenario refuses is no candidate; that is said by the rule of the guard.
    const allowed = ttls.filter((ttlMs) => nodeTimeoutMs <= ttlMs * TIMEOUT_SHARE_OF_TTL);
    const arms = allowed.map((ttlMs) => holds(this.#plan, { ...this.#settings, ttlMs }));
    const swept = arms.length === 0 ? [] : await this.#sweep('ttl', 'ttl', arms, this.#plan.rounds, 3);
    const points = markFrontier(
      swept.map(({ point }) => point),
      ttlObjectives,
    );
    const heldNs = holdP99Ns(base);
    const recommended = chooseTtl(points, heldNs);
    this.stages.push({
      name: 'ttl',
      label: 'ttl',
      load: `${String(base.ratePerSecond ?? 0)}/s on keys of their own, held for ${sayHold(base)}`,
      points,
      recommended,
      because: explainTtl(
        points,
        recommended,
        heldNs,
        nodeTimeoutMs,
        ttls.filter((ttlMs) => !allowed.includes(ttlMs)),
      ),
    });
    const chosen = recommended === null ? undefined : swept[recommended];
    if (chosen === undefined) return undefined;
    this.#settings = { ...this.#settings, ttlMs: chosen.point.settings.ttlMs };
    this.#tuned.add('ttl');
    return chosen;
  }

  async #confirm(
    timeout: SweptPoint,
    retry: SweptPoint | undefined,
    ttl: SweptPoint | undefined,
  ): Promise<Confirmation | null> {
    const { rounds, targetSuccess } = this.#plan;
    const [alone] = await this.#sweep(
      'confirmation',
      'run again,',
      [singleAttempts(this.#plan, this.#settings, 'single')],
      rounds,
      4,
      true,
    );
    if (alone === undefined || alone.arm.runs.length === 0) return null;
    this.#isRunAgain = true;
    const contended = [contention(this.#plan, this.#settings, 'contended')];
    const [together] =
      this.#isOver() || retry === undefined || !hasP99(retry.point)
        ? []
        : await this.#sweep('confirmation-contended', 'run again,', contended, rounds, 5);
    return confirm({
      swept: timeout.point,
      again: alone.point,
      sweptTtl: ttl?.point,
      sweptContended: retry !== undefined && hasP99(retry.point) ? retry.point : undefined,
      againContended: together === undefined || together.arm.runs.length === 0 ? undefined : together.point,
      targetSuccess,
    });
  }

  /** @param stage numbers its seeds */
  async #sweep(
    folder: string,
    label: string,
    arms: readonly ScenarioArm[],
    rounds: number,
    stage: number,
    hasFaults = false,
  ): Promise<readonly SweptPoint[]> {
    const { failingShare, stall, roundTrips } = this.#network;
    const { base } = this.#plan;
    const seed = (this.#plan.seed + stage * SEEDS_A_STAGE) >>> 0;
    const plan = { failingShare, stall, masters: masterCount(base), durationMs: base.durationMs, seed };
    const { points, isWhole, failure } = await sweep(
      {
        folder,
        label,
        arms,
        rounds,
        seed,
        near: nearMasters(roundTrips),
        faultsOf: (round) => (hasFaults ? planFaults({ ...plan, round }) : []),
      },
      this.#run,
      this.#signal,
    );
    if (folder !== 'pilot') this.swept.push(...points);
    this.#isWhole &&= isWhole;
    this.failure ??= failure;
    this.#hasEnded ||= failure !== undefined;
    return points;
  }

  report(startedAt: string): TuningReport {
    return reportTuning(this.#plan, startedAt, {
      network: this.#network,
      pilot: this.#pilot,
      swept: this.swept,
      stages: this.stages,
      settings: this.#settings,
      tuned: this.#tuned,
      availability: this.#availability,
      confirmation: this.#confirmation,
      isRunAgain: this.#isRunAgain,
      isWhole: this.#isWhole && !this.#signal.aborted && this.failure === undefined,
      failure: this.failure,
    });
  }

  /** Those that were made, whether they count or not. */
  countRuns(): number {
    return countMeasured([...this.#pilot, ...this.swept].map(({ arm }) => arm));
  }
}

const US_PER_MS = 1_000;

function pickWait({ retryDelayMs, retryJitterMs }: RetryWait): RetryWait {
  return { retryDelayMs, retryJitterMs };
}

/** To whole microseconds, as the command line takes them. */
function roundMs(ms: number): number {
  return Math.round(ms * US_PER_MS) / US_PER_MS;
}
