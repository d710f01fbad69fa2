/**
 * One key on one server.
 *
 * On the wire: `SET key token NX PX ttl`. Release: the compare-and-delete script. Extension: the script that
 * compares and sends PEXPIRE. The token is 20 random bytes, the ttl whole milliseconds, rounded down; with EX in the place
 * of PX it would be the same lock in whole seconds.
 *
 * What is wrong with it: nothing on one server that neither fails over nor forgets; a replica that is promoted before
 * the key reached it, or a restart without persistence, grants it again. It does not look at the clock either: a grant
 * that took longer than its ttl is handed on, with a promise that is over.
 *
 * @module
 */
import { msToNs } from '../model/time.js';
import { EXTEND, RELEASE } from '../redlock/scripts.js';
import { compareAndDelete } from './compare-and-delete.js';
import type { LockAdapter } from './lock-client.js';
import { singleServerAdapter } from './single-server.js';
import { wholeMs } from './whole-ttl.js';

export const setNxPxAdapter: LockAdapter = singleServerAdapter({
  name: 'set-nx-px',
  description: 'SET NX PX on one server, released by compare-and-delete',
  canExtend: true,
  leavesKeys: false,
  scripts: [RELEASE, EXTEND],
  begin: () => ({
    take: async (server, resource, token, ttlMs) =>
      (await server.call('SET', resource, token, 'NX', 'PX', wholeMs(ttlMs))) === 'OK',
    release: compareAndDelete,
    extend: async (server, resource, token, ttlMs) => (await server.run(EXTEND, resource, token, wholeMs(ttlMs))) === 1,
    lifetimeNs: (ttlMs) => msToNs(wholeMs(ttlMs)),
    isReleaseSafe: true,
  }),
});
