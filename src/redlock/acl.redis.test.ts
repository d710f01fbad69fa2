import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import type { Endpoint } from '../model/endpoint.js';
import type { Transport } from '../model/scenario.js';
import { eventually, startMasters, type TestMaster } from './redis.fixture.js';
import { Redlock } from './redlock.js';
import { allowedRights } from './rights.fixture.js';

let masters: TestMaster[] = [];

beforeAll(async () => {
  masters = await startMasters(3);
});
beforeEach(async () => {
  await Promise.all(masters.map(({ admin }) => admin.flushall()));
  for (const { admin } of masters) {
    await admin.config('RESETSTAT');
    await admin.acl('LOG', 'RESET');
  }
});
afterAll(async () => {
  await Promise.all(masters.map((master) => master.stop()));
});

const ownRights = (): Promise<string[]> => allowedRights(masters[0]!.admin, 'app:');

async function open(transport: Transport, rights: readonly string[]): Promise<Redlock> {
  for (const { admin } of masters) await admin.acl('SETUSER', 'locker', 'reset', 'on', '>secret', ...rights);
  const endpoints = masters.map(({ path }): Endpoint => {
    return { socket: { kind: 'unix', path }, username: 'locker', password: 'secret', database: 0 };
  });
  const redlock = new Redlock(endpoints, { transport, nodeTimeoutMs: 2_000 });
  await redlock.connect(3);
  return redlock;
}

it.each<Transport>(['ioredis', 'wire'])(
  'a user with the documented rights can do everything over %s',
  async (transport) => {
    const rights = await ownRights();
    expect(rights).toContain('+evalsha');
    await using one = await open(transport, rights);
    await using other = await open(transport, rights);
    await eventually(async () => {
      const channels = await Promise.all(masters.map(({ admin }) => admin.pubsub('CHANNELS', 'redlock:*')));
      return channels.every((list) => (list as string[]).length === 2);
    });

    const fenced = await one.acquire('app:a', 60_000, { fencing: true });
    expect(fenced.fence?.counter).toBeGreaterThan(0);
    await fenced.extend(50_000);
    const waiting = other.tryAcquire('app:a', 60_000);
    await eventually(async () => (await masters[0]!.calls('publish')) > 0);
    await fenced.release();
    expect((await waiting).status).toBe('acquired');

    const several = await one.acquire(['app:b', 'app:c'], 60_000);
    expect(await several.release()).toEqual({ status: 'released' });
    const kept = await Promise.all(['app:d', 'app:e', 'app:f'].map((key) => one.acquire(key, 60)));
    const signals = kept.map((lock) => lock.keepAlive());
    await eventually(async () => (await masters[0]!.calls('pexpire')) >= 6);
    expect(signals.map((signal) => signal.aborted)).toEqual([false, false, false]);
    for (const lock of kept) await lock.release();

    const denied = await Promise.all(masters.map(({ admin }) => admin.acl('LOG')));
    expect(denied.flat().map((entry) => String(entry))).toEqual([]);
  },
);

it.each<Transport>(['ioredis', 'wire'])('a user who may not publish or subscribe polls over %s', async (transport) => {
  const rights = (await ownRights()).filter((right) => !/publish|subscribe|&/.test(right));
  await using one = await open(transport, rights);
  await using other = await open(transport, rights);
  const lock = await one.acquire('app:polled', 60_000);
  const waiting = other.tryAcquire('app:polled', 60_000);
  await lock.release();
  expect((await waiting).status).toBe('acquired');
});
