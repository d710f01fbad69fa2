/**
 * Whether values that follow one another drift: the Mann-Kendall test, and the slope of Theil and Sen that belongs to it.
 *
 * @module
 */
import { normalTail, requireFinite, sum } from './ranks.js';
import { medianOfSorted } from './shift-estimate.js';

/** A drift, and how likely so clear a one is by chance. */
export interface Trend {
  /** What the values rise by from one to the next, in their unit; NaN with fewer than two. */
  readonly slope: number;
  /** Two-sided; NaN with fewer than two values, 1 when all are equal. */
  readonly pValue: number;
}

/** The most values whose orders are counted; from here on the normal distribution differs by less than 0.001. */
const MOST_COUNTED = 60;

/**
 * The drift of values, in the order in which they were taken.
 *
 *   slope = median of (xⱼ − xᵢ) / (j − i), i < j;   S = Σ sign(xⱼ − xᵢ), i < j;   p = P(|S| ≥ |s|)
 *
 * Legend: s is the S that was observed. Without a trend every order is equally likely, so up to 60 values without ties P
 * counts the orders by their inversions: exact. Beyond, and with ties, S is taken as normal with mean 0 and variance
 * (n(n−1)(2n+5) − Σ t(t−1)(2t+5)) / 18, t being the sizes of the groups of equal values, and 1 is taken off |s| (the
 * correction for continuity). Values that depend on their predecessors make p too small. One wild value moves neither
 * by much. Time and memory grow with n².
 *
 * Sources: H. B. Mann, "Nonparametric tests against trend", Econometrica 13(3), 1945; M. G. Kendall, "Rank Correlation
 * Methods", 4th edition, 1975; P. K. Sen, "Estimates of the regression coefficient based on Kendall's tau", Journal of
 * the American Statistical Association 63, 1968.
 *
 * @param places where each was taken, rising, in steps; equal distances of one step when left out
 * @throws RangeError for a value that is not finite
 */
export function trendOf(values: readonly number[], places: readonly number[] = [...values.keys()]): Trend {
  requireFinite(values);
  if (values.length < 2) return { slope: NaN, pValue: NaN };
  const slopes: number[] = [];
  let statistic = 0;
  for (const [later, value] of values.entries()) {
    for (const [earlier, before] of values.slice(0, later).entries()) {
      slopes.push((value - before) / ((places[later] ?? NaN) - (places[earlier] ?? NaN)));
      statistic += Math.sign(value - before);
    }
  }
  return { slope: medianOfSorted(Float64Array.from(slopes).sort()), pValue: trendPValue(values, Math.abs(statistic)) };
}

function trendPValue(values: readonly number[], distance: number): number {
  const n = values.length;
  const groups = [...new Set(values)].map((value) => values.filter((other) => other === value).length);
  if (groups.length === n && n <= MOST_COUNTED) return exactPValue(n, distance);
  const weight = (size: number): number => size * (size - 1) * (2 * size + 5);
  const deviation = Math.sqrt((weight(n) - sum(groups.map(weight))) / 18);
  return distance <= 1 ? 1 : 2 * normalTail((distance - 1) / deviation);
}

/** P(|S| ≥ distance), distance ≥ 0, over all orders of n different values: S is n(n−1)/2 less twice the inversions. */
function exactPValue(n: number, distance: number): number {
  const pairs = (n * (n - 1)) / 2;
  const shares = inversionShares(n);
  return Math.min(1, 2 * sum(shares.subarray(0, Math.floor((pairs - distance) / 2) + 1)));
}

/** At k: the share of the orders of n different values that have k inversions (Mahonian numbers over n!). */
function inversionShares(n: number): Float64Array {
  let shares = Float64Array.of(1);
  for (let size = 2; size <= n; size++) {
    const next = new Float64Array(shares.length + size - 1);
    // The value that joins stands before 0 to size − 1 of the others, each as likely.
    for (const [inversions, share] of shares.entries()) {
      for (let added = 0; added < size; added++) {
        next[inversions + added] = (next[inversions + added] ?? 0) + share / size;
      }
    }
    shares = next;
  }
  return shares;
}
