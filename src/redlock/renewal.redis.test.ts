import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { LockLostError } from './errors.js';
import type { RedlockOptions } from './options.js';
import { eventually, startMasters, type TestMaster } from './redis.fixture.js';
import { Redlock } from './redlock.js';
import { EXTEND_MANY } from './scripts.js';

let masters: TestMaster[] = [];
const clients: Redlock[] = [];

beforeAll(async () => {
  masters = await startMasters(3);
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

/** The node timeout is long: a busy machine must not decide a test. */
async function connected(options: RedlockOptions = {}): Promise<Redlock> {
  const client = new Redlock(
    masters.map(({ endpoint }) => endpoint),
    { nodeTimeoutMs: 2_000, ...options },
  );
  clients.push(client);
  await client.connect(3);
  return client;
}

const aborted = (signal: AbortSignal): Promise<void> => eventually(() => signal.aborted);

describe('locks that are kept alive', () => {
  it('are held for several ttls, 300 at once, and are gone after their release', async () => {
    const redlock = await connected();
    const locks = await Promise.all(
      Array.from({ length: 300 }, (_, index) => redlock.acquire(`key-${String(index)}`, 1_500)),
    );
    const signals = locks.map((lock) => lock.keepAlive());
    await sleep(4_600);
    expect(signals.filter((signal) => signal.aborted)).toEqual([]);
    expect(locks.filter((lock) => lock.remainingNs === 0)).toEqual([]);
    const others = await connected({ acquireTimeoutMs: 0 });
    expect((await others.tryAcquire('key-7', 1_000)).status).toBe('held');

    const outcomes = await Promise.all(locks.map((lock) => lock.release()));
    expect(outcomes.filter(({ status }) => status !== 'released')).toEqual([]);
    await redlock.drain();
    for (const master of masters) expect(await master.admin.dbsize()).toBe(0);
  });

  it('are lost when their key is gone on a quorum, and no call is made for them afterwards', async () => {
    const redlock = await connected();
    const lock = await redlock.acquire('a', 1_500);
    const signal = lock.keepAlive();
    await redlock.drain();
    for (const master of masters.slice(0, 2)) await master.admin.del('a');
    await aborted(signal);
    expect(signal.reason).toBeInstanceOf(LockLostError);
    await redlock.drain();
    await masters[2]!.admin.config('RESETSTAT');
    await sleep(1_200);
    expect(await masters[2]!.calls('evalsha')).toBe(0);
    expect(await masters[0]!.admin.exists('a')).toBe(0);
  });

  it('are not lost when their key is gone on a minority, and it is not created again', async () => {
    const redlock = await connected();
    const lock = await redlock.acquire('a', 1_500);
    const signal = lock.keepAlive();
    await redlock.drain();
    await masters[1]!.admin.del('a');
    await sleep(2_500);
    expect([signal.aborted, await masters[1]!.admin.exists('a')]).toEqual([false, 0]);
    expect(await masters[0]!.admin.pttl('a')).toBeGreaterThan(0);
  });

  it('survive each other in one call: several resources, a foreign type at a key, a key that is gone', async () => {
    // Without jitter they travel together.
    const redlock = await connected({ random: { next: () => 0 } });
    const names = [['a', 'b', 'c'], ['list'], ['d', 'gone'], ['e']];
    const locks = await Promise.all(names.map((resources) => redlock.acquire(resources, 1_500)));
    await redlock.drain();
    for (const { admin } of masters) {
      await admin.del('list', 'gone');
      await admin.rpush('list', 'no lock');
      await admin.config('RESETSTAT');
    }
    const signals = locks.map((lock) => lock.keepAlive());
    await sleep(2_500);
    expect(signals.map((signal) => signal.aborted)).toEqual([false, true, true, false]);
    // A key that cannot be read is no vote; a key that is gone is one.
    expect(signals[1]!.reason).toMatchObject({ code: 'LOCK_VALIDITY_ENDED', cause: { code: 'QUORUM_UNREACHABLE' } });
    expect(signals[2]!.reason).toBeInstanceOf(LockLostError);
    const { admin } = masters[0]!;
    // All or none: the lock that misses one key has not extended its other one.
    expect(await admin.exists('a', 'b', 'c', 'e')).toBe(4);
    expect(await admin.exists('d', 'gone')).toBe(0);
    expect(await admin.type('list')).toBe('list');
    for (const lock of [locks[0]!, locks[3]!]) expect(await lock.release()).toEqual({ status: 'released' });
  });

  it('are answered one by one by the script, which extends all keys of a lock or none', async () => {
    const { admin } = masters[0]!;
    for (const key of ['a', 'b', 'd', 'e']) await admin.set(key, `token of ${key}`, 'PX', 1_000);
    await admin.set('b', 'token of a', 'PX', 1_000);
    await admin.rpush('list', 'no lock');
    const locks = [
      { keys: ['a', 'b'], token: 'token of a' },
      { keys: ['list'], token: 'token of list' },
      { keys: ['d', 'gone'], token: 'token of d' },
      { keys: ['e'], token: 'token of another' },
      { keys: ['e'], token: 'token of e' },
    ];
    const keys = locks.flatMap((lock) => lock.keys);
    const args = locks.flatMap((lock) => [lock.keys.length, lock.token, 60_000]);
    expect(await admin.eval(EXTEND_MANY.body, keys.length, ...keys, ...args)).toEqual([1, -1, 0, 0, 1]);
    const isExtended = async (key: string): Promise<boolean> => (await admin.pttl(key)) > 2_000;
    expect(await Promise.all(['a', 'b', 'd', 'e', 'list'].map(isExtended))).toEqual([true, true, false, true, false]);
    expect(await admin.exists('gone')).toBe(0);
  });

  it('survive a master that has lost its scripts', async () => {
    const redlock = await connected();
    const locks = await Promise.all(['a', 'b'].map((resource) => redlock.acquire(resource, 1_500)));
    for (const { admin } of masters) await admin.script('FLUSH');
    const signals = locks.map((lock) => lock.keepAlive());
    await sleep(2_500);
    expect(signals.map((signal) => signal.aborted)).toEqual([false, false]);
  });
});

describe('using', () => {
  it('holds the lock alone for longer than its ttl, returns the value, and releases', async () => {
    const redlock = await connected({ acquireTimeoutMs: 0 });
    const value = await redlock.using('a', 600, async (signal, lock) => {
      await sleep(1_500);
      expect(signal.aborted).toBe(false);
      expect(await masters[0]!.admin.get('a')).toBe(lock.token);
      expect((await redlock.tryAcquire('a', 600)).status).toBe('held');
      return 'done';
    });
    expect(value).toBe('done');
    expect((await redlock.tryAcquire('a', 600)).status).toBe('acquired');
  });

  it('throws what became of the lock when the routine returned without it', async () => {
    const redlock = await connected();
    const using = redlock.using('a', 900, async (signal) => {
      for (const { admin } of masters) await admin.del('a');
      await aborted(signal);
      return 'too late';
    });
    await expect(using).rejects.toThrow(LockLostError);
  });

  it('runs one after the other, for contenders of several clients', async () => {
    const contenders = await Promise.all([1, 2, 3].map(() => connected()));
    let inside = 0;
    let most = 0;
    await Promise.all(
      [...contenders, ...contenders].map((redlock) =>
        redlock.using('a', 5_000, async () => {
          most = Math.max(most, ++inside);
          await sleep(5);
          inside--;
        }),
      ),
    );
    expect(most).toBe(1);
  });
});
