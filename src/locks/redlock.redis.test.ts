import { afterAll, beforeAll, expect, it } from 'vitest';
import { parseEndpoint, type Endpoint } from '../model/endpoint.js';
import { EnvironmentError, UsageError } from '../model/errors.js';
import { seededRandom } from '../model/random.js';
import { completeScenario, type ScenarioInput } from '../model/scenario.js';
import { systemClock } from '../model/time.js';
import { eventually, startMasters, type TestMaster } from '../redlock/redis.fixture.js';
import type { HeldLock, LockContext } from './lock-client.js';
import { redlockAdapter } from './redlock.js';

let masters: TestMaster[] = [];

beforeAll(async () => {
  masters = await startMasters(3);
});
afterAll(async () => {
  await Promise.all(masters.map((master) => master.stop()));
});

const REQUEST = { resources: ['a'], ttlMs: 10_000, mode: 'exclusive' } as const;

function context(input: ScenarioInput = {}): LockContext & { readonly heard: string[] } {
  const heard: string[] = [];
  const endpoints = masters.map(({ url }) => parseEndpoint(url, { username: undefined, password: undefined }));
  return {
    heard,
    masters: endpoints as Endpoint[],
    scenario: completeScenario({ nodeTimeoutMs: 2_000, acquireTimeoutMs: 0, ...input }, 1),
    clock: systemClock,
    random: seededRandom(1),
    connect: () => Promise.reject(new Error('our own client connects by itself')),
    observer: {
      roundTrip: (master) => heard.push(`round trip of ${String(master)}`),
      timedOut: () => heard.push('timed out'),
      failed: () => heard.push('failed'),
      splitVote: () => heard.push('split'),
      votes: () => 0,
      wokeUp: () => heard.push('woke up'),
    },
  };
}

it('takes, extends and releases locks for the runner, with its settings and its observer', async () => {
  const { heard, ...rest } = context();
  await using client = await redlockAdapter.open(rest);
  const { signal } = new AbortController();
  const outcome = await client.acquire(REQUEST, signal);
  if (outcome.status !== 'acquired') throw new Error(outcome.status);
  expect(await client.acquire(REQUEST, signal)).toMatchObject({ status: 'held', attempts: 1 });
  const extended = await client.extend?.(outcome.lock, 60_000);
  expect(extended).toEqual({ status: 'extended', lock: outcome.lock });
  expect(outcome.lock.validUntilNs! - systemClock.nowNs()).toBeGreaterThan(50_000_000_000);
  expect(await client.release(outcome.lock)).toEqual({ status: 'released' });
  await eventually(() => heard.length === 6);
  expect([...heard].sort()).toEqual([0, 0, 1, 1, 2, 2].map((master) => `round trip of ${String(master)}`));
});

it('takes a fractional ttl for the whole milliseconds that the masters count', async () => {
  await using client = await redlockAdapter.open(context());
  const startNs = systemClock.nowNs();
  const outcome = await client.acquire({ ...REQUEST, resources: ['b'], ttlMs: 10_000.9 }, new AbortController().signal);
  if (outcome.status !== 'acquired') throw new Error(outcome.status);
  // Later than its start, so any of the 0.9 ms would show.
  const nowNs = systemClock.nowNs();
  expect(outcome.lock.validUntilNs).toBeGreaterThanOrEqual(startNs + 9_898_000_000);
  expect(outcome.lock.validUntilNs).toBeLessThanOrEqual(nowNs + 9_898_000_000);
  await client.release(outcome.lock);
});

it('refuses what it cannot do', async () => {
  await using client = await redlockAdapter.open(context());
  const { signal } = new AbortController();
  await expect(client.acquire({ ...REQUEST, mode: 'shared' }, signal)).rejects.toThrow(UsageError);
  const foreign: HeldLock = { resources: ['a'], token: 'x', validUntilNs: undefined };
  await expect(client.release(foreign)).rejects.toThrow(UsageError);
});

it('does not open while a master is down, even one that the quorum could spare', async () => {
  await masters[2]!.kill();
  try {
    await expect(redlockAdapter.open(context())).rejects.toThrow(EnvironmentError);
  } finally {
    await masters[2]!.restart();
  }
});
