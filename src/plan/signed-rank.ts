/**
 * Paired differences: the Wilcoxon signed rank test, and the shift of Hodges and Lehmann that belongs to it.
 *
 * Every value must be finite, else a RangeError. Equal means to the last bit: round first where noise would break ties.
 *
 * @module
 */
import { approximatePValue, doubledMidRanks, normalTail, requireFinite, sum } from './ranks.js';
import { shiftEstimate, type ShiftEstimate } from './shift-estimate.js';

/** The answer of the two-sided test that the differences lie symmetrically around zero. */
export interface SignedRankTest {
  /** How many differences were ranked: those that are not zero. */
  readonly n: number;
  /** V, the sum of the ranks of the positive differences: n(n+1)/4 is expected, more when the differences tend upwards. */
  readonly statistic: number;
  /** NaN when there was nothing to test; 1 when all differences are zero. */
  readonly pValue: number;
}

/** The most differences whose sign patterns are counted: all 2^50 still fit a double. */
const MOST_COUNTED = 50;

/**
 * Tests whether paired differences lie symmetrically around zero, two-sided.
 *
 *   V = Σ rᵢ over dᵢ > 0;   p = 2 · P(V ≤ min(v, R − v)), at most 1
 *
 * Legend: rᵢ is the rank of |dᵢ| among the n differences that are not zero, the mean of their places where several are
 * equal (mid-ranks); R = Σ rᵢ; v is the V that was observed. Without an effect each sign is a fair coin, so P counts
 * the 2ⁿ sign patterns by the V that they give to these very ranks: exact with ties too. With more than 50 differences
 * V is taken as normal with mean R/2 and variance Σ rᵢ² / 4 (which holds the correction for ties), and half a rank is
 * taken off its distance from the mean (the correction for continuity).
 *
 * Zeros are dropped before ranking, as Wilcoxon did: they speak for neither side.
 *
 * Sources: F. Wilcoxon, "Individual comparisons by ranking methods", Biometrics Bulletin 1(6), 1945;
 * E. L. Lehmann, "Nonparametrics", 1975, chapter 3.
 */
export function signedRankTest(differences: readonly number[]): SignedRankTest {
  requireFinite(differences);
  const moved = differences.filter((difference) => difference !== 0);
  const doubledRanks = doubledMidRanks(moved.map((difference) => Math.abs(difference)));
  const positive = sum(doubledRanks.filter((_, index) => (moved[index] ?? 0) > 0));
  const pValue = differences.length === 0 ? NaN : signedPValue(doubledRanks, positive);
  return { n: moved.length, statistic: positive / 2, pValue };
}

/**
 * Estimates the shift of paired differences: the median of their Walsh averages, with its interval.
 *
 *   averages (dᵢ + dⱼ) / 2, i ≤ j, sorted: W₁ … W_M, M = n(n+1)/2;   interval [W_c, W_{M+1−c}]
 *   c = the largest with 1 − 2 · P(V ≤ c − 1) ≥ confidence
 *
 * Legend: P is the distribution of the signed rank statistic V of n differences without ties or zeros: exact up to 50
 * differences, normal with correction for continuity beyond. 95 % needs six differences, 99 % needs eight. Zeros and
 * equal differences stay in: they can only make the closed interval cover more often than it states, while the test
 * drops zeros, so the two may disagree about data with zeros. Time and memory grow with n².
 *
 * Sources: J. L. Hodges and E. L. Lehmann, "Estimates of location based on rank tests", Annals of Mathematical
 * Statistics 34(2), 1963; J. W. Tukey's interval as in E. L. Lehmann, "Nonparametrics", 1975, chapter 4.
 *
 * @param confidence the least coverage, between 0 and 1
 */
export function hodgesLehmann(differences: readonly number[], confidence = 0.95): ShiftEstimate {
  requireFinite(differences);
  const averages = differences.flatMap((one, index) => differences.slice(index).map((other) => (one + other) / 2));
  return shiftEstimate(averages, cumulativeSignedRank(differences.length), confidence);
}

function signedPValue(doubledRanks: readonly number[], positive: number): number {
  const all = sum(doubledRanks);
  if (doubledRanks.length > MOST_COUNTED) {
    const deviation = Math.sqrt(sum(doubledRanks.map((rank) => rank ** 2))) / 2;
    return approximatePValue(positive - all / 2, deviation);
  }
  const tail = signPatterns(doubledRanks).subarray(0, Math.min(positive, all - positive) + 1);
  return Math.min(1, (2 * sum(tail)) / 2 ** doubledRanks.length);
}

/** At s: how many of the 2ⁿ ways to choose ranks give a sum of s. */
function signPatterns(ranks: readonly number[]): Float64Array {
  const counts = new Float64Array(sum(ranks) + 1);
  counts[0] = 1;
  for (const rank of ranks) {
    // Downwards, so that no rank is chosen twice.
    for (let s = counts.length - 1; s >= rank; s--) counts[s] = (counts[s] ?? 0) + (counts[s - rank] ?? 0);
  }
  return counts;
}

/** P(V ≤ k) of n differences without ties. */
function cumulativeSignedRank(n: number): (k: number) => number {
  if (n > MOST_COUNTED) {
    const mean = (n * (n + 1)) / 4;
    const deviation = Math.sqrt((n * (n + 1) * (2 * n + 1)) / 24);
    return (k) => normalTail((mean - k - 0.5) / deviation);
  }
  const counts = signPatterns(Array.from({ length: n }, (_, index) => index + 1));
  return (k) => sum(counts.subarray(0, k + 1)) / 2 ** n;
}
