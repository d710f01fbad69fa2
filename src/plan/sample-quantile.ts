/**
 * Quantiles of a handful of values, such as the runs of an arm; those of recorded times come from their histograms.
 *
 * @module
 */

/** The value at this share of the sorted ones; NaN of none. */
export function sampleQuantile(values: readonly number[], share: number): number {
  return values.toSorted((a, b) => a - b)[Math.round(share * (values.length - 1))] ?? NaN;
}
