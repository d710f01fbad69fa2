/**
 * Holds and a checker for the tests of the interval checker.
 *
 * @module
 */
import type { Hold } from './hold.js';
import { IntervalChecker, type IntervalOptions } from './intervals.js';

export const KEYS = 3;

/** A hold of key 0, from its grant to its release; its promise lasts until its release unless told otherwise. */
export function held(grantedNs: number, releaseInvokedNs: number, rest: Partial<Hold> = {}): Hold {
  return { keyIndex: 0, holder: 0, grantedNs, releaseInvokedNs, validUntilNs: Infinity, ...rest };
}

export function checker(options: Partial<IntervalOptions> = {}): IntervalChecker {
  return new IntervalChecker({
    sources: 1,
    keys: KEYS,
    describeHolder: (holder) => `client ${String(holder)}`,
    mostWaiting: 1_000,
    mostKept: 1_000,
    ...options,
  });
}

/** A report of nothing; what was found is spread over it. */
export const nothing = { held: 0, contractCount: 0, overruns: 0, grantedExpired: 0, unchecked: 0, contract: [] };
