/**
 * A ttl as an afterthought.
 *
 * On the wire: `SETNX key token`; once it has answered 1, `EXPIRE key seconds`. Release: the compare-and-delete script.
 * The ttl is whole seconds, rounded up.
 *
 * What is wrong with it: two round trips, and a holder that dies or loses its connection between them leaves a key
 * without ttl.
 *
 * @module
 */
import { sToNs } from '../model/time.js';
import { RELEASE } from '../redlock/scripts.js';
import { compareAndDelete } from './compare-and-delete.js';
import type { LockAdapter } from './lock-client.js';
import { singleServerAdapter } from './single-server.js';
import { wholeSeconds } from './whole-ttl.js';

export const setnxThenExpireAdapter: LockAdapter = singleServerAdapter({
  name: 'setnx-then-expire',
  description: 'SETNX, and then EXPIRE as a second command',
  flaw: 'A holder that dies between SETNX and EXPIRE keeps the lock for ever.',
  canExtend: false,
  leavesKeys: true,
  scripts: [RELEASE],
  begin: () => ({
    async take(server, resource, token, ttlMs) {
      if ((await server.call('SETNX', resource, token)) !== 1) return false;
      return (await server.call('EXPIRE', resource, wholeSeconds(ttlMs))) === 1;
    },
    release: compareAndDelete,
    lifetimeNs: (ttlMs) => sToNs(wholeSeconds(ttlMs)),
    isReleaseSafe: true,
  }),
});
