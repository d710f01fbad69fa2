/**
 * `capacity`: searches the highest rate that meets an SLO, and says what limits it.
 *
 * @module
 */
import { overlapsOf } from '../check/safety.js';
import {
  CAPACITY_SCHEMA_VERSION,
  type CapacityReport,
  type CapacityStep,
  type ScalingPoint,
  type StepPurpose,
} from '../model/capacity.js';
import { EnvironmentError, toError } from '../model/errors.js';
import { formatRate } from '../model/figure-text.js';
import { nameLock } from '../model/measured-lock.js';
import { seededRandom } from '../model/random.js';
import type { RunResult } from '../model/result.js';
import type { Scenario } from '../model/scenario.js';
import { wallClockMs } from '../model/time.js';
import { withoutSecrets } from './arm-runs.js';
import { answerOf } from './capacity-answer.js';
import { findBottleneck } from './capacity-bottleneck.js';
import { concludeCapacity } from './capacity-conclusion.js';
import { escalationsOf, type GeneratorSetting } from './capacity-escalation.js';
import { findKeyCeiling } from './capacity-key.js';
import { stepDurationMs } from './capacity-samples.js';
import { describeScaling, planScaling, type ScalingRun } from './capacity-scaling.js';
import {
  nextProbe,
  standingOf,
  type NextProbe,
  type Probed,
  type ProbeAnswer,
  type SearchSettings,
} from './capacity-search.js';
import { stateViolation, type FoundCapacity } from './capacity-statements.js';
import { describeStep, type MeasuredStep, type PlacedStep } from './capacity-step.js';
import { judgeStep } from './capacity-verdict.js';
import { seedOfRound } from './design.js';
import { findKnee } from './knee.js';
import { fitScalability } from './scalability.js';

export interface CapacityPlan {
  readonly title: string;
  /** An open loop at the first rate, with the SLO as its thresholds. */
  readonly scenario: Scenario;
  readonly search: SearchSettings;
  /** The rate that the user expects, if one was stated. */
  readonly expectedPerSecond: number | undefined;
  /** Whether the scalability law is fitted, too. */
  readonly hasScaling: boolean;
}

/** Hears of the search while it goes on, and makes its runs. */
export interface CapacityStage {
  /** Makes the run of a step; undefined when it was interrupted before anything was measured. */
  step(scenario: Scenario, place: PlacedStep): Promise<RunResult | undefined>;
  /** Makes a run of the closed loop. */
  scaling(run: ScalingRun): Promise<RunResult | undefined>;
  /** A step was judged. */
  judged(step: CapacityStep): void;
  /** Something is done differently from now on; one sentence. */
  changed(sentence: string): void;
}

/** What came of it; `failure` is what ended it early, and the report is of what had been measured by then. */
export interface FoundCapacityReport {
  readonly report: CapacityReport;
  readonly failure: Error | undefined;
}

/**
 * Searches. When it is aborted or fails, what there is is judged.
 *
 * @throws what the stage throws before anything was measured
 */
export async function searchCapacity(
  plan: CapacityPlan,
  stage: CapacityStage,
  signal: AbortSignal,
): Promise<FoundCapacityReport> {
  const startedAt = new Date(wallClockMs()).toISOString();
  const search = new CapacitySearch(plan, stage, signal);
  let failure: Error | undefined;
  try {
    await search.run();
  } catch (thrown) {
    if (search.measured.length === 0 && search.violations.length === 0) throw thrown;
    failure = toError(thrown);
  }
  const ending = failure === undefined ? [] : [`the search ended early: ${failure.message}`];
  const remarks = [...ending, ...search.remarks];
  return { report: concludeCapacity(search.find(startedAt), plan.expectedPerSecond, remarks), failure };
}

/** A step that drifts is run again, each time for twice as long, at most so often. */
const MOST_LENGTHENED = 2;
/** A step that was held up by something that may pass is run again, at most so often, with nothing changed. */
const MOST_REPEATED = 2;
/** Twice nothing would still be no warm-up. */
const LEAST_LONGER_WARMUP_MS = 1_000;

