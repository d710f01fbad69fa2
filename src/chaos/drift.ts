/**
 * By how much a clock may be off before a lock may notice.
 *
 * @module
 */

/** Of the textbook's allowance of a hundredth of the ttl and 2 ms: most of it, but for the time that commands take. */
const SHARE = 0.8;

/** A jump within the drift allowance, in whole milliseconds. */
export function driftAllowedMs(ttlMs: number): number {
  return Math.floor((ttlMs / 100) * SHARE);
}
