/**
 * What is known of the locks of this suite, beyond what each states itself: why some are expected to break.
 *
 * @module
 */
import type { LockTraits } from './experiment.js';

interface Known {
  readonly checksElapsed: boolean;
  readonly isOnWallClock: boolean;
}

/** By the name without the profile of its retries. */
const KNOWN: Readonly<Record<string, Known>> = {
  redlock: { checksElapsed: true, isOnWallClock: false },
  'redlock-sequential': { checksElapsed: true, isOnWallClock: false },
  'set-nx-px': { checksElapsed: false, isOnWallClock: false },
  'npm:redlock@4': { checksElapsed: true, isOnWallClock: true },
  'npm:redlock@5': { checksElapsed: false, isOnWallClock: true },
  'npm:@sesamecare-oss/redlock': { checksElapsed: false, isOnWallClock: true },
  'npm:redlock-universal': { checksElapsed: true, isOnWallClock: true },
  'npm:redis-semaphore': { checksElapsed: true, isOnWallClock: false },
  'npm:redis-semaphore/mutex': { checksElapsed: true, isOnWallClock: false },
  'npm:redis-lock': { checksElapsed: false, isOnWallClock: false },
  'npm:ioredis-lock': { checksElapsed: false, isOnWallClock: false },
  'npm:simple-redis-mutex': { checksElapsed: false, isOnWallClock: false },
};

/** What is asked of a lock of which nothing is known: everything. */
const STRICT: Known = { checksElapsed: true, isOnWallClock: false };

/** Retries equalised to ours, so that an experiment need not wait for a library's own. */
export const EQUAL_PROFILE = ':equal';

/** @param renews what it states itself, of the first lock that it grants */
export function traitsOf(lock: string, renews: boolean): LockTraits {
  return { ...(KNOWN[lock.replace(EQUAL_PROFILE, '')] ?? STRICT), renews };
}
