/**
 * What a quorum makes of the round trips of its nodes: it is as fast as its quorum-th fastest node.
 *
 * The nodes answer independently, all are asked at once, and all are alike. Real nodes share a client, a network and
 * often a host, so measured tails lie above these.
 *
 * @module
 */
import { quorumShareOf, requireQuorum, requireShare } from './unequal-quorum.js';

/**
 * The probability that at least `quorum` of `n` nodes have answered, when one node has with probability `share`.
 *
 *   P(n, k) = Σ over j from k to n of C(n, j) · Fʲ · (1 − F)ⁿ⁻ʲ  =  F · P(n−1, k−1) + (1 − F) · P(n−1, k)
 *
 * Legend: F is `share`, k is `quorum`; P(n, k ≤ 0) = 1 and P(0, k > 0) = 0. Computed by the recurrence on the right, one
 * node after the other: sums of positive terms, so 13 digits hold for thousands of nodes, where C(n, j) overflows.
 *
 * Source: H. A. David and H. N. Nagaraja, "Order Statistics", 3rd edition, 2003, section 2.1.
 *
 * @param share F at a point in time, 0 to 1
 * @throws RangeError for a share that is no probability, or unless `quorum` is a whole number from 1 to `n`
 */
export function quorumShare(share: number, n: number, quorum: number): number {
  requireShare(share);
  requireQuorum(n, quorum);
  return quorumShareOf(new Array<number>(n).fill(share), quorum);
}

/**
 * Which quantile of one node's round trip is this quantile of the `quorum`-th fastest of `n`: the inverse of
 * `quorumShare`.
 *
 * The p99 of a majority is the p94.1 of a node of three, and the p89.4 of a node of five; the p99 of waiting for all is
 * the p99.67, and the p99.80. By bisection until two neighbouring doubles are left; within 1e-12 of the true value for
 * quantiles up to 0.9999 and up to nine nodes.
 *
 * @param quantile 0 to 1; both ends are their own answer
 * @throws RangeError as `quorumShare` does
 */
export function nodeQuantile(quantile: number, n: number, quorum: number): number {
  requireShare(quantile);
  requireQuorum(n, quorum);
  if (quantile === 0 || quantile === 1) return quantile;
  // Holds throughout: the quorum's share is below the quantile at `low`, and reaches it at `high`.
  let low = 0;
  let high = 1;
  for (;;) {
    const middle = (low + high) / 2;
    if (middle <= low || middle >= high) return high;
    if (quorumShare(middle, n, quorum) < quantile) low = middle;
    else high = middle;
  }
}
