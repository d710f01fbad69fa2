import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { eventually } from '../../redlock/redis.fixture.js';
import { AdapterStage } from '../adapter-stage.fixture.js';
import { findNpmLock } from './libraries.js';

describe('npm:redis-semaphore', () => {
  const stage = new AdapterStage(findNpmLock('npm:redis-semaphore:equal'), 3);

  it('tells a lost lock as lost, although its attempts before the grant deleted keys', async () => {
    const client = await stage.open({ scenario: { acquireTimeoutMs: 20_000 } });
    const others = stage.masters.slice(1).map(({ admin }) => admin);
    await Promise.all(others.map((admin) => admin.set(stage.key, 'another')));
    const [first] = stage.masters;
    await first!.admin.config('RESETSTAT');
    const waiting = stage.acquire(client);
    await eventually(async () => (await first!.calls('del')) >= 2);
    await Promise.all(others.map((admin) => admin.del(stage.key)));
    const outcome = await waiting;
    const lock = outcome.status === 'acquired' ? outcome.lock : expect.fail(outcome.status);
    await Promise.all(stage.masters.map(({ admin }) => admin.set(stage.key, 'another')));
    expect(await client.release(lock)).toEqual({ status: 'lost' });
  });

  it('takes a refusal of one master for no loss while another one fails', async () => {
    const client = await stage.open();
    const lock = await stage.take(client);
    const [first, second] = stage.masters;
    // A list is no key that its script can compare, so the master fails the script.
    await first!.admin.del(stage.key);
    await first!.admin.lpush(stage.key, 'a list');
    await second!.admin.set(stage.key, 'another');
    expect(await client.release(lock)).toEqual({ status: 'indeterminate', cause: expect.any(Error) as Error });
  });
});

describe('npm:redis-semaphore/mutex', () => {
  const stage = new AdapterStage(findNpmLock('npm:redis-semaphore/mutex:equal'), 1);

  it('is not given up for a renewal that failed', async () => {
    const client = await stage.open({ proxied: true });
    const lock = await stage.take(client, 1_000);
    const { admin } = stage.masters[0]!;
    await admin.persist(stage.key);
    await admin.config('RESETSTAT');
    stage.replies = { replaceBy: '-ERR out of order\r\n' };
    await eventually(async () => (await stage.masters[0]!.calls('evalsha')) > 0);
    // Its spoiled answer is on the way.
    await sleep(50);
    stage.replies = 'pass';
    await admin.set(stage.key, lock.token);
    expect(await client.release(lock)).toEqual({ status: 'released' });
  });
});
