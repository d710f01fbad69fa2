/**
 * The shift of Hodges and Lehmann: the median of candidate shifts, with the interval that a rank statistic allows.
 *
 * @module
 */

/** A shift with its confidence interval, both in the unit of the values. */
export interface ShiftEstimate {
  /** NaN without values. */
  readonly estimate: number;
  /** −Infinity, and `high` is Infinity, when there are too few values for the confidence that was asked for. */
  readonly low: number;
  readonly high: number;
  /** What the closed interval achieves, never less than was asked for: 1 for the whole line. */
  readonly confidence: number;
}

/**
 * The median of candidate shifts, and the interval between the c-th of them from either end.
 *
 * @param candidates as many as the rank statistic can count; the statistic of the data moved by a shift is the number
 *   of candidates above that shift, which is why its distribution says how deep the interval may cut
 * @param cumulative P(statistic ≤ k) without an effect; symmetric around half the number of candidates
 */
export function shiftEstimate(
  candidates: readonly number[],
  cumulative: (k: number) => number,
  confidence: number,
): ShiftEstimate {
  if (!(confidence > 0 && confidence < 1)) {
    throw new RangeError(`confidence: expected a share between 0 and 1 such as 0.95, got ${String(confidence)}`);
  }
  const sorted = Float64Array.from(candidates).sort();
  const achieved = (depth: number): number => (depth === 0 ? 1 : 1 - 2 * cumulative(depth - 1));
  // Holds throughout: `depth` achieves the confidence, `tooDeep` does not, as half of the probability lies below it.
  let depth = 0;
  let tooDeep = Math.floor(sorted.length / 2) + 1;
  while (tooDeep - depth > 1) {
    const middle = Math.floor((depth + tooDeep) / 2);
    if (achieved(middle) >= confidence) depth = middle;
    else tooDeep = middle;
  }
  return {
    estimate: medianOfSorted(sorted),
    low: sorted[depth - 1] ?? -Infinity,
    high: sorted[sorted.length - depth] ?? Infinity,
    confidence: achieved(depth),
  };
}

/** Of sorted values. */
export function medianOfSorted(sorted: Float64Array): number {
  const half = sorted.length / 2;
  return ((sorted[Math.ceil(half) - 1] ?? NaN) + (sorted[Math.floor(half)] ?? NaN)) / 2;
}
