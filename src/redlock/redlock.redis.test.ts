import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { nsToMs } from '../model/time.js';
import type { RedlockOptions } from './options.js';
import { eventually, startMasters, type TestMaster } from './redis.fixture.js';
import { Redlock } from './redlock.js';
import { RELEASE } from './scripts.js';
import { quorumOf } from './tally.js';

let masters: TestMaster[] = [];
const clients: Redlock[] = [];

beforeAll(async () => {
  masters = await startMasters(5);
});
afterAll(async () => {
  await Promise.all(masters.map((master) => master.stop()));
});
beforeEach(async () => {
  await Promise.all(masters.map((master) => master.admin.flushall()));
});
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close()));
});

/** A client of the first `count` masters. The node timeout is long: a busy machine must not decide a test. */
async function connected(count: number, options: RedlockOptions = {}): Promise<Redlock> {
  const client = new Redlock(
    masters.slice(0, count).map(({ url }) => url),
    { nodeTimeoutMs: 2_000, ...options },
  );
  clients.push(client);
  await client.connect(count);
  return client;
}

async function keysLeft(): Promise<number> {
  const sizes = await Promise.all(masters.map((master) => master.admin.dbsize()));
  return sizes.reduce((sum, size) => sum + size, 0);
}

describe.each([1, 2, 3, 4, 5])('with %i masters', (count) => {
  it('wins exactly where a majority is free, for every set of masters held by another, and leaves no key', async () => {
    const redlock = await connected(count, { acquireTimeoutMs: 0 });
    for (let mask = 0; mask < 2 ** count; mask++) {
      const isHeld = (index: number): boolean => (mask & (1 << index)) !== 0;
      const held = masters.slice(0, count).filter((_, index) => isHeld(index));
      await Promise.all(held.map((master) => master.admin.set('a', 'another')));

      const outcome = await redlock.tryAcquire('a', 10_000);
      const free = count - held.length;
      expect([mask, outcome.status]).toEqual([mask, free >= quorumOf(count) ? 'acquired' : 'held']);
      if (outcome.status === 'acquired') expect(await outcome.lock.release()).toEqual({ status: 'released' });
      await redlock.drain();

      const left = await Promise.all(masters.map((master) => master.admin.get('a')));
      expect(left).toEqual(masters.map((_, index) => (index < count && isHeld(index) ? 'another' : null)));
      await Promise.all(held.map((master) => master.admin.del('a')));
    }
  });
});

describe('a held lock', () => {
  it('has its token and its ttl on the masters, and is refused to others until it is released', async () => {
    const [ours, others] = [await connected(3), await connected(3, { acquireTimeoutMs: 0 })];
    const lock = await ours.acquire('a', 10_000);
    await eventually(async () => (await masters[2]!.admin.get('a')) === lock.token);
    for (const master of masters.slice(0, 3)) {
      expect(await master.admin.get('a')).toBe(lock.token);
      expect(await master.admin.pttl('a')).toBeGreaterThan(nsToMs(lock.remainingNs));
    }
    expect(await others.tryAcquire('a', 10_000)).toEqual({ status: 'held', attempts: 1 });
    await lock.release();
    expect((await others.tryAcquire('a', 10_000)).status).toBe('acquired');
  });

  it('gets a longer ttl on every master by an extension, which creates no key where it is lost', async () => {
    const redlock = await connected(3);
    const lock = await redlock.acquire('a', 10_000);
    await redlock.drain();
    await masters[1]!.admin.del('a');
    expect(await lock.extend(60_000)).toBe(lock.validUntilNs);
    expect(nsToMs(lock.remainingNs)).toBeGreaterThan(50_000);
    await redlock.drain();
    expect(await masters[0]!.admin.pttl('a')).toBeGreaterThan(50_000);
    expect(await masters[1]!.admin.exists('a')).toBe(0);
  });

  it('is lost for an extension and a release once another token has taken a majority, and leaves that alone', async () => {
    const redlock = await connected(3);
    const lock = await redlock.acquire('a', 10_000);
    await redlock.drain();
    for (const master of masters.slice(0, 2)) await master.admin.set('a', 'another');
    expect(await lock.tryExtend(60_000)).toEqual({ status: 'lost' });
    expect(await lock.release()).toEqual({ status: 'lost' });
    await redlock.drain();
    expect(await masters[0]!.admin.get('a')).toBe('another');
    expect(await masters[2]!.admin.get('a')).toBeNull();
  });

  it('is lost when it is released after its ttl', async () => {
    const redlock = await connected(3);
    const lock = await redlock.acquire('a', 100);
    await sleep(150);
    expect(lock.remainingNs).toBe(0);
    expect(await lock.release()).toEqual({ status: 'lost' });
  });

  it('is gone at the end of its block', async () => {
    const redlock = await connected(3);
    {
      await using lock = await redlock.acquire('a', 10_000);
      expect(await masters[0]!.admin.get('a')).toBe(lock.token);
    }
    await redlock.drain();
    expect(await keysLeft()).toBe(0);
  });
});

