/**
 * Reads the words of `tune`.
 *
 * @module
 */
import { UsageError } from '../model/errors.js';
import { freshSeed } from '../model/random.js';
import {
  completeScenario,
  masterCount,
  validateScenario,
  type RoundTrip,
  type Scenario,
  type ScenarioInput,
} from '../model/scenario.js';
import { formatDurationMs, parseDurationMs } from '../model/time.js';
import type { TunedNetwork } from '../model/tuning.js';
import { MOST_FAILING_TOGETHER, mostStalled } from '../plan/tune-faults.js';
import { TIMEOUT_SHARE_OF_TTL } from '../plan/tune-grid.js';
import { ttlOf, type TuningPlan } from '../plan/tune-plan.js';
import { parsePercent, parseWhole } from './option-values.js';
import { readOptions, type RawArguments } from './options.js';
import { findConflicts, overlay } from './overlay.js';
import { findScenario, isCustom } from './scenarios.js';
import { onlyRunOf } from './single-scenario.js';
import { WordReader } from './word-reader.js';

export const DEFAULT_RATE = 200;
export const DEFAULT_TUNE_ROUNDS = 3;
export const DEFAULT_CONTENDERS = 8;
export const DEFAULT_TARGET = 0.999;
/** Of a run of 10 s a second for each master: long enough to see what an acquisition costs then. */
export const DEFAULT_FAILING = 0.1;
/** What many masters share. */
const DEFAULT_FAILING_TOGETHER = 0.6;
const MOST_ROUNDS = 100;
const MOST_CONTENDERS = 10_000;
const MOST_VALUES = 20;

/** Flags of `run` that the tuning sets itself, and what to use instead. */
export const SET_BY_TUNING: Readonly<Record<string, string>> = {
  'node-timeout': 'use --node-timeouts 10ms,50ms to say which are tried',
  ttl: 'use --ttls 10s to say which are tried',
  'retry-delay': 'use --retry-jitters 5ms,20ms; the delay follows from the network',
  'retry-jitter': 'use --retry-jitters 5ms,20ms to say which are tried',
  'acquire-timeout': 'one stage makes single attempts, the other waits: drop it',
  concurrency: 'use --contenders 8 for the stage with one key, --rate 200 for the others',
  keys: 'one stage has keys of their own, the other a single one: drop it',
  burst: 'the stage with one key has rivals enough: drop it, and use --contenders',
  fault: 'use --failing 10% and --stall 1%:200ms',
  threshold: 'use --target-success 99.9%',
};

/**
 * Plans what the words ask for.
 *
 * @throws UsageError with every problem that can be seen without asking a lock
 */
export function readTuning(raw: RawArguments): TuningPlan {
  const words = new Words(raw);
  const given: ScenarioInput = words.scenario();
  const seed = given.seed ?? freshSeed();
  const scenario = completeScenario({ ...words.named(), ...given, faults: [] }, seed);
  const masters = masterCount(scenario);
  const plan: TuningPlan = {
    title: isCustom(scenario) ? 'tuning' : `tuning-${scenario.name}`,
    base: scenario,
    network: words.network(scenario, masters),
    targetSuccess: words.share('target-success', DEFAULT_TARGET, 0.5, 0.99999),
    nodeTimeoutsMs: words.durations('node-timeouts'),
    ttlsMs: words.durations('ttls'),
    retryJittersMs: words.durations('retry-jitters'),
    rounds: words.whole('rounds', DEFAULT_TUNE_ROUNDS, MOST_ROUNDS),
    contenders: words.whole('contenders', DEFAULT_CONTENDERS, MOST_CONTENDERS),
    seed,
  };
  words.problems.push(...findConflicts(given, [scenario]), ...findImpossible(plan));
  if (words.problems.length > 0) throw new UsageError([...new Set(words.problems)]);
  return plan;
}

/** What every stage would be refused for, and timeouts that no ttl allows. */
function findImpossible(plan: TuningPlan): string[] {
  const { base, nodeTimeoutsMs = [], contenders } = plan;
  const ttlMs = ttlOf(plan);
  const longestMs = ttlMs * TIMEOUT_SHARE_OF_TTL;
  const tooLong = nodeTimeoutsMs.filter((ms) => ms > longestMs);
  // The smallest timeout there is: whether those that are tried fit is said in the words of this command.
  const nodeTimeoutMs = Math.min(longestMs, base.nodeTimeoutMs);
  return [
    ...validateScenario({ ...base, ttlMs, nodeTimeoutMs }),
    ...(tooLong.length === 0
      ? []
      : [
          `--node-timeouts: expected at most a fifth of the ttl of ${formatDurationMs(ttlMs)}, got ${tooLong.map(formatDurationMs).join(', ')}; ` +
            `one silent master would eat the validity: drop them, or use --ttls ${formatDurationMs(Math.max(...tooLong) / TIMEOUT_SHARE_OF_TTL)}`,
        ]),
    ...(contenders < base.workers
      ? [
          `--contenders: expected at least --workers ${String(base.workers)}, got ${String(contenders)}; use --contenders ${String(base.workers)}`,
        ]
      : []),
  ];
}

/** The words while they are read; problems are gathered, so that all are told at once. */
class Words {
  readonly problems: string[];
  readonly #raw: RawArguments;
  readonly #reader: WordReader;

