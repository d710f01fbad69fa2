/**
 * How long a contender waits before its next attempt.
 *
 * @module
 */
import type { Random } from '../model/random.js';

/** A fixed part, and the largest random part. */
export interface Backoff {
  readonly retryDelayMs: number;
  readonly retryJitterMs: number;
}

/** The share of the jitter that the first retry may draw; each further one may draw twice as much. */
const FIRST_SHARE = 1 / 8;

/**
 * Draws the wait before retry `retry` (from 0), in milliseconds: the delay plus a uniform part of the jitter, which
 * ramps up over the first four retries, so that a short hold is found out soon while a crowd still spreads.
 *
 * "Full jitter" of M. Brooker, "Exponential Backoff And Jitter" (AWS Architecture Blog, 2015): the whole range is
 * random and only its end grows. A fixed wait would let contenders who split the vote meet again in step.
 */
export function drawBackoffMs(backoff: Backoff, retry: number, random: Random): number {
  const share = Math.min(1, FIRST_SHARE * 2 ** retry);
  return backoff.retryDelayMs + random.next() * backoff.retryJitterMs * share;
}
