/**
 * Whether a run at one rate met the SLO, missed it, or says nothing of the masters.
 *
 * @module
 */
import type { CapacityStep, KeyCeiling, StepCause, StepVerdict } from '../model/capacity.js';
import { roughPercent } from '../model/figure-text.js';
import type { RunResult, SeriesPoint, ThresholdResult } from '../model/result.js';
import { formatNs, msToNs, msToS } from '../model/time.js';
import { describeCrowd, masterCoresOf } from './capacity-cpu.js';
import { sampleQuantile } from './sample-quantile.js';
import { trendOf } from './trend.js';

export interface JudgedStep {
  readonly verdict: StepVerdict;
  /** Of an invalid step; null otherwise. */
  readonly cause: StepCause | null;
  /** One sentence each; empty when it met the SLO. */
  readonly reasons: readonly string[];
  readonly drift: CapacityStep['drift'];
}

/** Operations that were still waiting when the run had ended may be this share of all. */
const MOST_UNFINISHED = 0.01;
/** A worker that is busier than this delays what it measures. */
export const BUSY_WORKER = 0.9;
/** Workers below this had time to spare: more of them would not help. */
const IDLE_WORKERS = 0.5;
/** The most wanted key at this share of its ceiling. */
export const BUSY_KEY = 0.85;
/** A master that uses more than this of a core, which is all that it can use, is at its limit. */
export const BUSY_MASTER = 0.9;

/** A trend must be this unlikely by chance, and matter: by a share of the median, and by a time. */
const SIGNIFICANCE = 0.05;
const NOTABLE_DRIFT_SHARE = 0.25;
const NOTABLE_DRIFT_NS = msToNs(0.2);
/** A shorter interval at the end of a run is no second. */
const LEAST_INTERVAL_MS = 500;
/** Of fewer seconds every order is too likely to be a trend: 2 / 4! > 0.05. */
export const LEAST_SECONDS_OF_TREND = 5;

/**
 * Judges a complete run.
 *
 * @param isLast whether it will not be run again for longer: a step that still rises has missed then, and one that still
 *   falls is taken as it is
 * @param ceiling of the most wanted key, as far as it is known from steps before; null where nobody shares a key
 */
export function judgeStep(result: RunResult, isLast: boolean, ceiling: KeyCeiling | null = null): JudgedStep {
  const { health } = result;
  const drift = driftOf(result.series);
  const crowd = describeCrowd(result);
  if (health.verdict === 'invalid') {
    const others = health.reasons.filter((reason) => !reason.startsWith('other processes'));
    const reasons = crowd === undefined ? health.reasons : [crowd, ...others];
    return { verdict: 'invalid', cause: causeOf(result, crowd), reasons, drift };
  }
  const misses = findMisses(result);
  const direction = directionOf(drift, result.series);
  // Longer would only be worse.
  const isUnsettled = direction !== 0 && !(direction > 0 && misses.length > 0);
  if (isUnsettled && !isLast) {
    return { verdict: 'unsettled', cause: null, reasons: [describeDrift(drift, direction)], drift };
  }
  if (direction > 0) misses.push(describeDrift(drift, direction));
  if (misses.length === 0) return { verdict: 'met', cause: null, reasons: [], drift };
  if (crowd !== undefined) {
    const reason = `${crowd}: what was missed may have been missed by them`;
    return { verdict: 'invalid', cause: 'others', reasons: [reason, ...misses], drift };
  }
  if (hasNoData(result, misses)) return { verdict: 'invalid', cause: 'no-data', reasons: misses, drift };
  const { isToBlame, reason } = examineGenerator(result, ceiling);
  if (isToBlame) return { verdict: 'invalid', cause: 'generator', reasons: [reason, ...misses], drift };
  return { verdict: 'missed', cause: null, reasons: reason === '' ? misses : [...misses, reason], drift };
}

/** Who made the starts late. */
function causeOf({ health }: RunResult, crowd: string | undefined): StepCause {
  if (crowd !== undefined) return 'others';
  return health.eventLoopUtilization < IDLE_WORKERS ? 'held-up' : 'generator';
}

/**
 * Whether all that failed are rules with nothing to measure. What was never acquired did not meet a latency, so it counts
 * only where something was.
 */
function hasNoData({ acquire, thresholds }: RunResult, misses: readonly string[]): boolean {
  const failed = thresholds.filter(({ passed }) => !passed);
  return acquire.counts.acquired > 0 && misses.length === failed.length && failed.every(({ value }) => value === null);
}