describe('several resources', () => {
  it('are taken together or not at all, on every master', async () => {
    const redlock = await connected(3, { acquireTimeoutMs: 0 });
    for (const master of masters.slice(0, 3)) await master.admin.set('b', 'another');
    expect(await redlock.tryAcquire(['a', 'b', 'c'], 10_000)).toEqual({ status: 'held', attempts: 1 });
    await redlock.drain();
    expect(await keysLeft()).toBe(3);
    for (const master of masters.slice(0, 3)) await master.admin.del('b');

    const lock = await redlock.acquire(['a', 'b', 'c'], 10_000);
    await redlock.drain();
    expect(await masters[1]!.admin.mget('a', 'b', 'c')).toEqual(Array(3).fill(lock.token));
    expect((await redlock.tryAcquire(['c', 'd'], 10_000)).status).toBe('held');
    await lock.extend(60_000);
    await redlock.drain();
    for (const key of ['a', 'b', 'c']) expect(await masters[2]!.admin.pttl(key)).toBeGreaterThan(50_000);
    expect(await lock.release()).toEqual({ status: 'released' });
    await redlock.drain();
    expect(await keysLeft()).toBe(0);
  });
});

describe('masters that have lost the scripts', () => {
  it('cost a round trip, and no lock', async () => {
    const redlock = await connected(3, { acquireTimeoutMs: 0 });
    const flush = async (): Promise<void> => {
      for (const master of masters.slice(0, 3)) await master.admin.script('FLUSH', 'SYNC');
    };
    await flush();
    const lock = await redlock.acquire(['a', 'b'], 10_000);
    await flush();
    await lock.extend(60_000);
    await flush();
    expect(await lock.release()).toEqual({ status: 'released' });
    await redlock.drain();
    expect(await keysLeft()).toBe(0);
  });
});

describe('a master that misses only the acquiring script', () => {
  it('is not sent it after the attempt was settled and released: the release would not come again', async () => {
    const redlock = await connected(3, { acquireTimeoutMs: 0 });
    const late = masters[2]!;
    await late.admin.script('FLUSH', 'SYNC');
    await late.admin.script('LOAD', RELEASE.body);
    for (const master of masters.slice(0, 2)) await master.admin.set('a', 'another');
    late.pause();
    try {
      expect((await redlock.tryAcquire(['a', 'b'], 10_000)).status).toBe('held');
    } finally {
      late.resume();
    }
    await redlock.drain();
    // Whatever the answers above set off is written before this one, on the same connection.
    expect((await redlock.tryAcquire('c', 10_000)).status).toBe('acquired');
    await redlock.drain();
    expect(await late.admin.keys('*')).toEqual(['c']);
  });
});

describe('contention', () => {
  it('lets three clients take turns that each reach another master first', async () => {
    // Each client lists the masters in another order; the commands still go to all of them at once.
    const orders = [
      [0, 1, 2],
      [1, 2, 0],
      [2, 0, 1],
    ];
    const rivals = orders.map(
      (order) =>
        new Redlock(
          order.map((index) => masters[index]!.url),
          { nodeTimeoutMs: 2_000 },
        ),
    );
    clients.push(...rivals);
    await Promise.all(rivals.map((rival) => rival.connect(3)));
    let holders = 0;
    const turns = rivals.flatMap((rival) =>
      Array.from({ length: 8 }, async () => {
        const lock = await rival.acquire('a', 10_000);
        expect(++holders).toBe(1);
        await sleep(1);
        holders--;
        expect((await lock.release()).status).toBe('released');
      }),
    );
    await Promise.all(turns);
    await Promise.all(rivals.map((rival) => rival.drain()));
    expect(await keysLeft()).toBe(0);
  });

  it('sends each master exactly one SET for each attempt, aborted acquisitions included', async () => {
    const redlock = await connected(3, { acquireTimeoutMs: 30_000, retryJitterMs: 5 });
    for (const master of masters) await master.admin.config('RESETSTAT');
    const controller = new AbortController();
    const acquisitions = Array.from({ length: 20 }, async () => {
      const outcome = await redlock.tryAcquire('a', 10_000, { signal: controller.signal });
      if (outcome.status === 'acquired') {
        await sleep(2);
        await outcome.lock.release();
      }
      return outcome;
    });
    setTimeout(() => controller.abort(), 60);
    const outcomes = await Promise.all(acquisitions);
    await redlock.drain();
    const attempts = outcomes.reduce((sum, outcome) => sum + outcome.attempts, 0);
    expect(attempts).toBeGreaterThan(20);
    for (const master of masters.slice(0, 3)) expect(await master.calls('set')).toBe(attempts);
    expect(await keysLeft()).toBe(0);
  });
});

describe("a user's own ioredis instance", () => {
  it('is duplicated, keeps its options and its database and prefix are used', async () => {
    const own = new Redis({ path: masters[0]!.path, db: 3, keyPrefix: 'app:', lazyConnect: true });
    const redlock = new Redlock([own]);
    clients.push(redlock);
    await redlock.connect();
    const lock = await redlock.acquire('a', 10_000);
    expect(own.status).toBe('wait');
    expect(own.options.enableOfflineQueue).toBe(true);
    await masters[0]!.admin.select(3);
    expect(await masters[0]!.admin.get('app:a')).toBe(lock.token);
    expect(await lock.release()).toEqual({ status: 'released' });
    expect(await masters[0]!.admin.dbsize()).toBe(0);
    await masters[0]!.admin.select(0);
  });

  it('is refused when it is a cluster', () => {
    const cluster = new Redis.Cluster([{ host: '127.0.0.1', port: 1 }], { lazyConnect: true });
    expect(() => new Redlock([cluster as unknown as Redis])).toThrow(/independent servers, got a Redis Cluster/);
    cluster.disconnect();
  });
});
