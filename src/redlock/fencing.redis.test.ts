import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { UsageError } from '../model/errors.js';
import { seededRandom } from '../model/random.js';
import { msToNs, systemClock } from '../model/time.js';
import { compareFences, formatFence, type Fence } from './fence.js';
import { drawToken, FenceMemory, findViolation, type Minted } from './fencing.fixture.js';
import { Fencing } from './fencing.js';
import type { Master, ScriptReply } from './master.js';
import { completeOptions } from './options.js';
import { eventually, startMasters, type TestMaster } from './redis.fixture.js';
import { Redlock } from './redlock.js';
import { FENCE_READ, FENCE_WRITE, type Script } from './scripts.js';
import { readSources } from './sources.js';

const KEY = 'r:fence';
const random = seededRandom(11);

let servers: TestMaster[] = [];
let masters: Master[] = [];

beforeAll(async () => {
  servers = await startMasters(3);
});
afterAll(async () => {
  await Promise.all(servers.map((server) => server.stop()));
});
beforeEach(async () => {
  await Promise.all(servers.map(({ admin }) => admin.flushall()));
  masters = await open();
});
afterEach(async () => {
  await Promise.all(masters.map((master) => master.close()));
});

async function open(some = servers): Promise<Master[]> {
  const { factories } = readSources(
    some.map(({ endpoint }) => endpoint),
    completeOptions({}),
  );
  const opened = factories.map((make, index) => make(index));
  await Promise.all(opened.map((master) => master.connect()));
  return opened;
}

/** Two busy cores may be slow; a test that hangs is ended by its own timeout. */
const patient = { clock: systemClock, nodeTimeoutMs: 10_000, random };
const untilNs = () => systemClock.nowNs() + msToNs(30_000);

async function mint(fencing = new Fencing(masters, patient)): Promise<Fence> {
  const outcome = await fencing.mint('r', drawToken(random), fencing.startReading('r'), untilNs());
  if (outcome.status !== 'minted') throw new Error(`expected a fence, got ${JSON.stringify(outcome)}`);
  return outcome.fence;
}

function run(master: number, script: Script, ...args: string[]): Promise<ScriptReply> {
  return new Promise((resolve) => masters[master]?.evaluate(script, [KEY], args, resolve));
}

/** Waits until the masters know the fence; a mint waits for a quorum only. */
async function stored(fence: Fence, ...on: TestMaster[]): Promise<void> {
  await eventually(async () => {
    const texts = await Promise.all(on.map(({ admin }) => admin.get(KEY)));
    return texts.every((text) => text === formatFence(fence));
  });
}

async function restart(index: number, ...args: string[]): Promise<void> {
  const server = servers[index];
  const ready = new Promise<void>((resolve) => masters[index]?.onReady(resolve));
  await server?.kill();
  await server?.restart(...args);
  await ready;
}

it('mints increasing and unique fences for clients that mint at once', async () => {
  const clients = await Promise.all(Array.from({ length: 4 }, () => open()));
  const minted: Minted[] = [];
  let events = 0;
  try {
    await Promise.all(
      clients.map(async (own) => {
        const fencing = new Fencing(own, patient);
        for (let i = 0; i < 25; i++) {
          const writtenAt = events++;
          const outcome = await fencing.mint('r', drawToken(random), fencing.startReading('r'), untilNs());
          // Four at once may be refused eight times; there is no fence then.
          if (outcome.status !== 'minted') continue;
          minted.push({ fence: outcome.fence, readAt: writtenAt, writtenAt, mintedAt: events++ });
        }
      }),
    );
  } finally {
    await Promise.all(clients.flat().map((master) => master.close()));
  }
  expect(minted.length).toBeGreaterThan(50);
  expect(findViolation(minted, 'writtenAt')).toBeUndefined();
});

it('gives each lock a fence above that of the holder before, whichever client asks', async () => {
  const endpoints = servers.map(({ endpoint }) => endpoint);
  const options = { nodeTimeoutMs: 10_000 };
  await using first = new Redlock(endpoints, options);
  await using second = new Redlock(endpoints, options);
  await Promise.all([first.connect(3), second.connect(3)]);
  const fences: Fence[] = [];
  await Promise.all(
    [first, second, first, second].map(async (redlock) => {
      for (let i = 0; i < 10; i++) {
        await using lock = await redlock.acquire('r', 10_000, { fencing: true, acquireTimeoutMs: Infinity });
        if (lock.fence !== undefined) fences.push(lock.fence);
      }
    }),
  );
  expect(fences).toHaveLength(40);
  fences.reduce((before, after) => {
    expect(compareFences(before, after)).toBeLessThan(0);
    return after;
  });
  await using unfenced = await first.acquire('r', 10_000);
  expect(unfenced.fence).toBeUndefined();
  await expect(first.tryAcquire(['a', 'b'], 10_000, { fencing: true })).rejects.toThrow(UsageError);
});

it('has a key without a ttl, and none but that one', async () => {
  const fence = await mint();
  await stored(fence, ...servers);
  for (const { admin } of servers) {
    expect(await admin.keys('*')).toEqual([KEY]);
    expect(await admin.pttl(KEY)).toBe(-1);
  }
});

it('mints when the masters have lost the scripts', async () => {
  expect((await mint()).counter).toBe(1);
  await Promise.all(servers.map(({ admin }) => admin.script('FLUSH')));
  expect((await mint()).counter).toBe(2);
});

