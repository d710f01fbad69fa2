/**
 * How long a lock may be believed. Pure.
 *
 * @module
 */
import { msToNs, type Ns } from '../model/time.js';

/** Covers the resolution of the servers' expiry, which is a millisecond, and may be one early. */
const EXPIRY_RESOLUTION_MS = 2;

/** What is taken off a ttl for clocks that run at different rates: ttl × drift factor + 2 ms. */
export function driftAllowanceMs(ttlMs: number, driftFactor: number): number {
  return ttlMs * driftFactor + EXPIRY_RESOLUTION_MS;
}

/**
 * The end of a lock's validity, on the clock that `startNs` was read from.
 *
 * @param startNs read before the first write of the attempt or extension; later would promise more than the masters
 */
export function validUntil(startNs: Ns, ttlMs: number, driftFactor: number): Ns {
  return startNs + msToNs(ttlMs - driftAllowanceMs(ttlMs, driftFactor));
}
