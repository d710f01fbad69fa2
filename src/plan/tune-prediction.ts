/**
 * What order statistics of the masters' round trips let expect of a per-node timeout.
 *
 * @module
 */
import { quorumOf } from '../model/quorum.js';
import type { Prediction } from '../model/tuning.js';
import { msToNs, nsToUs, type Ns } from '../model/time.js';
import type { Spectrum } from './tune-evidence.js';
import { firstInstantNs, quorumShareOf } from './unequal-quorum.js';

/** The masters as they were measured, and how often one of them is out of reach. */
export interface MeasuredMasters {
  /** Round trips in microseconds while a master is in reach. */
  readonly roundTrips: readonly Spectrum[];
  /** Each of them is out of reach for this share of the time, one at a time. */
  readonly failingShare: number;
}

/**
 * Success and response of single attempts with this per-node timeout, of a lock that asks all masters at once and settles at
 * the quorum.
 *
 *   G(t) = (1 − N f) · P(all, t) + Σ f · P(without i, t);  success = G(T), and the q-quantile t of the granted is G(t) = q · G(T)
 *
 * Legend: P(S, t) is the probability that a quorum of the N masters has answered by t when those in S are in reach
 * (Poisson-binomial), f the share of time that each is out of reach, T the timeout: an answer after it does not count.
 * The masters answer independently; real ones share a client, so that measured tails lie above these.
 *
 * Source: order statistics as in `unequal-quorum`, with distributions truncated at the timeout.
 */
export function predictTimeout({ roundTrips, failingShare }: MeasuredMasters, nodeTimeoutMs: number): Prediction {
  const quorum = quorumOf(roundTrips.length);
  const timeoutNs = msToNs(nodeTimeoutMs);
  const shareBy = (timeNs: Ns): number => {
    const shares = roundTrips.map((spectrum) => spectrum.shareBy(nsToUs(timeNs)));
    const usual = 1 - failingShare * shares.length;
    return shares.reduce(
      (sum, _, out) => sum + failingShare * quorumShareOf(shares.with(out, 0), quorum),
      usual * quorumShareOf(shares, quorum),
    );
  };
  const reached = shareBy(timeoutNs);
  const quantileNs = (share: number): Ns | null =>
    reached === 0 ? null : (firstInstantNs(shareBy, share * reached, timeoutNs) ?? timeoutNs);
  return { success: Math.min(1, reached), p50Ns: quantileNs(0.5), p99Ns: quantileNs(0.99) };
}
