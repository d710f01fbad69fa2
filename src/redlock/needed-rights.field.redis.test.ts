import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { RedlockOptions } from './options.js';
import { startMasters, type TestMaster } from './redis.fixture.js';
import { Redlock } from './redlock.js';
import { allowedRights } from './rights.fixture.js';

let master: TestMaster;

beforeAll(async () => {
  [master] = (await startMasters(1)) as [TestMaster];
});
afterAll(async () => {
  await master.stop();
});

/** Each step alone: what one may not do keeps nothing of the rest from being tried. */
async function tryEverything(kind: RedlockOptions, rights: readonly string[]): Promise<void> {
  await using one = await client(kind, rights);
  await using other = await client(kind, rights);
  const steps = [
    () => one.connect(1),
    () => other.connect(1),
    // For the subscriptions, which nobody waits for.
    () => sleep(100),
    async () => {
      const fenced = await one.acquire('app:a', 60_000, { fencing: true });
      const waiting = other.tryAcquire('app:a', 60_000, { acquireTimeoutMs: 2_000 });
      await sleep(100);
      await fenced.extend(50_000);
      await fenced.release();
      await waiting;
    },
    async () => (await one.acquire(['app:b', 'app:c'], 60_000)).release(),
    async () => {
      const kept = await Promise.all(['app:d', 'app:e'].map((key) => one.acquire(key, 300)));
      const signals = kept.map((lock) => lock.keepAlive());
      await sleep(200);
      expect(signals).toHaveLength(2);
      for (const lock of kept) await lock.release();
    },
    async () => {
      await master.admin.script('FLUSH');
      const lock = await one.acquire('app:f', 60_000, { fencing: true });
      await lock.release();
    },
  ];
  for (const step of steps) {
    try {
      await step();
    } catch {
      // What was forbidden is in the server's log.
    }
  }
}

async function client(kind: RedlockOptions, rights: readonly string[]): Promise<Redlock> {
  await master.admin.acl('SETUSER', 'locker', 'reset', 'on', '>secret', ...rights);
  const credentials = { username: 'locker', password: 'secret' };
  return new Redlock([{ socket: { kind: 'unix', path: master.path }, ...credentials, database: 0 }], {
    acquireTimeoutMs: 150,
    ...kind,
  });
}

it('none of the documented rights can be left out: without it the server refuses something', async () => {
  const rights = await allowedRights(master.admin, 'app:');
  const needless: string[] = [];
  for (const right of rights.filter((each) => /^[+~&]/.test(each))) {
    await master.admin.flushall();
    await master.admin.acl('LOG', 'RESET');
    const others = rights.filter((each) => each !== right);
    // Native commands stand in for some, where the server has them.
    await tryEverything({ transport: 'ioredis' }, others);
    await tryEverything({ transport: 'wire', commands: 'lua' }, others);
    const refused = (await master.admin.acl('LOG')) as unknown[];
    if (refused.length === 0) needless.push(right);
  }
  expect(needless).toEqual([]);
});
