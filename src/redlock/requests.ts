/**
 * What may be asked of the client: everything else is misuse and is refused before anything is written.
 *
 * @module
 */
import { UsageError } from '../model/errors.js';
import { driftAllowanceMs } from './validity.js';

const LONGEST_TTL_MS = 24 * 3_600_000;

/**
 * Brings resources into the form that commands need.
 *
 * @throws UsageError for none, an empty name, or one named twice
 */
export function requireResources(resources: string | readonly string[]): readonly string[] {
  const list = typeof resources === 'string' ? [resources] : resources;
  const isGood = list.length > 0 && !list.includes('') && (list.length === 1 || new Set(list).size === list.length);
  // A copy: what the caller does with its list later must not move the lock.
  if (isGood) return typeof resources === 'string' ? list : [...list];
  throw new UsageError([
    `resources: expected one or more different names, got ${JSON.stringify(resources)}; name each resource once`,
  ]);
}

/** Refuses a ttl that is no whole number of milliseconds, is over a day, or leaves no validity: UsageError. */
export function requireTtl(ttlMs: number, driftFactor: number): void {
  const allowanceMs = driftAllowanceMs(ttlMs, driftFactor);
  if (Number.isInteger(ttlMs) && ttlMs > allowanceMs && ttlMs <= LONGEST_TTL_MS) return;
  throw new UsageError([
    `ttlMs: expected whole milliseconds, more than the drift allowance and at most ${String(LONGEST_TTL_MS)}, ` +
      `got ${String(ttlMs)} with an allowance of ${String(allowanceMs)}; use 10000`,
  ]);
}
