/**
 * Two independent samples: the Mann-Whitney rank sum test, and the shift of Hodges and Lehmann that belongs to it.
 *
 * For results that were not interleaved, so that nothing pairs them. Every value must be finite, else a RangeError.
 * Equal means to the last bit.
 *
 * @module
 */
import { approximatePValue, doubledMidRanks, normalTail, requireFinite, sum } from './ranks.js';
import { shiftEstimate, type ShiftEstimate } from './shift-estimate.js';

/** The answer of the two-sided test that both samples come from one distribution. */
export interface RankSumTest {
  /**
   * U of the first sample: the pairs in which its value is the larger one, equal pairs counted half. Half of all pairs
   * is expected, less when the second sample tends upwards. (The W of R's `wilcox.test`.)
   */
  readonly statistic: number;
  /** NaN when a sample is empty; 1 when all values are equal. */
  readonly pValue: number;
}

/** The most pairs (m·n) for which ways to draw a sample are counted: 50 against 50 takes less than a tenth of a second. */
const MOST_COUNTED = 2_500;

/**
 * Tests whether two independent samples come from one distribution, two-sided.
 *
 *   U = W − m(m+1)/2;   p = 2 · min(P(W ≤ w), P(W ≥ w)), at most 1
 *
 * Legend: W is the sum of the ranks of the m values of `a` among all N = m + n values, the mean of their places where
 * several are equal (mid-ranks); w is the W that was observed. Without an effect every choice of m of the N ranks is
 * equally likely, so P counts the choices from these very ranks: exact with ties too (P is skewed then, and the smaller
 * tail is doubled). With more than 2,500 pairs W is taken as normal with mean m · r̄ and variance
 * m · n · Σ (rᵢ − r̄)² / (N · (N − 1)), which holds the correction for ties, and half a rank is taken off its distance
 * from the mean (the correction for continuity). Zeros mean nothing special here.
 *
 * Sources: H. B. Mann and D. R. Whitney, "On a test of whether one of two random variables is stochastically larger than
 * the other", Annals of Mathematical Statistics 18(1), 1947; E. L. Lehmann, "Nonparametrics", 1975, chapter 1.
 */
export function rankSumTest(a: readonly number[], b: readonly number[]): RankSumTest {
  requireFinite(a);
  requireFinite(b);
  const doubledRanks = doubledMidRanks([...a, ...b]);
  const ofA = sum(doubledRanks.slice(0, a.length));
  const statistic = ofA / 2 - (a.length * (a.length + 1)) / 2;
  if (a.length === 0 || b.length === 0) return { statistic, pValue: NaN };
  if (a.length * b.length > MOST_COUNTED) return { statistic, pValue: approximate(doubledRanks, a.length, ofA) };
  // Both samples tell the same; the ways to draw the smaller one are counted faster.
  const smaller = Math.min(a.length, b.length);
  const observed = smaller === a.length ? ofA : sum(doubledRanks) - ofA;
  const ways = waysToDraw(doubledRanks, smaller);
  const tail = Math.min(sum(ways.subarray(0, observed + 1)), sum(ways.subarray(observed)));
  return { statistic, pValue: Math.min(1, (2 * tail) / sum(ways)) };
}

/**
 * Estimates by how much `b` lies above `a`: the median of all differences, with its interval.
 *
 *   differences bⱼ − aᵢ, sorted: D₁ … D_M, M = m·n;   interval [D_c, D_{M+1−c}]
 *   c = the largest with 1 − 2 · P(U ≤ c − 1) ≥ confidence
 *
 * Legend: P is the distribution of U of samples without ties: exact up to 2,500 pairs, normal with correction for
 * continuity beyond. 95 % needs four values and four, three and five, or two and eight. Ties can only make the closed interval
 * cover more often than it states. Without values in both samples there is no estimate (NaN) and no limit. Time and
 * memory grow with m·n. Unit: that of the values.
 *
 * Sources: J. L. Hodges and E. L. Lehmann, "Estimates of location based on rank tests", Annals of Mathematical
 * Statistics 34(2), 1963; E. L. Lehmann, "Nonparametrics", 1975, chapter 2.
 *
 * @param confidence the least coverage, between 0 and 1
 */
export function hodgesLehmannShift(a: readonly number[], b: readonly number[], confidence = 0.95): ShiftEstimate {
  requireFinite(a);
  requireFinite(b);
  const differences = a.flatMap((from) => b.map((to) => to - from));
  return shiftEstimate(differences, cumulativeU(a.length, b.length), confidence);
}

function approximate(doubledRanks: readonly number[], size: number, observed: number): number {
  const total = doubledRanks.length;
  const mean = sum(doubledRanks) / total;
  const scatter = sum(doubledRanks.map((rank) => (rank - mean) ** 2));
  const variance = (size * (total - size) * scatter) / (total * (total - 1));
  return approximatePValue(observed - size * mean, Math.sqrt(variance));
}

/** At s: how many ways to draw so many of the ranks give a sum of s. */
function waysToDraw(ranks: readonly number[], size: number): Float64Array {
  const most = sum([...ranks].sort((one, other) => other - one).slice(0, size));
  const width = most + 1;
  // One row for each number of ranks drawn.
  const ways = new Float64Array((size + 1) * width);
  ways[0] = 1;
  for (const rank of ranks) {
    // The larger draws first, so that no rank is drawn twice.
    for (let drawn = size; drawn >= 1; drawn--) {
      const row = drawn * width;
      for (let s = most; s >= rank; s--) ways[row + s] = (ways[row + s] ?? 0) + (ways[row - width + s - rank] ?? 0);
    }
  }
  return ways.subarray(size * width);
}

/** P(U ≤ k) of samples of these sizes without ties. */
function cumulativeU(m: number, n: number): (k: number) => number {
  if (m * n > MOST_COUNTED) {
    const mean = (m * n) / 2;
    const deviation = Math.sqrt((m * n * (m + n + 1)) / 12);
    return (k) => normalTail((mean - k - 0.5) / deviation);
  }
  const smaller = Math.min(m, n);
  const ways = waysToDraw(
    Array.from({ length: m + n }, (_, index) => index + 1),
    smaller,
  );
  const all = sum(ways);
  const least = (smaller * (smaller + 1)) / 2;
  return (k) => sum(ways.subarray(0, least + k + 1)) / all;
}
