/**
 * Order statistics of nodes that are not alike: how likely, and how soon, a quorum of them has answered.
 *
 * The nodes answer independently and all are asked at once.
 *
 * @module
 */
import type { Ns } from '../model/time.js';

/**
 * The probability that at least `quorum` of independent nodes have answered, each with its own probability.
 *
 *   P(i, k) = Fᵢ · P(i−1, k−1) + (1 − Fᵢ) · P(i−1, k)
 *
 * Legend: P(i, k) is the probability of at least k answers among the first i nodes, Fᵢ the share of the i-th; P(i, 0) = 1
 * and P(0, k > 0) = 0. The tail of the Poisson-binomial distribution, one node after the other: sums of positive terms,
 * so 13 digits hold for thousands of nodes.
 *
 * Source: Y. H. Wang, "On the number of successes in independent trials", Statistica Sinica 3, 1993; the recurrence of
 * R. E. Barlow and K. D. Heidtmann, "Computing k-out-of-n system reliability", IEEE Transactions on Reliability 33(4),
 * 1984.
 *
 * @param shares of each node, 0 to 1: answered by some instant, or up at all
 * @throws RangeError for a share that is no probability, or unless `quorum` is a whole number from 1 to the nodes
 */
export function quorumShareOf(shares: readonly number[], quorum: number): number {
  requireQuorum(shares.length, quorum);
  for (const share of shares) requireShare(share);
  const atLeast = new Float64Array(quorum + 1);
  atLeast[0] = 1;
  for (const [before, share] of shares.entries()) {
    // Downwards: each step reads what held for one node less.
    for (let k = Math.min(quorum, before + 1); k >= 1; k--) {
      atLeast[k] = share * (atLeast[k - 1] ?? 0) + (1 - share) * (atLeast[k] ?? 0);
    }
  }
  return Math.min(1, atLeast[quorum] ?? 0);
}

/**
 * The first instant at which a distribution function has come to a share, to the nanosecond.
 *
 * @param shareBy never falling; one that stays below 1 belongs to something that sometimes never comes
 * @param limitNs when waiting ends, such as at the per-node timeout
 * @returns undefined when it has not come so far by `limitNs`
 */
export function firstInstantNs(shareBy: (timeNs: Ns) => number, share: number, limitNs: Ns): Ns | undefined {
  const reaches = (timeNs: Ns): boolean => shareBy(timeNs) >= share;
  if (!reaches(limitNs)) return undefined;
  if (reaches(0)) return 0;
  // Holds throughout: not reached at `low`, reached at `high`.
  let low: Ns = 0;
  let high: Ns = limitNs;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (middle <= low) break;
    if (reaches(middle)) high = middle;
    else low = middle;
  }
  return high;
}

/** Refuses what is no probability. */
export function requireShare(share: number): void {
  if (!(share >= 0 && share <= 1)) throw new RangeError(`expected a share from 0 to 1, got ${String(share)}`);
}

/** Refuses a quorum that so many nodes cannot give. */
export function requireQuorum(n: number, quorum: number): void {
  if (Number.isInteger(n) && Number.isInteger(quorum) && quorum >= 1 && quorum <= n) return;
  throw new RangeError(`expected a quorum from 1 to the number of nodes, got ${String(quorum)} of ${String(n)}`);
}