function findMisses({ acquire: { counts }, thresholds }: RunResult): string[] {
  const intended = Object.values(counts).reduce((sum, count) => sum + count, 0);
  const unfinishedShare = intended === 0 ? 0 : counts.unfinished / intended;
  return [
    ...thresholds.filter(({ passed }) => !passed).map(describeCrossed),
    ...(counts.dropped > 0
      ? [
          `${String(counts.dropped)} of ${String(intended)} starts were dropped, because as many operations as allowed waited already`,
        ]
      : []),
    ...(unfinishedShare > MOST_UNFINISHED
      ? [`${String(counts.unfinished)} of ${String(intended)} operations still waited when the run had ended`]
      : []),
    ...(intended === 0 ? ['nothing was started: the step is too short for its rate'] : []),
  ];
}

function describeCrossed({ expression, value }: ThresholdResult): string {
  if (value === null) return `${expression}: there was nothing to measure it on`;
  return `${expression}: ${formatThresholdValue(expression, value)}`;
}

/** Writes what was measured in the unit in which the limit was written. */
function formatThresholdValue(expression: string, value: number): string {
  if (/[a-z]\s*$/.test(expression)) return formatNs(value);
  if (/%\s*$/.test(expression)) return `${(100 * value).toFixed(2)} %`;
  return String(Number(value.toPrecision(4)));
}

/**
 * A missed step of which a worker was busy while no master was: the response may have waited in the generator, even where
 * its starts were in time. Operations that queue for a key keep their worker busy, too, and are not the generator's fault.
 */
function examineGenerator(
  result: RunResult,
  ceiling: KeyCeiling | null,
): { readonly isToBlame: boolean; readonly reason: string } {
  const busy = result.health.eventLoopUtilization;
  const masters = masterCoresOf(result);
  const known = masters.filter((cores) => cores !== null);
  const busiest = Math.max(0, ...known);
  const innocent = { isToBlame: false, reason: '' };
  if (busy <= BUSY_WORKER || busiest >= BUSY_MASTER || isKeyBusy(result, ceiling)) return innocent;
  const worker = `a worker of the load generator was busy ${roughPercent(busy)} of the time`;
  if (known.length < masters.length) {
    return {
      isToBlame: false,
      reason: `${worker}, and how busy the masters were is not known: it may be the generator's`,
    };
  }
  const reason = `${worker}, the busiest master ${roughPercent(busiest)} of a core: what was missed was missed by the generator`;
  return { isToBlame: true, reason };
}

function isKeyBusy({ acquire, scenario }: RunResult, ceiling: KeyCeiling | null): boolean {
  if (ceiling === null) return false;
  const wanted = (scenario.ratePerSecond ?? 0) * ceiling.keyShare;
  return acquire.counts.dropped > 0 || wanted >= BUSY_KEY * ceiling.predictedPerSecond;
}

function driftOf(series: readonly SeriesPoint[]): CapacityStep['drift'] {
  const seconds = secondsOf(series);
  if (seconds.length < 3) return null;
  // Seconds in which nothing was acquired have no median, but they passed.
  const { slope, pValue } = trendOf(
    seconds.map(({ responseP50Ns }) => responseP50Ns),
    seconds.map(({ atMs }) => msToS(atMs)),
  );
  return { nsPerSecond: slope, pValue };
}

function secondsOf(series: readonly SeriesPoint[]): readonly SeriesPoint[] {
  return series.filter(({ lengthMs, counts }) => lengthMs >= LEAST_INTERVAL_MS && counts.acquired > 0);
}

/** 1 for a rise that counts, -1 for a fall that counts, 0 for neither. */
function directionOf(drift: CapacityStep['drift'], series: readonly SeriesPoint[]): number {
  if (drift === null || !(drift.pValue < SIGNIFICANCE)) return 0;
  const seconds = secondsOf(series);
  const spanMs = (seconds.at(-1)?.atMs ?? 0) - (seconds[0]?.atMs ?? 0);
  const changeNs = Math.abs(drift.nsPerSecond * msToS(spanMs));
  const medianNs = sampleQuantile(
    seconds.map(({ responseP50Ns }) => responseP50Ns),
    0.5,
  );
  const isNotable = changeNs >= NOTABLE_DRIFT_NS && changeNs >= NOTABLE_DRIFT_SHARE * medianNs;
  return isNotable ? Math.sign(drift.nsPerSecond) : 0;
}

function describeDrift(drift: CapacityStep['drift'], direction: number): string {
  const rate = formatNs(Math.abs(drift?.nsPerSecond ?? 0));
  return direction > 0 ? `waits grow by ${rate} each second` : `waits still shrink by ${rate} each second`;
}
