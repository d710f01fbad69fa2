import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../model/time.js';
import { openServerHost, type ServerHost } from '../servers/server-host.js';
import type { SpawnedServer } from '../servers/spawned-server.js';
import { injectServerFault } from './server-faults.js';

const { signal } = new AbortController();
let host: ServerHost;
let server: SpawnedServer;

beforeAll(async () => {
  host = await openServerHost(process.env);
  server = await host.spawn({ persistence: 'none', socket: 'tcp' }, signal);
});

afterAll(async () => {
  await host[Symbol.asyncDispose]();
});

async function setting(name: string): Promise<unknown> {
  return ((await server.call('CONFIG', 'GET', name)) as string[])[1];
}

async function areGone(...keys: readonly string[]): Promise<boolean> {
  for (let tries = 0; tries < 400; tries++) {
    if (Number(await server.call('EXISTS', ...keys)) === 0) return true;
    await sleep(5);
  }
  return false;
}

describe('eviction', () => {
  it('takes all locks, and those that come later, refuses none, and leaves nothing behind', async () => {
    const locks = Array.from({ length: 300 }, (_, index) => `lock:${String(index)}`);
    for (const lock of locks) await server.call('SET', lock, 'token', 'NX', 'PX', '600000');
    await server.call('SET', 'kept', 'without a ttl');
    const injection = await injectServerFault(server, { kind: 'evict', master: 1 }, { clock: systemClock, epochNs: 0 });
    expect(injection.receipt).toMatchObject({
      status: 'effective',
      proof: "its memory was full, its policy volatile-ttl, and it evicted a key with a ttl longer than any lock's",
    });
    // The server compares samples: one or the other may outlive the canary for a moment.
    expect(await areGone(...locks)).toBe(true);
    for (const late of ['late:1', 'late:2', 'late:3']) {
      expect(await server.call('SET', late, 'token', 'NX', 'PX', '600000')).toBe('OK');
      expect(await areGone(late)).toBe(true);
    }
    const strangers = ((await server.call('KEYS', '*')) as string[]).filter(
      (name) => name !== 'kept' && !/^redlock-bench:filler:[0-9a-f]{12}:/.test(name),
    );
    expect(strangers).toEqual([]);
    expect((await injection.heal()).healedNs).not.toBeNull();
    expect(await setting('maxmemory')).toBe('0');
    expect(await setting('maxmemory-policy')).toBe('noeviction');
    expect(await setting('maxmemory-samples')).toBe('5');
    expect(await server.call('KEYS', '*')).toEqual(['kept']);
    await server.call('SET', 'after', 'token', 'PX', '600000');
    await sleep(150);
    expect(await server.call('EXISTS', 'after')).toBe(1);
  });
});
