/**
 * The rates that a search may try: a geometric grid, written so that people can read them.
 *
 * @module
 */

export interface GridSettings {
  readonly fromPerSecond: number;
  readonly upToPerSecond: number;
  /** Two neighbours differ by at most this share. */
  readonly precision: number;
}

/** Rates by their place: 0 is where the search begins, negative places lie below. */
export interface RateGrid {
  rateAt(place: number): number;
  /** So many places double the rate. */
  readonly perDoubling: number;
  readonly lowest: number;
  readonly highest: number;
}

/** Below one operation a second nothing can be learnt in a time that anybody waits. */
const LEAST_PER_SECOND = 1;
/** Of the precision, what the places may use; the rest is for rounding them. */
const SHARE_OF_STEP = 0.7;
/** A rate is rounded to a power of ten that is at most this share of its step. */
const SHARE_OF_ROUNDING = 0.2;

/** Lays the grid. Every doubling of the first rate is on it, and the highest rate is its end. */
export function layGrid({ fromPerSecond, upToPerSecond, precision }: GridSettings): RateGrid {
  const perDoubling = Math.ceil(Math.LN2 / Math.log1p(SHARE_OF_STEP * precision));
  const rateAt = (place: number): number => {
    const exact = fromPerSecond * 2 ** (place / perDoubling);
    return Math.min(place === 0 ? exact : roundTo(exact, exact * precision * SHARE_OF_ROUNDING), upToPerSecond);
  };
  const span = (rate: number): number => Math.floor(perDoubling * Math.log2(rate / fromPerSecond));
  let highest = Math.max(0, span(upToPerSecond));
  while (rateAt(highest) < upToPerSecond) highest++;
  while (highest > 0 && rateAt(highest - 1) >= upToPerSecond) highest--;
  let lowest = Math.min(0, span(LEAST_PER_SECOND) + 1);
  while (lowest < 0 && rateAt(lowest) < LEAST_PER_SECOND) lowest++;
  return { rateAt, perDoubling, lowest, highest };
}

/** Rounds to the largest power of ten that is not above the given unit. */
function roundTo(value: number, unit: number): number {
  const exponent = Math.floor(Math.log10(unit));
  // Dividing by a whole power keeps 0.1 from becoming 0.30000000000000004.
  if (exponent < 0) return Math.round(value * 10 ** -exponent) / 10 ** -exponent;
  return Math.round(value / 10 ** exponent) * 10 ** exponent;
}