/** The search while it goes on. */
class CapacitySearch {
  /** Every step that ran, in order. */
  readonly measured: MeasuredStep[] = [];
  readonly violations: string[] = [];
  /** What else to know, one sentence each. */
  readonly remarks: string[] = [];
  readonly #plan: CapacityPlan;
  readonly #stage: CapacityStage;
  readonly #signal: AbortSignal;
  readonly #probed: Probed[] = [];
  readonly #points: ScalingPoint[] = [];
  readonly #escalations: string[] = [];
  #generator: GeneratorSetting;
  /** Changes of the generator that were kept. */
  #adopted = 0;
  /** Whether everything stronger was tried to no effect. */
  #isExhausted = false;
  #isOver = false;

  constructor(plan: CapacityPlan, stage: CapacityStage, signal: AbortSignal) {
    this.#plan = plan;
    this.#stage = stage;
    this.#signal = signal;
    this.#generator = plan.scenario;
  }

  async run(): Promise<void> {
    const { search, hasScaling } = this.#plan;
    for (;;) {
      const probe = nextProbe(search, this.#probed);
      if (probe === undefined) break;
      const answer = await this.#probe(probe);
      if (answer === undefined) return;
      const { purpose, place } = probe;
      this.#probed.push({ purpose, place, setting: this.#adopted, answer });
      if (this.#hasNoData()) {
        this.#isOver = true;
        return;
      }
    }
    this.#isOver = true;
    if (hasScaling) await this.#scale();
  }

  /** Whether the SLO has nothing to be measured on, so that no rate would give an answer. */
  #hasNoData(): boolean {
    return this.#valid().length === 0 && this.measured.at(-1)?.step.cause === 'no-data';
  }

  /** Tries one rate until it gives an answer. Undefined when the search is interrupted. */
  async #probe(probe: NextProbe): Promise<ProbeAnswer | undefined> {
    const measured = await this.#settle(probe, this.#generator);
    if (measured?.step.cause === 'generator' && !this.#isExhausted) return this.#escalate(probe, measured);
    return measured === undefined ? undefined : answerOfStep(measured);
  }

