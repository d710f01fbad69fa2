/**
 * Waiting that has an end.
 *
 * @module
 */
import { setTimeout as sleep } from 'node:timers/promises';

/** Waits for a promise, however it ends, and `limitMs` at the most; no timer stays behind. */
export async function within(limitMs: number, promise: Promise<unknown>): Promise<void> {
  const limit = new AbortController();
  const tooLong = sleep(limitMs, undefined, { signal: limit.signal }).catch(() => undefined);
  await Promise.race([promise.catch(() => undefined), tooLong]);
  limit.abort();
}
