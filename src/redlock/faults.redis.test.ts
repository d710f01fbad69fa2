import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EnvironmentError } from '../model/errors.js';
import { msToNs, nsToMs, systemClock } from '../model/time.js';
import type { RedlockOptions } from './options.js';
import { eventually, startMasters, TestMaster } from './redis.fixture.js';
import { Redlock } from './redlock.js';

let masters: TestMaster[] = [];
const clients: Redlock[] = [];

beforeEach(async () => {
  masters = await startMasters(3);
});
afterEach(async () => {
  // The masters first: a client that hangs in a failing test must not keep them.
  await Promise.all(masters.map((master) => master.stop()));
  await Promise.all(clients.splice(0).map((client) => client.close()));
});

async function connected(options: RedlockOptions = {}): Promise<Redlock> {
  const client = new Redlock(
    masters.map(({ url }) => url),
    { acquireTimeoutMs: 0, nodeTimeoutMs: 1_000, ...options },
  );
  clients.push(client);
  await client.connect(3);
  return client;
}

function block(ms: number): void {
  const endNs = systemClock.nowNs() + msToNs(ms);
  while (systemClock.nowNs() < endNs);
}

async function keyCounts(): Promise<number[]> {
  return await Promise.all(masters.map((master) => master.admin.dbsize()));
}

describe('dead masters', () => {
  it('in the minority cost nothing: the lock is granted and released without waiting for them', async () => {
    const redlock = await connected({ nodeTimeoutMs: 60_000 });
    await masters[2]!.kill();
    const lock = await redlock.acquire('a', 10_000);
    expect(lock.votes).toBe(2);
    expect(await lock.release()).toEqual({ status: 'released' });
  });

  it('in the majority make every outcome indeterminate at once, and leave no key on the living one', async () => {
    const redlock = await connected({ nodeTimeoutMs: 60_000 });
    await masters[1]!.kill();
    await masters[2]!.kill();
    const outcome = await redlock.tryAcquire('a', 10_000);
    expect(outcome).toMatchObject({ status: 'indeterminate', attempts: 1, cause: { code: 'QUORUM_UNREACHABLE' } });
    await eventually(async () => (await masters[0]!.admin.exists('a')) === 0);
  });

  it('and a lock held on the living ones are a held lock', async () => {
    const redlock = await connected();
    await masters[2]!.kill();
    for (const master of masters.slice(0, 2)) await master.admin.set('a', 'another');
    expect(await redlock.tryAcquire('a', 10_000)).toEqual({ status: 'held', attempts: 1 });
  });

  it('are told of the releases that they missed, where a restart brings the keys back, and are served again', async () => {
    const durable = ['--appendonly', 'yes', '--appendfsync', 'always'];
    await masters[2]!.stop();
    masters[2] = await TestMaster.start(...durable);
    const redlock = await connected();
    const lock = await redlock.acquire('a', 60_000);
    await redlock.drain();
    await masters[2].kill();
    expect(await lock.release()).toEqual({ status: 'released' });
    await masters[2].restart(...durable);
    await eventually(async () => (await masters[2]!.admin.exists('a')) === 0);
    // It is the release that deleted it: the key had most of a minute to live.
    expect(await masters[2].calls('del')).toBe(1);
    const again = await redlock.acquire('b', 60_000);
    await redlock.drain();
    expect(await masters[2].admin.get('b')).toBe(again.token);
  });

  it('keep a client from connecting when they are more than the minority', async () => {
    await masters[1]!.kill();
    const client = new Redlock(masters.map(({ url }) => url));
    clients.push(client);
    await client.connect();
    await expect(client.connect(3)).rejects.toThrow(EnvironmentError);
    await masters[2]!.kill();
    const other = new Redlock(masters.map(({ url }) => url));
    clients.push(other);
    await expect(other.connect()).rejects.toThrow(/expected 2 of 3 connections, got 1; .*redis\.sock/);
  });
});

