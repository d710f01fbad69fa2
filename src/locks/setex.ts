/**
 * A lock that excludes nobody: SETEX sets the key whether or not it is there.
 *
 * On the wire: `SETEX key seconds token`, taken for granted when the reply is truthy, which it always is. Release, on a
 * connection of its own: `WATCH key`, `GET key`; if it answers the token, `MULTI`, `DEL key`, `EXEC`, otherwise
 * `UNWATCH`. The ttl is whole seconds, rounded up.
 *
 * What is wrong with it: everybody gets the lock at once, the last one owns the key, and all others find it lost.
 *
 * @module
 */
import { sToNs } from '../model/time.js';
import { ConnectionPool } from './connection-pool.js';
import type { LockAdapter } from './lock-client.js';
import type { Caller } from './server-connection.js';
import { onlyMaster, singleServerAdapter } from './single-server.js';
import { wholeSeconds } from './whole-ttl.js';

export const setexAdapter: LockAdapter = singleServerAdapter({
  name: 'setex',
  description: 'SETEX, which never refuses, released under WATCH',
  flaw: 'SETEX always succeeds, so it excludes nobody.',
  canExtend: false,
  leavesKeys: false,
  scripts: [],
  async begin({ masters, scenario, clock, random }) {
    // What a connection watches, all its users watch: releases that run at the same time need one each.
    const watching = await ConnectionPool.open(onlyMaster(masters), {
      nodeTimeoutMs: scenario.nodeTimeoutMs,
      scripts: [],
      clock,
      random,
    });
    return {
      take: async (server, resource, token, ttlMs) =>
        Boolean(await server.call('SETEX', resource, wholeSeconds(ttlMs), token)),
      release: (_server, resource, token) => watching.use((server) => deleteUnderWatch(server, resource, token)),
      lifetimeNs: (ttlMs) => sToNs(wholeSeconds(ttlMs)),
      isReleaseSafe: false,
      close: () => watching.close(),
    };
  },
});

/** Deletes the key if it holds the token, and still does when EXEC runs. */
async function deleteUnderWatch(server: Caller, resource: string, token: string): Promise<boolean> {
  await server.call('WATCH', resource);
  if ((await server.call('GET', resource)) !== token) {
    await server.call('UNWATCH');
    return false;
  }
  const [, , deleted] = await Promise.all([server.call('MULTI'), server.call('DEL', resource), server.call('EXEC')]);
  // Null when the key was changed since WATCH.
  return Array.isArray(deleted) && deleted[0] === 1;
}