  constructor(raw: RawArguments) {
    this.#raw = raw;
    this.#reader = new WordReader(raw);
    this.#reader.refuse('tune', SET_BY_TUNING);
    this.problems = this.#reader.problems;
  }

  /** What the flags of `run` say, but for those that the tuning sets. */
  scenario(): ScenarioInput {
    const left = Object.fromEntries(Object.entries(this.#raw).filter(([flag]) => !(flag in SET_BY_TUNING)));
    const input = this.#reader.attempt(() => readOptions(left)) ?? {};
    return { ...input, ratePerSecond: input.ratePerSecond ?? DEFAULT_RATE };
  }

  /** What the named scenario says of masters, lock and client; the load is that of the stages. */
  named(): ScenarioInput {
    const run = this.#reader.attempt(() => onlyRunOf('tune', findScenario(this.#reader.once('scenario'))));
    return overlay({ ...run, faults: [], downMasters: [], killedWorkers: [] }, { ratePerSecond: DEFAULT_RATE });
  }

  network(scenario: Scenario, masters: number): TunedNetwork {
    const isSpawned = scenario.endpoints.length === 0;
    const stallText = this.#reader.once('stall');
    for (const flag of ['stall', 'failing']) {
      if (isSpawned || this.#reader.once(flag) === undefined || this.#reader.once(flag) === '0%') continue;
      this.problems.push(
        `--${flag}: expected masters spawned by this run, got --endpoint; faults are for servers of our own only: use --masters and --rtt, or drop --${flag}`,
      );
    }
    const usual = isSpawned ? Math.min(DEFAULT_FAILING, DEFAULT_FAILING_TOGETHER / masters) : 0;
    const failingShare = this.share('failing', usual, 0, MOST_FAILING_TOGETHER / masters);
    return {
      roundTrips: this.#roundTrips(scenario, masters),
      stall: stallText === undefined ? null : this.#stall(stallText, scenario),
      failingShare,
      isFailingStated: this.#reader.once('failing') !== undefined,
    };
  }

  /** One for each master; none where masters that are running somewhere are to be measured. */
  #roundTrips({ rtt, endpoints }: Scenario, masters: number): readonly RoundTrip[] {
    const [zone, another] = rtt;
    if (another !== undefined) {
      this.problems.push(
        '--rtt: expected the network as one client sees it, got several zones; tune for each zone by itself',
      );
    }
    if (zone === undefined) {
      if (endpoints.length === 0) {
        this.problems.push(
          '--rtt: expected the network to tune for, got none; use --rtt 0.5ms,0.5ms,1ms,30ms,80ms with a round trip for each of --masters, or --endpoint for masters that are running there',
        );
      }
      return [];
    }
    const [only] = zone;
    return zone.length === 1 && only !== undefined ? new Array<RoundTrip>(masters).fill(only) : zone;
  }

  #stall(text: string, { durationMs }: Scenario): TunedNetwork['stall'] {
    const [shareText = '', lengthText = '', ...rest] = text.split(':');
    const share = parsePercent(shareText);
    const lengthMs = parseDurationMs(lengthText);
    const isLength = lengthMs !== undefined && lengthMs >= 1 && lengthMs <= durationMs / 4;
    if (share === undefined || !(share > 0) || !isLength || rest.length > 0) {
      this.problems.push(
        `--stall: expected SHARE:LENGTH such as 1%:200ms, no longer than a quarter of --duration ${formatDurationMs(durationMs)}, got "${text}"`,
      );
      return null;
    }
    const most = mostStalled(lengthMs);
    if (share <= most) return { share, lengthMs: Math.round(lengthMs) };
    this.problems.push(
      `--stall: expected at most ${percent(most)} of stalls that last ${lengthText}, so that there is room between them, got "${text}"; use a smaller share, or longer stalls`,
    );
    return null;
  }

  share(flag: string, usual: number, least: number, most: number): number {
    const text = this.#reader.once(flag);
    if (text === undefined) return usual;
    const share = parsePercent(text);
    // The hair is for shares such as 80 % of 5, which are 16.000000000000004 %.
    if (share !== undefined && share >= least && share <= most + 1e-9) return share;
    this.problems.push(
      `--${flag}: expected a percentage from ${percent(least)} to ${percent(most)}, got "${text}"; use --${flag} ${percent(usual)}`,
    );
    return usual;
  }

  whole(flag: string, usual: number, most: number): number {
    const text = this.#reader.once(flag);
    if (text === undefined) return usual;
    const parsed = parseWhole(text);
    if ('value' in parsed && parsed.value >= 1 && parsed.value <= most) return parsed.value;
    this.problems.push(`--${flag}: expected a whole number between 1 and ${String(most)}, got "${text}"`);
    return usual;
  }

  /** Ascending and different; undefined when none are given. */
  durations(flag: string): readonly number[] | undefined {
    const text = this.#reader.once(flag);
    if (text === undefined) return undefined;
    const values = text.split(',').map((part) => parseDurationMs(part));
    const known = values.filter((ms) => ms !== undefined && ms >= 1) as number[];
    if (known.length === values.length && known.length <= MOST_VALUES) {
      return [...new Set(known)].sort((a, b) => a - b);
    }
    this.problems.push(
      `--${flag}: expected up to ${String(MOST_VALUES)} durations of 1ms or more such as 10ms,50ms,100ms, got "${text}"`,
    );
    return undefined;
  }
}

function percent(share: number): string {
  return `${String(Number((share * 100).toFixed(3)))}%`;
}
