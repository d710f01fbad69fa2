/**
 * What a run measured: which lock, in which version, and what is known to be wrong with it.
 *
 * @module
 */

export interface MeasuredLock {
  readonly name: string;
  /** Of the library that locks, with its product where the name does not say it: `4.2.0`, `redlock-bench 0.1.0`. */
  readonly version: string | null;
  /** Something is known to be wrong with its mutual exclusion or its clean-up. */
  readonly isUnsafe: boolean;
  /** What that is, one sentence. */
  readonly flaw: string | null;
}

/** What a lock says of itself, as it is written down. */
export function measuredLock(lock: {
  readonly name: string;
  readonly version?: string | undefined;
  readonly flaw?: string | undefined;
}): MeasuredLock {
  const { name, version, flaw } = lock;
  return { name, version: version ?? null, isUnsafe: flaw !== undefined, flaw: flaw ?? null };
}

/** Names a lock with its version: `redis-semaphore 5.8.0`, `redlock (redlock-bench 0.1.0)`. */
export function nameLock({ name, version }: Pick<MeasuredLock, 'name' | 'version'>): string {
  if (version === null) return name;
  return /^\d/.test(version) ? `${name} ${version}` : `${name} (${version})`;
}
