import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nsToMs, systemClock } from '../model/time.js';
import { FaultyProxy } from './faulty-proxy.fixture.js';
import { startMasters, type TestMaster } from './redis.fixture.js';
import { Redlock } from './redlock.js';

/** The round trip of a contender to the masters that are not its own is twice this. */
const FAR_ONE_WAY_MS = 4;
const ROUNDS = 4;

let masters: TestMaster[] = [];
const proxies: FaultyProxy[] = [];

beforeAll(async () => {
  masters = await startMasters(3);
});
afterAll(async () => {
  await Promise.all(proxies.map((proxy) => proxy.close()));
  await Promise.all(masters.map((master) => master.stop()));
});

/** A master that is near to one contender, or far from it. */
async function reach({ path }: TestMaster, isNear: boolean): Promise<string> {
  const proxy = await FaultyProxy.open(path);
  if (!isNear) proxy.delayMs = FAR_ONE_WAY_MS;
  proxies.push(proxy);
  return proxy.url;
}

describe.each(['ioredis', 'wire'] as const)('over %s', (transport) => {
  it('three contenders, each nearest to another master, all acquire, the slowest in under 400 ms', async () => {
    const contenders = await Promise.all(
      masters.map(async (own) => {
        const urls = await Promise.all(masters.map((master) => reach(master, master === own)));
        const redlock = new Redlock(urls, { transport });
        await redlock.connect(3);
        return redlock;
      }),
    );
    for (let round = 0; round < ROUNDS; round++) {
      const startNs = systemClock.nowNs();
      const tookMs = await Promise.all(
        contenders.map(async (redlock) => {
          const lock = await redlock.acquire('a', 10_000);
          const ms = nsToMs(systemClock.nowNs() - startNs);
          await lock.release();
          return ms;
        }),
      );
      expect(tookMs).toHaveLength(3);
      expect(Math.max(...tookMs)).toBeLessThan(400);
      await sleep(50);
    }
    await Promise.all(contenders.map((redlock) => redlock.close()));
  });
});
