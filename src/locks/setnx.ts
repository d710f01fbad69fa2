/**
 * The lock from before keys could be set with a ttl.
 *
 * On the wire: `SETNX key token`, again every millisecond until the acquire timeout. Release: the compare-and-delete
 * script. The ttl that was asked for is not used, so the promise ends with the release.
 *
 * What is wrong with it: the key has no ttl. A holder that dies leaves it for ever, and nobody acquires again.
 *
 * @module
 */
import { RELEASE } from '../redlock/scripts.js';
import { compareAndDelete } from './compare-and-delete.js';
import type { LockAdapter } from './lock-client.js';
import { singleServerAdapter } from './single-server.js';

export const setnxAdapter: LockAdapter = singleServerAdapter({
  name: 'setnx',
  description: 'SETNX without a ttl, asked for every millisecond',
  flaw: 'Its key has no ttl: a holder that dies keeps the lock for ever.',
  canExtend: false,
  leavesKeys: true,
  scripts: [RELEASE],
  begin: () => ({
    take: async (server, resource, token) => (await server.call('SETNX', resource, token)) === 1,
    release: compareAndDelete,
    lifetimeNs: () => Infinity,
    isReleaseSafe: true,
    waitMs: 1,
  }),
});
