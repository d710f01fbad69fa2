/**
 * How often a quorum can be had: with the masters that a timeout waits for, and with all of them.
 *
 * @module
 */
import { quorumOf } from '../model/quorum.js';
import type { RoundTrip } from '../model/scenario.js';
import type { Availability, TunedNetwork } from '../model/tuning.js';
import { quorumShareOf } from './unequal-quorum.js';

/** What is assumed of a master when nobody said how often it fails. */
const USUAL_UP = 0.99;
/** Of a master that is awaited so many answers come in time; the rest are the hiccups of a machine. */
const AWAITED = 0.99;

/**
 * Weighs what a timeout gives up.
 *
 * @param inTime the share of each master's answers that come within it
 */
export function weighAvailability(
  { failingShare, isFailingStated }: TunedNetwork,
  inTime: readonly number[],
): Availability {
  const perMaster = isFailingStated && failingShare > 0 ? 1 - failingShare : USUAL_UP;
  const quorum = quorumOf(inTime.length);
  const masters = inTime.map((share, place) => ({ isAwaited: share >= AWAITED, master: place + 1 }));
  const pick = (isWanted: boolean): number[] =>
    masters.filter(({ isAwaited }) => isAwaited === isWanted).map(({ master }) => master);
  const upShare = (shares: readonly number[]): number =>
    quorumShareOf(
      shares.map((share) => share * perMaster),
      quorum,
    );
  return {
    perMaster,
    inTime,
    awaited: pick(true),
    leftOut: pick(false),
    // The hiccups of a machine are no outages of the masters that are awaited.
    withAwaited: upShare(inTime.map((share) => (share >= AWAITED ? 1 : share))),
    withAll: upShare(inTime.map(() => 1)),
  };
}

/** The share of answers that come by a timeout when the round trips are as they were stated, jitter spread evenly. */
export function statedShareBy({ roundTripMs, jitterMs }: RoundTrip, timeoutMs: number): number {
  if (jitterMs === 0) return roundTripMs <= timeoutMs ? 1 : 0;
  return Math.min(1, Math.max(0, (timeoutMs - roundTripMs + jitterMs) / (2 * jitterMs)));
}
