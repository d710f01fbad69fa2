/**
 * A release that looks first and deletes later.
 *
 * On the wire: `SET key token NX PX ttl`. Release: `GET key`; if it answers the token, `DEL key`. The ttl is whole
 * milliseconds, rounded down.
 *
 * What is wrong with it: the lock may expire, and be taken by another, between GET and DEL; then DEL deletes the other's.
 *
 * @module
 */
import { msToNs } from '../model/time.js';
import type { LockAdapter } from './lock-client.js';
import { singleServerAdapter } from './single-server.js';
import { wholeMs } from './whole-ttl.js';

export const getThenDelAdapter: LockAdapter = singleServerAdapter({
  name: 'get-then-del',
  description: 'SET NX PX, released by GET and then DEL',
  flaw: 'Its release can delete the lock of the next holder, who took it between GET and DEL.',
  canExtend: false,
  leavesKeys: false,
  scripts: [],
  begin: () => ({
    take: async (server, resource, token, ttlMs) =>
      (await server.call('SET', resource, token, 'NX', 'PX', wholeMs(ttlMs))) === 'OK',
    async release(server, resource, token) {
      if ((await server.call('GET', resource)) !== token) return false;
      return (await server.call('DEL', resource)) === 1;
    },
    lifetimeNs: (ttlMs) => msToNs(wholeMs(ttlMs)),
    isReleaseSafe: false,
  }),
});
