import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import type { Lock } from './lock.js';
import type { RedlockOptions } from './options.js';
import { eventually, startMasters, type TestMaster } from './redis.fixture.js';
import type { Redlock } from './redlock.js';
import type { MasterSource } from './sources.js';
import { SPEAKS_RESP3 } from './test-way.fixture.js';

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
  await Promise.all(masters.map((master) => master.admin.config('RESETSTAT')));
});
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close()));
});

const silent = (): void => undefined;

/** A copy of the module for each: clients of one copy are kin, like those of one thread, and others are strangers. */
async function anotherThread(): Promise<typeof Redlock> {
  vi.resetModules();
  return (await import('./redlock.js')).Redlock;
}

/** A client that counts how often it was woken. */
class Contender {
  wakeUps = 0;
  readonly redlock: Redlock;

  constructor(Client: typeof Redlock, options: RedlockOptions, sources: readonly MasterSource[]) {
    const observer = {
      roundTrip: silent,
      timedOut: silent,
      failed: silent,
      splitVote: silent,
      wokeUp: () => {
        this.wakeUps++;
      },
    };
    this.redlock = new Client(sources, { nodeTimeoutMs: 2_000, acquireTimeoutMs: 60_000, observer, ...options });
    clients.push(this.redlock);
  }

  /** A stranger to all others unless told otherwise; connected, and subscribed on every master. */
  static async ready(
    options: RedlockOptions = {},
    sources: readonly MasterSource[] = masters.map(({ endpoint }) => endpoint),
    Client?: typeof Redlock,
  ): Promise<Contender> {
    const before = await subscribers();
    const contender = new Contender(Client ?? (await anotherThread()), options, sources);
    await contender.redlock.connect();
    if (options.wakeUp !== 'poll') await eventually(async () => (await subscribers()) >= before + masters.length);
    return contender;
  }
}

async function subscribers(): Promise<number> {
  const channels = await Promise.all(
    masters.map(async (master) => ((await master.admin.pubsub('CHANNELS', 'redlock:*')) as string[]).length),
  );
  return channels.reduce((sum, count) => sum + count, 0);
}

/** Resolves when every master is ready once more. */
async function reconnections(redlock: Redlock): Promise<void> {
  await new Promise<void>((resolve) => {
    let ready = 0;
    redlock.on('masterReady', () => {
      if (++ready === masters.length) resolve();
    });
  });
}

/** How many messages reached a client. */
async function published(): Promise<number> {
  return await masters[0]!.calls('publish');
}

/** Waits until so many `want` messages were published since the last reset. */
async function announced(count: number): Promise<void> {
  await eventually(async () => (await published()) >= count);
}

it('wakes a waiter of another client with the release, on its second attempt', async () => {
  const [holder, waiter] = [await Contender.ready(), await Contender.ready({ retryDelayMs: 60_000 })];
  const lock = await holder.redlock.acquire('a', 60_000);
  const waiting = waiter.redlock.tryAcquire('a', 60_000);
  await announced(1);
  await lock.release();
  expect(await waiting).toMatchObject({ status: 'acquired', attempts: 2 });
  expect(waiter.wakeUps).toBe(1);
});

type WakeUpRow = [string, () => MasterSource[], RedlockOptions];

it.each<WakeUpRow>([
  // Over RESP2 it polls: a connection that subscribes could do nothing else.
  ...(SPEAKS_RESP3
    ? ([['over wire', () => masters.map(({ endpoint }) => endpoint), { transport: 'wire' }]] satisfies WakeUpRow[])
    : []),
  [
    "over a user's own ioredis instances that speak RESP2",
    () => masters.map(({ path }) => new Redis({ path, protocol: 2, lazyConnect: true })),
    {},
  ],
])('does so %s, and again after every connection was lost', async (_, makeSources, options) => {
  const sources = makeSources();
  const holder = await Contender.ready(options, sources);
  const waiter = await Contender.ready({ ...options, retryDelayMs: 60_000 }, sources);
  for (const round of [1, 2]) {
    const lock = await holder.redlock.acquire('a', 60_000);
    const waiting = waiter.redlock.tryAcquire('a', 60_000);
    await announced(round);
    await lock.release();
    const outcome = await waiting;
    expect(outcome).toMatchObject({ status: 'acquired', attempts: 2 });
    expect(waiter.wakeUps).toBe(round);
    if (outcome.status === 'acquired') await outcome.lock.release();
    await Promise.all([holder.redlock.drain(), waiter.redlock.drain()]);
    const back = Promise.all([holder, waiter].map(({ redlock }) => reconnections(redlock)));
    for (const { admin } of masters) {
      await admin.call('CLIENT', 'KILL', 'TYPE', 'pubsub');
      await admin.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
    }
    await back;
    await eventually(async () => (await subscribers()) === 2 * masters.length);
  }
});

