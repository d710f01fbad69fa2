/**
 * A row of the list of locks: what it is, what it can do, and what keeps it from being measured here.
 *
 * @module
 */
import type { MeasuredLock } from './measured-lock.js';

/** In the order in which they are listed. */
export const LOCK_KINDS = ['own', 'algorithm', 'npm', 'driver'] as const;

/** Our client; a way of locking, written here; a library from npm; a lock in a process of another language. */
export type LockKind = (typeof LOCK_KINDS)[number];

export interface LockListing extends MeasuredLock {
  readonly kind: LockKind;
  /** How it locks, one sentence. */
  readonly description: string;
  /** The largest number of masters; 1 for a lock on one server. */
  readonly maxMasters: number;
  readonly canExtend: boolean;
  /** The command that installs what is missing here; null when nothing is. */
  readonly install: string | null;
  /** What must come before it can be measured; null when it can, once it is installed. */
  readonly waitsFor: string | null;
}
