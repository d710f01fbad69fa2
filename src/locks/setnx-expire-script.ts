/**
 * SETNX and EXPIRE in one script, as PHP programs have it.
 *
 * On the wire: `EVALSHA` of a script that takes the key by SETNX, gives it a ttl by EXPIRE and returns 1; where another
 * has the key, it gives that a ttl if it has none, and returns 0. Again every 100 ms until the acquire timeout. Release:
 * the compare-and-delete script. The ttl is whole seconds, rounded up. The key prefix that the class adds is the run's.
 *
 * What is wrong with it: the id that owns the lock is the hash of the second and of a number below 10^7, so that two
 * clients may draw the same one and each release the other's lock; the repair changes keys that are not its own; and
 * whoever waits looks only ten times a second.
 *
 * @module
 */
import { createHash } from 'node:crypto';
import { randomInteger, type Random } from '../model/random.js';
import { msToS, sToNs, wallClockMs } from '../model/time.js';
import { RELEASE, script } from '../redlock/scripts.js';
import { compareAndDelete } from './compare-and-delete.js';
import type { LockAdapter } from './lock-client.js';
import { singleServerAdapter } from './single-server.js';
import { wholeSeconds } from './whole-ttl.js';

const POLL_MS = 100;
/** The ids of one second. */
const IDS = 10_000_000;

/** KEYS[1]: the resource. ARGV[1]: the id. ARGV[2]: the ttl in seconds. Returns 1 when the id took it, otherwise 0. */
const TAKE_OR_REPAIR = script(`
if redis.call('SETNX', KEYS[1], ARGV[1]) == 1 then
  redis.call('EXPIRE', KEYS[1], ARGV[2])
  return 1
end
if redis.call('TTL', KEYS[1]) == -1 then
  redis.call('EXPIRE', KEYS[1], ARGV[2])
end
return 0
`);

export const setnxExpireScriptAdapter: LockAdapter = singleServerAdapter({
  name: 'setnx-expire-script',
  description: 'SETNX and EXPIRE in one script, asked for every 100 ms',
  flaw: 'Its ids come from a space of 10^7, and its repair gives a ttl to keys that are not its own.',
  canExtend: false,
  leavesKeys: false,
  scripts: [TAKE_OR_REPAIR, RELEASE],
  begin: ({ random }) => ({
    take: async (server, resource, id, ttlMs) =>
      (await server.run(TAKE_OR_REPAIR, resource, id, wholeSeconds(ttlMs))) === 1,
    release: compareAndDelete,
    lifetimeNs: (ttlMs) => sToNs(wholeSeconds(ttlMs)),
    isReleaseSafe: true,
    drawToken: () => drawId(Math.floor(msToS(wallClockMs())), random),
    waitMs: POLL_MS,
  }),
});

/** The id of a lock: MD5 of the second since 1970 and a random number below 10^7, in hex. */
export function drawId(second: number, random: Random): string {
  return createHash('md5')
    .update(`${String(second)}${String(randomInteger(random, IDS))}`)
    .digest('hex');
}