it('serves the clients in the order in which they came, and each in its turn once', async () => {
  const holder = await Contender.ready();
  const waiters = [await Contender.ready(), await Contender.ready(), await Contender.ready()];
  const order: number[] = [];
  let lock: Lock = await holder.redlock.acquire('a', 60_000);
  const waits: Promise<Lock>[] = [];
  for (const [index, { redlock }] of waiters.entries()) {
    waits.push(
      redlock.acquire('a', 60_000).then((granted) => {
        order.push(index);
        return granted;
      }),
    );
    await announced(index + 1);
  }
  for (const wait of waits) {
    await lock.release();
    lock = await wait;
  }
  await lock.release();
  expect(order).toEqual([0, 1, 2]);
  expect(waiters.map(({ wakeUps }) => wakeUps)).toEqual([1, 1, 1]);
});

it('serves the clients of a thread before others, but only for four turns', async () => {
  const Client = await anotherThread();
  const kin = await Promise.all(Array.from({ length: 7 }, () => Contender.ready({}, undefined, Client)));
  const stranger = await Contender.ready();
  const [holder, ...relatives] = kin;
  const order: string[] = [];
  const turn = async (name: string, { redlock }: Contender): Promise<void> => {
    const lock = await redlock.acquire('a', 60_000);
    order.push(name);
    await lock.release();
  };
  const lock = await holder!.redlock.acquire('a', 60_000);
  const turns = [turn('stranger', stranger)];
  await announced(1);
  for (const [index, relative] of relatives.entries()) {
    turns.push(turn(`kin ${String(index)}`, relative));
    await announced(index + 2);
  }
  await lock.release();
  await Promise.all(turns);
  expect(order).toEqual(['kin 0', 'kin 1', 'kin 2', 'kin 3', 'stranger', 'kin 4', 'kin 5']);
});

it('sends whoever comes back at once to the end of the queue, behind waiters of other clients', async () => {
  const [first, second] = [await Contender.ready(), await Contender.ready()];
  const order: string[] = [];
  const turns = async (name: string, { redlock }: Contender): Promise<void> => {
    for (let turn = 0; turn < 10; turn++) {
      const lock = await redlock.acquire('a', 60_000);
      order.push(name);
      // Long enough for the other one to be in the queue.
      await sleep(20);
      await lock.release();
    }
  };
  await Promise.all([turns('first', first), turns('second', second)]);
  const repeats = order.slice(1, -1).filter((name, index) => name === order[index]);
  expect(repeats).toEqual([]);
});

it('sends no message for a lock that nobody else wants, nor between the waiters of one client', async () => {
  const { redlock } = await Contender.ready();
  await (await redlock.acquire('a', 60_000)).release();
  let holders = 0;
  const turns = Array.from({ length: 20 }, async () => {
    const lock = await redlock.acquire('b', 60_000);
    expect(++holders).toBe(1);
    await sleep(1);
    holders--;
    await lock.release();
  });
  await Promise.all(turns);
  await redlock.drain();
  expect(await published()).toBe(0);
  // Nobody tried in vain but the first ones, who came before anybody held it.
  expect(await masters[0]!.calls('set')).toBeLessThanOrEqual(1 + 2 * 20);
  expect(await masters[0]!.admin.dbsize()).toBe(0);
});

it('serves the waiters of one client in the order in which they came', async () => {
  const { redlock } = await Contender.ready();
  const lock = await redlock.acquire('a', 60_000);
  const order: number[] = [];
  const waits = Array.from({ length: 10 }, async (_, index) => {
    const own = await redlock.acquire('a', 60_000);
    order.push(index);
    await own.release();
  });
  await lock.release();
  await Promise.all(waits);
  expect(order).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
});

it('works with the quorum of masters that is left', async () => {
  const [holder, waiter] = [await Contender.ready(), await Contender.ready({ retryDelayMs: 60_000 })];
  await masters[2]!.kill();
  try {
    const lock = await holder.redlock.acquire('a', 60_000);
    const waiting = waiter.redlock.tryAcquire('a', 60_000);
    await announced(1);
    await lock.release();
    expect(await waiting).toMatchObject({ status: 'acquired', attempts: 2 });
    expect(waiter.wakeUps).toBe(1);
  } finally {
    await masters[2]!.restart();
  }
});

