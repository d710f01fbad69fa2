/**
 * The ttl in the unit that a command takes: Redis counts in whole ones.
 *
 * @module
 */
import { msToS } from '../model/time.js';

/** Whole milliseconds, rounded down: the lock then lives no longer than was asked for. */
export const wholeMs = (ttlMs: number): number => Math.floor(ttlMs);

/** Whole seconds, rounded up: rounded down, a ttl below a second would be none. */
export const wholeSeconds = (ttlMs: number): number => Math.ceil(msToS(ttlMs));
