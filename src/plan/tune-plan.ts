/**
 * What is asked of a tuning, and the scenarios that its stages run.
 *
 * @module
 */
import type { Scenario } from '../model/scenario.js';
import { formatDurationMs, msToNs, nsToMs, type Ns } from '../model/time.js';
import type { LockSettings, TunedNetwork } from '../model/tuning.js';
import type { ScenarioArm } from './compare.js';

export interface TuningPlan {
  readonly title: string;
  /** Masters, lock, rate, hold, ttl and the retry that is set now; each stage lays its own over it. */
  readonly base: Scenario;
  /** Without round trips they are measured first. */
  readonly network: TunedNetwork;
  readonly targetSuccess: number;
  /** Undefined: derived from the network. */
  readonly nodeTimeoutsMs: readonly number[] | undefined;
  readonly ttlsMs: readonly number[] | undefined;
  readonly retryJittersMs: readonly number[] | undefined;
  readonly rounds: number;
  /** Clients that want one key. */
  readonly contenders: number;
  readonly seed: number;
}

/** What a contended run, or one of the ttl, lasts beside one of the node timeout: half as long, and a second at least. */
function shortDurationMs({ durationMs }: Scenario): number {
  return Math.min(durationMs, Math.max(1_000, Math.round(durationMs / 2)));
}

/** Attempts of their own keys, one each, on a schedule: what is granted is what the masters and the network grant. */
export function singleAttempts(plan: TuningPlan, settings: LockSettings, name: string): ScenarioArm {
  return arm({ ...plan.base, ...settings, acquireTimeoutMs: 0, keys: { kind: 'uncontended' } }, name);
}

/** Clients that want one key, so that votes are split and retried. */
export function contention(plan: TuningPlan, settings: LockSettings, name: string): ScenarioArm {
  const { base, contenders } = plan;
  const load = { concurrency: contenders, ratePerSecond: undefined, keys: { kind: 'single' } } as const;
  return arm({ ...base, ...settings, ...load, durationMs: shortDurationMs(base), allowOverrun: true }, name);
}

/** Holds as they are asked for, which may outlive the ttl. */
export function holds(plan: TuningPlan, settings: LockSettings): ScenarioArm {
  const { scenario } = singleAttempts(plan, settings, formatDurationMs(settings.ttlMs));
  return arm({ ...scenario, durationMs: shortDurationMs(plan.base), allowOverrun: true }, scenario.name);
}

function arm(scenario: Scenario, name: string): ScenarioArm {
  return { name, levels: {}, scenario: { ...scenario, name } };
}

/** The longest of the ttls that are tried, or the one that is set: what the other stages run with. */
export function ttlOf({ base, ttlsMs }: TuningPlan): number {
  return ttlsMs === undefined ? base.ttlMs : Math.max(...ttlsMs);
}

/** Of exponential times the 99th percentile is ln 100 times the mean. */
export function holdP99Ns({ hold: { kind, meanMs } }: Scenario): Ns {
  return msToNs(kind === 'constant' ? meanMs : meanMs * Math.log(100));
}

export interface TuningEffort {
  readonly runs: number;
  readonly loadMs: number;
}

const USUAL_TIMEOUTS = 8;
const USUAL_RETRIES = 6;
const USUAL_TTLS = 4;

/** What a tuning takes at most, as far as it is known before; runs that the machine spoils are made again on top of it. */
export function estimateEffort(plan: TuningPlan): TuningEffort {
  const { base, network, rounds, nodeTimeoutsMs, retryJittersMs, ttlsMs } = plan;
  const long = (nodeTimeoutsMs?.length ?? USUAL_TIMEOUTS) * rounds + rounds;
  const hasHold = base.hold.meanMs > 0;
  const retries = retryJittersMs === undefined ? USUAL_RETRIES : retryJittersMs.length + 1;
  const short = (retries + 1 + (hasHold ? (ttlsMs?.length ?? USUAL_TTLS) : 0)) * rounds;
  const pilots = network.roundTrips.length === 0 ? 1 : 0;
  const pilotMs = pilots * (base.warmupMs + PILOT_MS);
  const loadMs = pilotMs + long * (base.warmupMs + base.durationMs) + short * (base.warmupMs + shortDurationMs(base));
  return { runs: pilots + long + short, loadMs };
}

/** How long the first look at masters lasts whose round trips nobody stated. */
export const PILOT_MS = 3_000;

/** The holds of this plan in words: `5ms`, or `exponential, 5ms on average`. */
export function sayHold({ hold: { kind, meanMs } }: Scenario): string {
  return kind === 'constant' ? formatDurationMs(meanMs) : `exponential, ${formatDurationMs(meanMs)} on average`;
}

/** Half the way from the median to the 99th percentile, as the half-width of a jitter. */
export function jitterMs(p50Ns: Ns, p99Ns: Ns): number {
  return Math.max(0, nsToMs(p99Ns - p50Ns) / 2);
}