it('passes over a client that has gone, or whose waiter has', async () => {
  const holder = await Contender.ready();
  const gone = await Contender.ready();
  const aborted = await Contender.ready();
  const last = await Contender.ready({ retryDelayMs: 60_000 });
  const lock = await holder.redlock.acquire('a', 60_000);
  const controller = new AbortController();
  const first = gone.redlock.tryAcquire('a', 60_000);
  await announced(1);
  const second = aborted.redlock.tryAcquire('a', 60_000, { signal: controller.signal });
  await announced(2);
  const third = last.redlock.tryAcquire('a', 60_000);
  await announced(3);
  await gone.redlock.close();
  controller.abort();
  expect([(await first).status, (await second).status]).toEqual(['aborted', 'aborted']);
  await lock.release();
  expect(await third).toMatchObject({ status: 'acquired' });
  expect(last.wakeUps).toBe(1);
});

it('costs no more than a poll where the holder does not listen, or dies', async () => {
  const waiter = await Contender.ready();
  const deaf = await Contender.ready({ wakeUp: 'poll' });
  const lock = await deaf.redlock.acquire('a', 60_000);
  const waiting = waiter.redlock.tryAcquire('a', 60_000);
  await sleep(100);
  await lock.release();
  const outcome = await waiting;
  expect(outcome.status).toBe('acquired');
  if (outcome.status === 'acquired') await outcome.lock.release();

  const mortal = await Contender.ready();
  await mortal.redlock.acquire('b', 500);
  const surviving = waiter.redlock.tryAcquire('b', 60_000);
  await mortal.redlock.close();
  expect((await surviving).status).toBe('acquired');
});

it('keeps the queue of a lock when an older one of the same client is released late', async () => {
  const [holder, waiter] = [await Contender.ready(), await Contender.ready({ retryDelayMs: 60_000 })];
  const old = await holder.redlock.acquire('a', 50);
  const lock = await holder.redlock.acquire('a', 60_000);
  expect(await old.release()).toEqual({ status: 'lost' });
  const waiting = waiter.redlock.tryAcquire('a', 60_000);
  await announced(1);
  await lock.release();
  expect(await waiting).toMatchObject({ status: 'acquired', attempts: 2 });
});

it('leaves a waiter whose own client holds the lock and forgets to release it to the ttl', async () => {
  const { redlock } = await Contender.ready();
  await redlock.acquire('a', 300);
  expect((await redlock.tryAcquire('a', 60_000)).status).toBe('acquired');
});

it('gives every contender its turn while waiters come, give up and time out at random', async () => {
  const contenders = await Promise.all(Array.from({ length: 5 }, () => Contender.ready()));
  let holders = 0;
  let granted = 0;
  const work = contenders.flatMap(({ redlock }, client) =>
    Array.from({ length: 3 }, async (_, slot) => {
      for (let turn = 0; turn < 12; turn++) {
        const kind = (client + slot + turn) % 4;
        const signal = kind === 0 ? AbortSignal.timeout(turn * 3) : undefined;
        const limits = { signal, ...(kind === 1 ? { acquireTimeoutMs: turn * 3 } : {}) };
        const outcome = await redlock.tryAcquire('a', 10_000, limits);
        if (outcome.status !== 'acquired') {
          expect(kind).toBeLessThan(2);
          continue;
        }
        granted++;
        expect(++holders).toBe(1);
        if (kind === 2) await sleep(1);
        holders--;
        expect((await outcome.lock.release()).status).toBe('released');
      }
    }),
  );
  await Promise.all(work);
  expect(granted).toBeGreaterThanOrEqual(15 * 6);
  await Promise.all(contenders.map(({ redlock }) => redlock.drain()));
  for (const master of masters) expect(await master.admin.dbsize()).toBe(0);
});

it('takes several resources by polling, also while others queue for one of them', async () => {
  const [one, several] = [await Contender.ready(), await Contender.ready()];
  let isOver = false;
  const hogs = Array.from({ length: 3 }, async () => {
    while (!isOver) {
      const lock = await one.redlock.acquire('a', 10_000);
      await sleep(1);
      await lock.release();
    }
  });
  try {
    const lock = await several.redlock.acquire(['a', 'b'], 10_000);
    expect(lock.resources).toEqual(['a', 'b']);
    await lock.release();
  } finally {
    isOver = true;
    await Promise.all(hogs);
  }
});
