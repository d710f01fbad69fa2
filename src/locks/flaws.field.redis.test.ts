/** What is wrong with the flawed locks, each shown once, by the order of commands and not by luck. */
import { describe, expect, it } from 'vitest';
import { msToNs, systemClock } from '../model/time.js';
import { eventually } from '../redlock/redis.fixture.js';
import { AdapterStage, RESOURCE } from './adapter-stage.fixture.js';
import { delOnReleaseAdapter } from './del-on-release.js';
import { getThenDelAdapter } from './get-then-del.js';
import { setexAdapter } from './setex.js';
import { setnxExpireScriptAdapter } from './setnx-expire-script.js';
import { setnxThenExpireAdapter } from './setnx-then-expire.js';
import { setnxAdapter } from './setnx.js';

describe('setnx', () => {
  const stage = new AdapterStage(setnxAdapter, 1);

  it('leaves a key without ttl when its holder dies, and nobody acquires again', async () => {
    const client = await stage.open();
    const lock = await stage.take(client, 1);
    expect(lock.validUntilNs).toBe(Infinity);
    await client[Symbol.asyncDispose]();
    expect(await stage.masters[0]!.admin.pttl(RESOURCE)).toBe(-1);
    const next = await stage.open({ scenario: { acquireTimeoutMs: 200 } });
    expect((await stage.acquire(next, 1)).status).toBe('held');
  });
});

describe('setnx-then-expire', () => {
  const stage = new AdapterStage(setnxThenExpireAdapter, 1);

  it('leaves a key without ttl when its connection breaks between its two commands', async () => {
    const client = await stage.open({ proxied: true });
    stage.replies = 'reset';
    expect((await stage.acquire(client, 1_000)).status).toBe('indeterminate');
    expect(await stage.masters[0]!.admin.pttl(RESOURCE)).toBe(-1);
    const next = await stage.open({ scenario: { acquireTimeoutMs: 200 } });
    expect((await stage.acquire(next, 1_000)).status).toBe('held');
  });
});

describe('setnx-expire-script', () => {
  const stage = new AdapterStage(setnxExpireScriptAdapter, 1);

  it('gives a ttl to a key that is not its own', async () => {
    const { admin } = stage.masters[0]!;
    await admin.set(RESOURCE, 'another');
    const client = await stage.open();
    expect(await stage.acquire(client, 20_000)).toEqual({ status: 'held', attempts: 1 });
    expect(await admin.get(RESOURCE)).toBe('another');
    expect(await admin.pttl(RESOURCE)).toBeGreaterThan(0);
  });

  it('leaves the ttl of another alone where there is one', async () => {
    const { admin } = stage.masters[0]!;
    await admin.set(RESOURCE, 'another', 'EX', 1_000);
    const client = await stage.open();
    await stage.acquire(client, 20_000);
    expect(await admin.ttl(RESOURCE)).toBeGreaterThan(20);
  });

  it('looks ten times a second at the most', async () => {
    await stage.take(await stage.open());
    const client = await stage.open({ scenario: { acquireTimeoutMs: 450, retryDelayMs: 1, retryJitterMs: 0 } });
    expect((await stage.acquire(client)).attempts).toBeLessThanOrEqual(6);
  });
});

describe('setex', () => {
  const stage = new AdapterStage(setexAdapter, 1);

  it('grants one lock twice; the first holder finds it lost', async () => {
    const [ours, theirs] = [await stage.open(), await stage.open()];
    const [first, second] = [await stage.take(ours), await stage.take(theirs)];
    expect(first.validUntilNs).toBeGreaterThan(systemClock.nowNs());
    expect(second.validUntilNs).toBeGreaterThan(systemClock.nowNs());
    expect(await ours.release(first)).toEqual({ status: 'lost' });
    expect(await theirs.release(second)).toEqual({ status: 'released' });
  });

  it('does not delete a key that was changed between WATCH and EXEC', async () => {
    const { admin } = stage.masters[0]!;
    const client = await stage.open({ proxied: true });
    const lock = await stage.take(client);
    await admin.config('RESETSTAT');
    stage.replies = 'hold';
    const releasing = client.release(lock);
    await eventually(async () => (await stage.masters[0]!.calls('watch')) === 1);
    await admin.expire(RESOURCE, 100);
    stage.replies = 'pass';
    expect(await releasing).toEqual({ status: 'lost' });
    expect(await admin.get(RESOURCE)).toBe(lock.token);
  });

  it('releases the locks of many slots at once, each under a watch of its own', async () => {
    const client = await stage.open();
    const { signal } = new AbortController();
    const names = Array.from({ length: 20 }, (_, index) => `${RESOURCE}${String(index)}`);
    const locks = await Promise.all(
      names.map(async (name) => {
        const outcome = await client.acquire({ resources: [name], ttlMs: 10_000, mode: 'exclusive' }, signal);
        return outcome.status === 'acquired' ? outcome.lock : expect.fail(outcome.status);
      }),
    );
    const { admin } = stage.masters[0]!;
    const before = Number(/connected_clients:(\d+)/.exec(await admin.info('clients'))?.[1]);
    const outcomes = await Promise.all(locks.map((lock) => client.release(lock)));
    // One was there from the beginning.
    expect(Number(/connected_clients:(\d+)/.exec(await admin.info('clients'))?.[1]) - before).toBe(19);
    expect(outcomes).toEqual(names.map(() => ({ status: 'released' })));
    expect(await stage.isEmpty()).toBe(true);
  });

  it('rounds its ttl up to whole seconds, and promises as much', async () => {
    const beforeNs = systemClock.nowNs();
    const lock = await stage.take(await stage.open(), 59_001);
    expect(await stage.masters[0]!.admin.pttl(RESOURCE)).toBeGreaterThan(59_001);
    expect(lock.validUntilNs).toBeGreaterThanOrEqual(beforeNs + msToNs(60_000));
    expect(lock.validUntilNs).toBeLessThanOrEqual(systemClock.nowNs() + msToNs(60_000));
  });
});

describe('get-then-del', () => {
  const stage = new AdapterStage(getThenDelAdapter, 1);

  it('deletes the lock of the next holder, who took it between GET and DEL', async () => {
    const [ours, theirs, others] = [await stage.open({ proxied: true }), await stage.open(), await stage.open()];
    const first = await stage.take(ours);
    await stage.masters[0]!.admin.config('RESETSTAT');
    stage.replies = 'hold';
    const releasing = ours.release(first);
    // GET has answered with our token, and its answer is on the way.
    await eventually(async () => (await stage.masters[0]!.calls('get')) === 1);
    await stage.masters[0]!.admin.del(RESOURCE);
    const second = await stage.take(theirs);
    stage.replies = 'pass';
    expect(await releasing).toEqual({ status: 'released' });
    expect((await stage.acquire(others)).status).toBe('acquired');
    expect(await theirs.release(second)).toEqual({ status: 'lost' });
  });
});

describe('del-on-release', () => {
  const stage = new AdapterStage(delOnReleaseAdapter, 1);

  it('deletes the lock of the next holder once its own ttl has passed', async () => {
    const [ours, theirs, others] = [await stage.open(), await stage.open(), await stage.open()];
    const first = await stage.take(ours, 100);
    await eventually(() => stage.isEmpty());
    const second = await stage.take(theirs);
    expect(await ours.release(first)).toEqual({ status: 'released' });
    expect((await stage.acquire(others)).status).toBe('acquired');
    expect(second.validUntilNs).toBeGreaterThan(systemClock.nowNs());
  });
});
