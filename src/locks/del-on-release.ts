/**
 * A release that does not look.
 *
 * On the wire: `SET key token NX PX ttl`. Release: `DEL key`, which is taken for released when it answers 1. The ttl is
 * whole milliseconds, rounded down.
 *
 * What is wrong with it: once the ttl has passed, DEL deletes the lock of the next holder.
 *
 * @module
 */
import { msToNs } from '../model/time.js';
import type { LockAdapter } from './lock-client.js';
import { singleServerAdapter } from './single-server.js';
import { wholeMs } from './whole-ttl.js';

export const delOnReleaseAdapter: LockAdapter = singleServerAdapter({
  name: 'del-on-release',
  description: 'SET NX PX, released by a bare DEL',
  flaw: 'Its release deletes the lock of the next holder once its own ttl has passed.',
  canExtend: false,
  leavesKeys: false,
  scripts: [],
  begin: () => ({
    take: async (server, resource, token, ttlMs) =>
      (await server.call('SET', resource, token, 'NX', 'PX', wholeMs(ttlMs))) === 'OK',
    release: async (server, resource) => (await server.call('DEL', resource)) === 1,
    lifetimeNs: (ttlMs) => msToNs(wholeMs(ttlMs)),
    isReleaseSafe: false,
  }),
});
