/**
 * Intervals from resampling: what an estimate would have been on data that might as well have been measured.
 *
 * @module
 */

/** The ends of an interval. */
export interface Interval {
  readonly low: number;
  readonly high: number;
}

/**
 * The percentile interval: between the quantiles of an estimate over resamples.
 *
 * It carries over to whatever grows with the estimate, and stays within the bounds that the estimate keeps; it is as
 * good as the resampling. Infinite estimates count as larger than all others. NaN at both ends without resamples.
 *
 * Source: B. Efron and R. J. Tibshirani, "An Introduction to the Bootstrap", 1993, chapter 13.
 *
 * @param resampled the estimate on every resample; 1,000 or more for 95 %
 * @param confidence between 0 and 1
 */
export function bootstrapInterval(resampled: readonly number[], confidence = 0.95): Interval {
  if (!(confidence > 0 && confidence < 1)) {
    throw new RangeError(`confidence: expected a share between 0 and 1 such as 0.95, got ${String(confidence)}`);
  }
  const sorted = Float64Array.from(resampled).sort();
  // The k-th of B values stands for the quantile k / (B + 1).
  const depth = Math.max(1, Math.round(((sorted.length + 1) * (1 - confidence)) / 2));
  return { low: sorted[depth - 1] ?? NaN, high: sorted[sorted.length - depth] ?? NaN };
}