describe('the scripts', () => {
  it('read nothing where nothing is', async () => {
    expect(await run(0, FENCE_READ)).toBeNull();
  });

  it.each([1, 9, 99_999_999_999_999, 2 ** 31 - 1, 2 ** 31, 2 ** 32, 2 ** 53 - 2])(
    'keep every digit and the order above %d',
    async (counter) => {
      const text = formatFence({ counter, owner: 'f0' });
      const next = formatFence({ counter: counter + 1, owner: '00' });
      expect(await run(0, FENCE_WRITE, text)).toBe(1);
      expect(await run(0, FENCE_READ)).toBe(text);
      expect(await run(0, FENCE_WRITE, next)).toBe(1);
      expect(await run(0, FENCE_READ)).toBe(next);
      expect(await run(0, FENCE_WRITE, text)).toBe(next);
      expect(await run(0, FENCE_READ)).toBe(next);
    },
  );

  it('mint up to the largest counter and not beyond', async () => {
    const nearEnd = formatFence({ counter: 2 ** 53 - 2, owner: 'ff' });
    await Promise.all(servers.map(({ admin }) => admin.set(KEY, nearEnd)));
    expect((await mint()).counter).toBe(Number.MAX_SAFE_INTEGER);
    await expect(mint()).rejects.toThrow('indeterminate');
  });

  it('refuse the stored fence itself and a smaller owner, and take a greater one', async () => {
    const of = (owner: string) => formatFence({ counter: 7, owner });
    expect(await run(0, FENCE_WRITE, of('5a'))).toBe(1);
    expect(await run(0, FENCE_WRITE, of('5a'))).toBe(of('5a'));
    expect(await run(0, FENCE_WRITE, of('59'))).toBe(of('5a'));
    expect(await run(0, FENCE_WRITE, of('5'))).toBe(of('5a'));
    expect(await run(0, FENCE_WRITE, of('5a0'))).toBe(1);
    expect(await run(0, FENCE_WRITE, of('5b'))).toBe(1);
  });

  it.each(['', '42', 'x', '!', '0000000000000001', '12:ab'])('answer an error for %j and leave it', async (foreign) => {
    const [server] = servers as [TestMaster];
    await server.admin.set(KEY, foreign);
    expect(await run(0, FENCE_WRITE, formatFence({ counter: 5, owner: 'a' }))).toMatchObject({
      kind: 'failed',
      reached: 'answered',
    });
    expect(await server.admin.get(KEY)).toBe(foreign);
  });

  it('answer an error for another type', async () => {
    const [server] = servers as [TestMaster];
    await server.admin.lpush(KEY, 'x');
    const failed = { kind: 'failed', reached: 'answered' };
    expect(await run(0, FENCE_READ)).toMatchObject(failed);
    expect(await run(0, FENCE_WRITE, formatFence({ counter: 5, owner: 'a' }))).toMatchObject(failed);
    // The others are a quorum.
    expect((await mint()).counter).toBe(1);
  });

  it('do as the memory of the simulated masters does', async () => {
    const [server] = servers as [TestMaster];
    const aFence = fc.record({
      counter: fc.constantFrom(1, 2, 10, 2 ** 31, 2 ** 53 - 1),
      owner: fc.constantFrom('0', '00', '09', '9', 'a', 'af', 'f'),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(aFence, { minLength: 2, maxLength: 12 }), async (fences) => {
        await server.admin.del(KEY);
        const memory = new FenceMemory();
        for (const fence of fences) {
          const args = [formatFence(fence)];
          expect(await run(0, FENCE_WRITE, ...args)).toBe(memory.run(FENCE_WRITE, args));
          expect(await run(0, FENCE_READ)).toBe(memory.run(FENCE_READ, []));
        }
      }),
      { numRuns: 60 },
    );
  });
});

describe('a master that forgets', () => {
  it('is survived when all three had stored the fence', async () => {
    for (const [index, server] of servers.entries()) {
      const before = await mint();
      await stored(before, ...servers);
      await restart(index);
      expect(await server.admin.get(KEY)).toBeNull();
      const after = await mint();
      expect(compareFences(before, after)).toBeLessThan(0);
    }
  });

  it('is not survived when it is one of only two that had stored it', async () => {
    const [first, second, third] = servers as [TestMaster, TestMaster, TestMaster];
    await third.kill();
    await mint();
    const before = await mint();
    await stored(before, first, second);
    await third.restart();
    await restart(1);
    await first.kill();
    const reached = await open([second, third]);
    try {
      const after = await mint(new Fencing([...reached, unreachable], patient));
      expect(compareFences(before, after)).toBeGreaterThan(0);
      expect(after.counter).toBe(1);
    } finally {
      await Promise.all(reached.map((master) => master.close()));
      await first.restart();
    }
  });

  it('is no matter with an AOF that is synced always: all may restart', async () => {
    const durable = ['--appendonly', 'yes', '--appendfsync', 'always'];
    try {
      for (const index of servers.keys()) await restart(index, ...durable);
      await mint();
      const before = await mint();
      await stored(before, ...servers);
      for (const index of servers.keys()) await restart(index, ...durable);
      for (const { admin } of servers) expect(await admin.get(KEY)).toBe(formatFence(before));
      expect((await mint()).counter).toBe(3);
    } finally {
      for (const index of servers.keys()) await restart(index);
    }
  });
});

const unreachable: Pick<Master, 'name' | 'evaluate'> = {
  name: 'unreachable',
  evaluate: (_script, _keys, _args, onReply) => {
    onReply({ kind: 'failed', reached: 'never', cause: new Error('not connected') });
  },
};