  /** Runs a step until it is more than a passing disturbance. */
  async #settle(probe: NextProbe, setting: GeneratorSetting): Promise<MeasuredStep | undefined> {
    let lengthened = 0;
    let repeated = 0;
    for (;;) {
      const measured = await this.#measure(probe, setting, lengthened);
      if (measured === undefined) return undefined;
      const { verdict, cause } = measured.step;
      const mayPass = cause === 'others' || cause === 'held-up';
      if (verdict === 'unsettled') lengthened++;
      else if (mayPass && repeated < MOST_REPEATED) repeated++;
      else return measured;
    }
  }

  /** Tries stronger settings at the rate that the generator refused; the first that gives an answer there is kept. */
  async #escalate(probe: NextProbe, { result }: MeasuredStep): Promise<ProbeAnswer | undefined> {
    const escalations = escalationsOf(this.#generator, this.#plan.scenario, result.environment.cores);
    const at = formatRate(probe.ratePerSecond);
    for (const { setting, change } of escalations) {
      const first = this.measured.length + 1;
      this.#stage.changed(`the load generator did not keep up at ${at}: trying ${change}`);
      const tried = await this.#settle(probe, setting);
      if (tried === undefined) return undefined;
      if (tried.step.verdict !== 'invalid') {
        this.#generator = setting;
        this.#adopted++;
        this.#escalations.push(`${change} from step ${String(first)} on`);
        return answerOfStep(tried);
      }
      // Others were in the way, so the setting was not tried.
      if (tried.step.cause === 'others') return 'invalid';
    }
    this.#isExhausted = true;
    this.#giveUp(
      at,
      escalations.map(({ change }) => change),
    );
    return 'invalid';
  }

  #giveUp(at: string, changes: readonly string[]): void {
    if (changes.length === 0) return;
    const { workers, transport } = this.#generator;
    const sentence = `at ${at} it was tried to no effect with ${changes.join(', then ')}; it stayed at ${String(workers)} worker${workers === 1 ? '' : 's'} and the ${transport} transport`;
    this.#escalations.push(sentence);
    this.#stage.changed(sentence);
  }

  async #measure(probe: NextProbe, setting: GeneratorSetting, lengthened: number): Promise<MeasuredStep | undefined> {
    const { purpose, ratePerSecond } = probe;
    const number = this.measured.length + 1;
    const name = `step-${String(number).padStart(2, '0')}-${String(ratePerSecond)}`;
    const place = { number, purpose, ratePerSecond, directory: `runs/${name}` };
    const run = await this.#runTwiceIfCrashed(this.#scenarioOf(place, setting, lengthened), place);
    if (run === undefined) return undefined;
    const { result, directory } = run;
    const ceiling = findKeyCeiling(this.#plan.scenario.keys, this.#comparable());
    const judged = judgeStep(result, lengthened >= MOST_LENGTHENED, ceiling);
    const step = describeStep({ ...place, directory }, result, judged);
    const measured = { step, result };
    this.measured.push(measured);
    this.#stage.judged(step);
    return measured;
  }

  /** With the folder that was used. Undefined when it was interrupted, because half a step judges nothing of the load. */
  async #runTwiceIfCrashed(
    scenario: Scenario,
    place: PlacedStep,
  ): Promise<{ readonly result: RunResult; readonly directory: string } | undefined> {
    const directories = [place.directory, `${place.directory}-again`];
    for (const directory of directories) {
      if (this.#signal.aborted) return undefined;
      const result = await this.#stage.step(scenario, { ...place, directory });
      if (result === undefined) return undefined;
      this.#absorbSafety(`step ${String(place.number)}, at ${formatRate(place.ratePerSecond)}`, result);
      if (result.status === 'interrupted') return undefined;
      if (result.status === 'complete') return { result, directory };
      this.#stage.changed(`step ${String(place.number)} crashed: ${result.incidents.join('; ')}`);
    }
    throw new EnvironmentError(
      `step ${String(place.number)}: expected a run that lasts to its end, got two that crashed; see ${directories.join(' and ')}`,
    );
  }

  #scenarioOf({ number, ratePerSecond }: PlacedStep, setting: GeneratorSetting, lengthened: number): Scenario {
    const { scenario, search } = this.#plan;
    const { thresholds, warmupMs } = scenario;
    const factor = 2 ** lengthened;
    return {
      ...scenario,
      ...pickGenerator(setting),
      ratePerSecond,
      warmupMs: factor === 1 ? warmupMs : Math.max(LEAST_LONGER_WARMUP_MS, warmupMs) * factor,
      durationMs: stepDurationMs(scenario.durationMs, ratePerSecond, thresholds) * factor,
      seed: seedOfRound(search.seed, number),
    };
  }

  async #scale(): Promise<void> {
    const { scenario, search } = this.#plan;
    const runs = planScaling({ ...scenario, ...pickGenerator(this.#generator) }, search.seed);
    for (const run of runs) {
      if (this.#signal.aborted) break;
      const result = await this.#stage.scaling(run);
      if (result === undefined) continue;
      this.#absorbSafety(`the closed loop with ${String(run.clients)} clients`, result);
      if (result.status === 'complete') this.#points.push(describeScaling(run, result));
    }
    const skipped = runs.length - this.#points.length;
    if (skipped > 0) {
      this.remarks.push(
        `${String(skipped)} of ${String(runs.length)} runs of the closed loop were not made or did not last to their end: they are left out`,
      );
    }
  }

  /** Of any run, also of one that judges nothing else: an overlap that was seen was there. */
  #absorbSafety(where: string, { safety }: RunResult): void {
    const violation = stateViolation(where, overlapsOf(safety));
    if (violation !== undefined) this.violations.push(violation);
  }

  find(startedAt: string): FoundCapacity {
    const plan = this.#plan;
    const steps = this.measured.map(({ step }) => step);
    const comparable = this.#comparable();
    const { scenario, search } = plan;
    const standing = standingOf(search, this.#probed);
    const answer = answerOf({
      standing,
      steps,
      isOver: this.#isOver,
      upToPerSecond: search.upToPerSecond,
    });
    const keyCeiling = findKeyCeiling(scenario.keys, comparable);
    const first = this.measured[0]?.result;
    return {
      schemaVersion: CAPACITY_SCHEMA_VERSION,
      kind: 'capacity',
      title: plan.title,
      startedAt,
      status: this.#isOver && !this.#signal.aborted ? 'complete' : 'interrupted',
      seed: search.seed,
      scenario: first?.scenario ?? withoutSecrets(scenario),
      lock: first === undefined ? scenario.lock : nameLock(first.lock),
      isUnsafe: first?.lock.isUnsafe ?? false,
      flaw: first?.lock.flaw ?? null,
      slo: scenario.thresholds,
      precision: search.precision,
      steps,
      answer,
      bottleneck: findBottleneck({
        scenario,
        answer,
        measured: this.measured,
        comparable,
        blockedPerSecond: standing.blockedPerSecond,
        keyCeiling,
      }),
      knee: findKnee(curveOf(comparable)),
      scaling: plan.hasScaling && this.#isOver ? this.#fitScaling() : null,
      keyCeiling,
      littleDeviation: deviationOf(steps),
      escalations: this.#escalations,
      violations: this.violations,
    };
  }

  /** Steps whose figures are those of the masters. */
  #valid(): MeasuredStep[] {
    return this.measured.filter(({ step }) => step.verdict === 'met' || step.verdict === 'missed');
  }

  /** Of these, the steps that were measured with one transport: two clients have two latencies. */
  #comparable(): MeasuredStep[] {
    return this.#valid().filter(({ step }) => step.transport === this.#generator.transport);
  }

  #fitScaling(): CapacityReport['scaling'] {
    const fitted = this.#points.filter(({ health, limitedBy }) => health !== 'invalid' && limitedBy !== 'others');
    return {
      points: this.#points,
      ...fitScalability(fitted, seededRandom(this.#plan.search.seed, SCALING_STREAM)),
    };
  }
}

/** Streams of a seed from 0 on belong to the runs; this one is far from them. */
const SCALING_STREAM = 1_000_004;

/** An unsettled step is never the last one of its rate. */
function answerOfStep({ step }: MeasuredStep): ProbeAnswer {
  return step.verdict === 'unsettled' ? 'invalid' : step.verdict;
}

function pickGenerator({ workers, transport }: GeneratorSetting): GeneratorSetting {
  return { workers, transport };
}

/** Confirmations crowd at the ends of the bracket; the curve is made of the search alone. */
function curveOf(valid: readonly MeasuredStep[]): { ratePerSecond: number; responseP50Ns: number }[] {
  const purposes: readonly StepPurpose[] = ['growth', 'bisection'];
  return valid
    .filter(({ step }) => purposes.includes(step.purpose) && step.response.count > 0)
    .map(({ step }) => ({ ratePerSecond: step.ratePerSecond, responseP50Ns: step.response.p50Ns }));
}

/** A queue that grows while it is looked at obeys Little's law only afterwards, so of the steps that met the SLO. */
function deviationOf(steps: readonly CapacityStep[]): number | null {
  const deviations = steps.flatMap(({ verdict, inFlightMean, inFlightByLittle }) =>
    verdict === 'met' && inFlightMean !== null && inFlightByLittle > 0
      ? [Math.abs(inFlightMean - inFlightByLittle) / inFlightByLittle]
      : [],
  );
  return deviations.length === 0 ? null : Math.max(...deviations);
}
