import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { Transport } from '../model/scenario.js';
import { eventually } from './redis.fixture.js';
import { testCore } from './redlock.conformance.js';
import { Stage } from './stage.fixture.js';
import { SPEAKS_RESP3 } from './test-way.fixture.js';

/** What the suite of the core expects. */
const MASTERS = 5;

for (const transport of ['ioredis', 'wire'] satisfies Transport[]) {
  describe(`over ${transport}`, () => {
    const stage = new Stage({ transport }, MASTERS);
    const isWoken = SPEAKS_RESP3 || transport === 'ioredis';
    const listeners = async (): Promise<number> => {
      const lists = await Promise.all(
        stage.masters.map(async ({ admin }) => (await admin.pubsub('CHANNELS', 'redlock:*')) as string[]),
      );
      return lists.flat().length;
    };
    testCore(stage);

    it('comes the way that was meant', async () => {
      await using redlock = await stage.connected(MASTERS);
      const lock = await redlock.acquire('a', 10_000);
      const connections = String(await stage.masters[0]!.admin.call('CLIENT', 'LIST')).split('\n');
      const isLeast = process.env['REDLOCK_TEST_USER'] === 'least';
      const ours = connections.filter((line) => line.includes(isLeast ? ' user=locker ' : ' user=default '));
      const protocols = ours.map((line) => / resp=(\d)/.exec(line)?.[1]);
      expect(protocols).toContain(SPEAKS_RESP3 ? '3' : '2');
      expect(await lock.release()).toEqual({ status: 'released' });
    });

    it('clients take turns, one at a time', async () => {
      const rivals = await Promise.all([1, 2, 3].map(() => stage.connected(MASTERS, { acquireTimeoutMs: 60_000 })));
      let holders = 0;
      const turns = rivals.flatMap((rival) =>
        [1, 2, 3].map(async () => {
          await using lock = await rival.acquire('a', 10_000);
          expect([++holders, lock.resources]).toEqual([1, ['a']]);
          await sleep(1);
          holders--;
        }),
      );
      await Promise.all(turns);
    });

    it('a waiter of another client gets the lock with its release, told where connections can be', async () => {
      await using holder = await stage.connected(MASTERS);
      await using waiter = await stage.connected(MASTERS, { acquireTimeoutMs: 60_000 });
      if (isWoken) await eventually(async () => (await listeners()) === 2 * MASTERS);
      const lock = await holder.acquire('a', 60_000);
      const waiting = waiter.tryAcquire('a', 60_000);
      // A slow master may have seen the waiter before the holder: it has no owner then whom it could tell.
      const isTold = async (): Promise<boolean> =>
        (await stage.calls('publish')).filter((calls) => calls > 0).length > MASTERS / 2;
      if (isWoken) await eventually(isTold);
      await lock.release();
      const outcome = await waiting;
      expect(outcome.status).toBe('acquired');
      if (outcome.status === 'acquired') await outcome.lock.release();
    });

    it('a lock that is kept alive outlives its ttl', async () => {
      await using redlock = await stage.connected(MASTERS);
      const lock = await redlock.acquire('a', 300);
      const signal = lock.keepAlive();
      await sleep(900);
      expect(signal.aborted).toBe(false);
      expect(await lock.release()).toEqual({ status: 'released' });
    });

    it('fences grow', async () => {
      await using redlock = await stage.connected(MASTERS);
      const counters: number[] = [];
      for (let turn = 0; turn < 3; turn++) {
        const lock = await redlock.acquire('a', 10_000, { fencing: true });
        counters.push(lock.fence?.counter ?? 0);
        await lock.release();
      }
      expect(counters).toEqual([...new Set(counters)].sort((a, b) => a - b));
      expect(counters[0]).toBeGreaterThan(0);
    });

    it('nothing that it asked for was forbidden', async () => {
      await using redlock = await stage.connected(MASTERS);
      const lock = await redlock.acquire('a', 10_000);
      await lock.extend(20_000);
      await lock.release();
      const denied = await Promise.all(stage.masters.map(({ admin }) => admin.acl('LOG')));
      expect(denied.flat().map((entry) => String(entry))).toEqual([]);
    });
  });
}
