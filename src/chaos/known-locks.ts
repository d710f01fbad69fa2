/**
 * What is known of the locks of this suite, beyond what each states itself: why some are expected to break.
 *
 * @module
 */
import type { LockTraits } from './experiment.js';
import type { Demeanour } from './probe.js';

type Known = Omit<LockTraits, keyof Demeanour>;

/** What is asked of a lock of which nothing is known: everything but what costs only time. */
const STRICT: Known = {
  checksElapsed: true,
  isOnWallClock: false,
  releasesEverywhere: false,
  waitsForAll: false,
  hangsOnTies: false,
  promisesTooLong: false,
};
const LATE: Known = { ...STRICT, checksElapsed: false };

/** By the name without the profile of its retries; a library by its package and its major version. */
const KNOWN: Readonly<Record<string, Known>> = {
  redlock: { ...STRICT, releasesEverywhere: true },
  'redlock-sequential': { ...STRICT, releasesEverywhere: true, waitsForAll: true },
  // None of those on one server looks at its clock when the answer has come.
  'set-nx-px': LATE,
  setnx: LATE,
  'setnx-then-expire': LATE,
  'setnx-expire-script': LATE,
  setex: LATE,
  'get-then-del': LATE,
  'del-on-release': LATE,
  'npm:redlock@4': { ...STRICT, isOnWallClock: true, waitsForAll: true },
  'npm:redlock@5': { ...LATE, isOnWallClock: true, hangsOnTies: true },
  'npm:@sesamecare-oss/redlock': { ...LATE, isOnWallClock: true, hangsOnTies: true },
  'npm:redlock-universal': { ...STRICT, isOnWallClock: true, waitsForAll: true, promisesTooLong: true },
  'npm:redis-semaphore': { ...LATE, waitsForAll: true },
  'npm:redis-semaphore/mutex': LATE,
  'npm:redis-lock': LATE,
  'npm:ioredis-lock': LATE,
  'npm:simple-redis-mutex': LATE,
};

/** Retries equalised to ours, so that an experiment need not wait for a library's own. */
export const EQUAL_PROFILE = ':equal';

/**
 * @param version as the adapter states it, such as `redlock 5.0.0-beta.2 on ioredis 6.0.0`
 * @param demeanour what it showed of itself when it was tried
 */
export function traitsOf(lock: string, version: string | undefined, demeanour: Demeanour): LockTraits {
  const name = lock.endsWith(EQUAL_PROFILE) ? lock.slice(0, -EQUAL_PROFILE.length) : lock;
  return { ...(KNOWN[name] ?? KNOWN[canonicalName(name, version)] ?? STRICT), ...demeanour };
}

/** `npm:redlock@5.0.0-beta.2`, and `npm:redlock` where that is installed, are `npm:redlock@5`. */
function canonicalName(name: string, version = ''): string {
  const [, major = ''] = /^\S+ (\d+)\./.exec(version) ?? [];
  const bare = name.replace(/(.)@[^/@]*$/, '$1');
  const withMajor = `${bare}@${major}`;
  return withMajor in KNOWN ? withMajor : bare;
}