describe('a master that is stopped', () => {
  it('does not delay a quorum of the others', async () => {
    const redlock = await connected({ nodeTimeoutMs: 60_000 });
    masters[0]!.pause();
    const lock = await redlock.acquire('a', 10_000);
    expect(await lock.release()).toEqual({ status: 'released' });
    masters[0]!.resume();
    await eventually(async () => (await keyCounts()).every((count) => count === 0));
  });

  it('is waited for no longer than the node timeout, and has no key left when it goes on', async () => {
    const redlock = await connected({ nodeTimeoutMs: 100 });
    masters[0]!.pause();
    masters[1]!.pause();
    const startNs = systemClock.nowNs();
    const outcome = await redlock.tryAcquire('a', 60_000);
    const tookMs = nsToMs(systemClock.nowNs() - startNs);
    expect(outcome).toMatchObject({ status: 'indeterminate', attempts: 1 });
    // The lower bound is exact; the upper one leaves room for a machine that is busy, but not for a second timeout.
    expect(tookMs).toBeGreaterThanOrEqual(100);
    expect(tookMs).toBeLessThan(10_000);
    await redlock.drain();
    for (const master of masters) master.resume();
    await eventually(async () => {
      const sets = await Promise.all(masters.map((master) => master.calls('set')));
      return sets.every((calls) => calls === 1) && (await keyCounts()).every((count) => count === 0);
    });
  });

  it('has no key left when its client is closed before it goes on', async () => {
    const redlock = await connected({ nodeTimeoutMs: 100 });
    masters[0]!.pause();
    masters[1]!.pause();
    await redlock.tryAcquire('a', 60_000);
    await redlock.close();
    for (const master of masters) master.resume();
    await eventually(async () => (await masters[0]!.calls('set')) === 1);
    expect(await keyCounts()).toEqual([0, 0, 0]);
  });
});

describe('a master that is killed with a command in flight', () => {
  it('gets no ghost of it when it is back: nothing is sent again but deletions', async () => {
    const redlock = await connected({ nodeTimeoutMs: 60_000 });
    for (const master of masters) master.pause();
    const acquiring = redlock.tryAcquire('a', 60_000);
    await sleep(20);
    await Promise.all(masters.map((master) => master.kill()));
    await Promise.all(masters.map((master) => master.restart()));
    // Its node timeout is a minute: it is the lost connections that end it.
    expect(await acquiring).toMatchObject({ status: 'indeterminate', attempts: 1 });
    // The repeated deletion is the first command of the new connection, and shows that there is one.
    for (const master of masters) {
      await eventually(async () => (await master.calls('evalsha')) === 1);
      expect(await master.calls('set')).toBe(0);
    }
    await eventually(async () => (await redlock.tryAcquire('b', 60_000)).status === 'acquired');
  });
});

describe('an event loop that is blocked with the grants in flight', () => {
  it('for longer than the ttl gets no lock, and leaves the next holder alone', async () => {
    const redlock = await connected({ nodeTimeoutMs: 10_000 });
    const acquiring = redlock.tryAcquire('a', 200);
    // The writes leave at the end of this tick; the replies come while the loop is blocked.
    setImmediate(() => block(400));
    expect(await acquiring).toEqual({ status: 'expired', attempts: 1 });
    const other = await connected();
    const lock = await other.acquire('a', 10_000);
    await redlock.drain();
    await other.drain();
    for (const master of masters) expect(await master.admin.get('a')).toBe(lock.token);
  });

  it('for longer than the node timeout, but not the ttl, gets the lock: the masters had answered', async () => {
    const timedOut: number[] = [];
    const silent = (): void => undefined;
    const redlock = await connected({
      nodeTimeoutMs: 50,
      observer: {
        roundTrip: silent,
        timedOut: (master) => timedOut.push(master),
        failed: silent,
        splitVote: silent,
        wokeUp: silent,
      },
    });
    const acquiring = redlock.tryAcquire('a', 60_000);
    setImmediate(() => block(200));
    expect((await acquiring).status).toBe('acquired');
    expect(timedOut).toEqual([]);
  });
});
