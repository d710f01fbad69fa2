/**
 * How long a step must be for the percentiles of its SLO to rest on enough records.
 *
 * @module
 */
import { parseThreshold } from '../check/thresholds.js';
import { nsToMs, sToNs } from '../model/time.js';

/** Records beyond a percentile that make it more than the worst of a few. */
const LEAST_BEYOND = 10;
/** A step is lengthened up to so many times; slower rates are measured on fewer records, and the report says so. */
const MOST_LENGTHENING = 4;

/** The operations that the highest percentile of the SLO needs; 0 when it names none. */
export function leastSamples(slo: readonly string[]): number {
  const shares = slo.flatMap((expression) => {
    const threshold = parseThreshold(expression);
    if ('problem' in threshold) return [];
    const percentile = /^p\((.+)\)$/.exec(threshold.aggregate ?? '')?.[1];
    return percentile === undefined ? [] : [Number(percentile) / 100];
  });
  // Rounded, because 1 − 0.99 is a hair more than a hundredth.
  return shares.length === 0 ? 0 : Math.round(LEAST_BEYOND / (1 - Math.max(...shares)));
}

/** The length of a step at this rate: as asked, or longer where that gives the percentiles of the SLO enough records. */
export function stepDurationMs(durationMs: number, ratePerSecond: number, slo: readonly string[]): number {
  const neededMs = nsToMs(sToNs(Math.ceil(leastSamples(slo) / ratePerSecond)));
  return Math.min(Math.max(durationMs, neededMs), durationMs * MOST_LENGTHENING);
}
