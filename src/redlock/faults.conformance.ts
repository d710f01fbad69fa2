/**
 * What every transport must do with masters that fail: each way of failing, in all of them and in a minority.
 *
 * Every acquisition ends in bounded time with the right status, and no key stays where a connection survived or came
 * back.
 *
 * @module
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { EnvironmentError } from '../model/errors.js';
import { msToNs, nsToMs, systemClock } from '../model/time.js';
import type { AcquireOutcome } from './acquisition.js';
import { LockValidityEndedError } from './errors.js';
import type { FaultyProxy } from './faulty-proxy.fixture.js';
import type { RedlockOptions } from './options.js';
import { TestMaster } from './redis.fixture.js';
import type { Redlock } from './redlock.js';
import { livingTimers, Stage, type ClientKind } from './stage.fixture.js';

const MASTERS = 3;
const TTL_MS = 60_000;
/** Room for a machine that is busy, but none for a ttl, or for a wait without end. */
const BOUND_MS = 10_000;

/** What PTTL says of a key that never ends. */
const WITHOUT_TTL = -1;

export function testFaults(kind: ClientKind): void {
  describe(`over ${kind.transport}`, () => {
    const stage = new Stage(kind, MASTERS);
    testEveryFault(stage);
    testDeadMasters(stage);
    testHungMasters(stage);
    testLostReplies(stage);
    testRollingFailure(stage);
    testStart(stage);
  });
}

/** A master, and the proxy through which the client reaches it. */
interface Target {
  readonly master: TestMaster;
  readonly proxy: FaultyProxy;
}

interface Fault {
  readonly name: string;
  /** Before the acquisition. */
  strike?(target: Target): Promise<unknown>;
  /** While it is under way. */
  strikeInFlight?(target: Target): Promise<unknown>;
  heal(target: Target): Promise<unknown>;
  /** When all masters fail like this. */
  readonly status: AcquireOutcome['status'];
  /** What the reason says. */
  readonly reason?: RegExp;
}

async function replies(target: Target, fault: FaultyProxy['replies']): Promise<void> {
  target.proxy.replies = fault;
}

async function configure({ master, proxy }: Target, name: string, value: string): Promise<void> {
  await master.admin.config('SET', name, value);
  if (name === 'requirepass') proxy.cut();
}

const FAULTS: readonly Fault[] = [
  {
    name: 'is down',
    strike: ({ master }) => master.kill(),
    heal: ({ master }) => master.restart(),
    status: 'indeterminate',
  },
  {
    name: 'is killed with the command in flight',
    strike: (target) => replies(target, 'hold'),
    strikeInFlight: ({ master }) => master.kill(),
    heal: async (target) => {
      await target.master.restart();
      await replies(target, 'pass');
    },
    status: 'indeterminate',
  },
  {
    name: 'hangs',
    strike: async ({ master }) => {
      master.pause();
    },
    heal: async ({ master }) => {
      master.resume();
    },
    status: 'indeterminate',
    reason: /no answer within/,
  },
  {
    name: 'is half-open: it hears, and is not heard',
    strike: (target) => replies(target, 'drop'),
    heal: async (target) => {
      await replies(target, 'pass');
      target.proxy.cut();
    },
    status: 'indeterminate',
    reason: /no answer within/,
  },
  {
    name: 'is lost between applying and replying',
    strike: (target) => replies(target, 'reset'),
    heal: (target) => replies(target, 'pass'),
    status: 'indeterminate',
  },
  {
    name: 'answers after the deadline',
    strike: (target) => replies(target, 'hold'),
    heal: (target) => replies(target, 'pass'),
    status: 'indeterminate',
    reason: /no answer within/,
  },
  {
    name: 'is a replica that only reads',
    strike: ({ master }) => master.admin.replicaof('127.0.0.1', 1),
    heal: ({ master }) => master.admin.replicaof('NO', 'ONE'),
    status: 'indeterminate',
    reason: /READONLY/,
  },
  {
    name: 'is out of memory',
    strike: (target) => configure(target, 'maxmemory', '1'),
    heal: (target) => configure(target, 'maxmemory', '0'),
    status: 'indeterminate',
    reason: /OOM/,
  },
  {
    name: 'is loading',
    strike: async ({ master }) => {
      await master.restartLoading();
    },
    heal: ({ master }) => master.finishLoading(),
    status: 'indeterminate',
  },
  {
    name: 'wants a password and gets none',
    strike: (target) => configure(target, 'requirepass', 'another'),
    heal: (target) => configure(target, 'requirepass', ''),
    status: 'indeterminate',
  },
  {
    name: 'holds another type at the key',
    strike: ({ master }) => master.admin.lpush('a', 'x'),
    heal: ({ master }) => master.admin.del('a'),
    status: 'held',
  },
  {
    name: 'answers garbage',
    strike: (target) => replies(target, { replaceBy: 'HTTP/1.1 400 Bad Request\r\n\r\n' }),
    heal: (target) => replies(target, 'pass'),
    status: 'indeterminate',
  },
  {
    name: 'answers with a reply of another type',
    strike: (target) => replies(target, { replaceBy: '*1\r\n:7\r\n' }),
    heal: async (target) => {
      await replies(target, 'pass');
      target.proxy.cut();
    },
    // It says neither yes nor no: the key may be there.
    status: 'indeterminate',
  },
];

function testEveryFault(stage: Stage): void {
  const targets = (): Target[] => stage.masters.map((master, index) => ({ master, proxy: stage.proxies[index]! }));

  /** Acquires while some masters fail, lets them heal, and sees that nothing is left and all is well again. */
  async function meet(
    { strike, strikeInFlight, heal }: Fault,
    failing: readonly Target[],
    options: RedlockOptions,
    check: (outcome: AcquireOutcome, tookMs: number) => Promise<void>,
  ): Promise<void> {
    const redlock = await stage.proxied({ wakeUp: 'poll', ...options });
    try {
      await Promise.all(failing.map(async (target) => strike?.(target)));
      const startNs = systemClock.nowNs();
      const acquiring = redlock.tryAcquire('a', TTL_MS);
      if (strikeInFlight !== undefined) {
        // Until the requests have passed the proxies: the masters are to die with them, not before.
        await sleep(20);
        await Promise.all(failing.map((target) => strikeInFlight(target)));
      }
      await check(await acquiring, nsToMs(systemClock.nowNs() - startNs));
    } finally {
      await Promise.all(failing.map((target) => heal(target)));
    }
    await redlock.drain();
    await soon(() => stage.isEmpty());
    await soon(() => usesAll(redlock, stage));
  }

  describe.each(FAULTS.map((fault) => [fault.name, fault] as const))('a master that %s', (_name, fault) => {
    it(`makes the outcome ${fault.status} where all do, and nothing is left when they are back`, async () => {
      await meet(fault, targets(), { nodeTimeoutMs: 150 }, async (outcome, tookMs) => {
        expect(outcome).toMatchObject({ status: fault.status, attempts: 1 });
        expect(tookMs).toBeLessThan(BOUND_MS);
        if (outcome.status === 'indeterminate' && fault.reason !== undefined) {
          expect(outcome.cause.message).toMatch(fault.reason);
        }
      });
    });

    it('costs nothing where it is the only one: the others grant the lock and its release', async () => {
      await meet(fault, targets().slice(2), { nodeTimeoutMs: 60_000 }, async (outcome, tookMs) => {
        if (outcome.status !== 'acquired') throw new Error(`expected the lock, got ${outcome.status}`);
        expect(await outcome.lock.release()).toEqual({ status: 'released' });
        expect(tookMs).toBeLessThan(BOUND_MS);
      });
    });
  });
}

/** Whether every master grants, and is left without a key. */
async function usesAll(redlock: Redlock, stage: Stage): Promise<boolean> {
  const outcome = await redlock.tryAcquire('again', TTL_MS);
  await redlock.drain();
  const isUsed = (await stage.held('again')).every((token) => token !== null);
  if (outcome.status === 'acquired') await outcome.lock.release();
  await redlock.drain();
  return isUsed && (await stage.isEmpty());
}

/** For what is to come within ten seconds. */
async function soon(isSo: () => Promise<boolean>): Promise<void> {
  const endNs = systemClock.nowNs() + msToNs(BOUND_MS);
  while (!(await isSo())) {
    if (systemClock.nowNs() > endNs) throw new Error('expected within 10 s, did not happen');
    await sleep(10);
  }
}

/** For what must end within ten seconds, whichever way. */
async function inTime<T>(promise: Promise<T>): Promise<T> {
  const late = sleep(BOUND_MS, undefined, { ref: false }).then(() => {
    throw new Error('expected an end within 10 s, got none');
  });
  return await Promise.race([promise, late]);
}

function testDeadMasters(stage: Stage): void {
  describe('dead masters', () => {
    it('and a lock held on the living ones are a held lock', async () => {
      const redlock = await stage.connected(3);
      await stage.masters[2]!.kill();
      try {
        for (const master of stage.masters.slice(0, 2)) await master.admin.set('a', 'another');
        expect(await redlock.tryAcquire('a', TTL_MS)).toMatchObject({ status: 'held', attempts: 1 });
      } finally {
        await stage.masters[2]!.restart();
      }
    });

    it('are told of the releases that they missed, where a restart brings the keys back, and are served again', async () => {
      const durable = ['--appendonly', 'yes', '--appendfsync', 'always'];
      const master = await TestMaster.start(...durable);
      try {
        const redlock = stage.client([...stage.masters.slice(0, 2).map(({ endpoint }) => endpoint), master.endpoint], {
          commands: 'lua',
        });
        await redlock.connect(3);
        const lock = await redlock.acquire('a', TTL_MS);
        await redlock.drain();
        await master.kill();
        expect(await lock.release()).toEqual({ status: 'released' });
        await master.restart(...durable);
        await soon(async () => (await master.admin.exists('a')) === 0);
        // It is the release that deleted it: the key had most of a minute to live.
        expect(await master.calls('del')).toBe(1);
        const again = await redlock.acquire('b', TTL_MS);
        await redlock.drain();
        expect(await master.admin.get('b')).toBe(again.token);
      } finally {
        await master.stop();
      }
    });

    it('pitfall 6: get no ghost of a command that was in flight when they are back: only deletions are sent again', async () => {
      const redlock = await stage.connected(3, { nodeTimeoutMs: 60_000, commands: 'lua', wakeUp: 'poll' });
      for (const master of stage.masters) master.pause();
      const acquiring = redlock.tryAcquire('a', TTL_MS);
      await sleep(20);
      await Promise.all(stage.masters.map((master) => master.kill()));
      await Promise.all(stage.masters.map((master) => master.restart()));
      // Pitfall 8: its node timeout is a minute, so it is the lost connections that end it.
      expect(await acquiring).toMatchObject({ status: 'indeterminate', attempts: 1 });
      // The repeated deletion is the first command of the new connection, and shows that there is one.
      await soon(async () => (await stage.calls('evalsha')).every((calls) => calls === 1));
      expect(await stage.calls('set')).toEqual([0, 0, 0]);
      await soon(async () => (await redlock.tryAcquire('b', TTL_MS)).status === 'acquired');
    });
  });
}

function testHungMasters(stage: Stage): void {
  describe('pitfall 5: hung masters', () => {
    it('pitfall 9: are waited for no longer than the node timeout, and have no key left when they go on', async () => {
      const redlock = await stage.connected(3, { nodeTimeoutMs: 100 });
      const hung = stage.masters.slice(0, 2);
      for (const master of hung) master.pause();
      const startNs = systemClock.nowNs();
      const outcome = await redlock.tryAcquire('a', TTL_MS);
      const tookMs = nsToMs(systemClock.nowNs() - startNs);
      expect(outcome).toMatchObject({
        status: 'indeterminate',
        votes: [{ vote: 'timed out' }, { vote: 'timed out' }, { vote: 'granted' }],
      });
      // The lower bound is exact; the upper one leaves room for a machine that is busy, but not for a second timeout.
      expect(tookMs).toBeGreaterThanOrEqual(100);
      expect(tookMs).toBeLessThan(BOUND_MS);
      await redlock.drain();
      for (const master of hung) master.resume();
      await soon(async () => (await stage.calls('set')).every((calls) => calls === 1) && (await stage.isEmpty()));
    });

    it('have no key left when their client is closed before they go on', async () => {
      const redlock = await stage.connected(3, { nodeTimeoutMs: 100 });
      const hung = stage.masters.slice(0, 2);
      for (const master of hung) master.pause();
      await redlock.tryAcquire('a', TTL_MS);
      await redlock.close();
      for (const master of hung) master.resume();
      await soon(async () => (await stage.calls('set'))[0] === 1);
      await soon(() => stage.isEmpty());
    });

    it('pitfall 13: in the majority end a kept lock with its validity, after few tries, and leave no timer', async () => {
      const timers = livingTimers();
      const redlock = await stage.proxied({ nodeTimeoutMs: 50 });
      const lock = await redlock.acquire('a', 600);
      const signal = lock.keepAlive();
      await redlock.drain();
      for (const proxy of stage.proxies.slice(0, 2)) proxy.replies = 'drop';
      try {
        await soon(async () => signal.aborted);
        expect(signal.reason).toBeInstanceOf(LockValidityEndedError);
        expect(lock.remainingNs).toBe(0);
        expect((await stage.calls('evalsha'))[2]).toBeLessThan(30);
        expect((await lock.release()).status).not.toBe('released');
      } finally {
        for (const proxy of stage.proxies) {
          proxy.replies = 'pass';
          proxy.cut();
        }
      }
      await redlock.close();
      await soon(() => stage.isEmpty());
      expect(livingTimers()).toBeLessThanOrEqual(timers);
    });
  });
}

function testLostReplies(stage: Stage): void {
  it('pitfall 7: a SET whose reply was lost is not sent again, and its key goes when the connection is back', async () => {
    const redlock = await stage.proxied({ wakeUp: 'poll' });
    for (const proxy of stage.proxies) proxy.replies = 'reset';
    const outcome = await redlock.tryAcquire('a', TTL_MS);
    expect(outcome).toMatchObject({ status: 'indeterminate', attempts: 1 });
    expect((await stage.held()).filter((token) => token !== null).length).toBeGreaterThanOrEqual(2);
    // A key that nobody could delete would end with its ttl.
    for (const { admin } of stage.masters) expect(await admin.pttl('a')).toBeLessThanOrEqual(TTL_MS);
    for (const { admin } of stage.masters) expect(await admin.pttl('a')).not.toBe(WITHOUT_TTL);
    for (const proxy of stage.proxies) proxy.replies = 'pass';
    await soon(() => stage.isEmpty());
    expect(await stage.calls('set')).toEqual([1, 1, 1]);
    // The same key can be had at once: the lost attempt does not stand in its own way.
    await soon(async () => (await redlock.tryAcquire('a', TTL_MS)).status === 'acquired');
  });

  it('a release whose replies are lost is told again, and harms no later holder', async () => {
    const [ours, other] = [await stage.proxied({ commands: 'lua', wakeUp: 'poll' }), await stage.connected(3)];
    const lock = await ours.acquire('a', TTL_MS);
    await ours.drain();
    for (const proxy of stage.proxies) proxy.replies = 'reset';
    expect(await lock.release()).toMatchObject({ status: 'indeterminate' });
    await soon(() => stage.isEmpty());
    const next = await other.acquire('a', TTL_MS);
    await other.drain();
    for (const proxy of stage.proxies) proxy.replies = 'pass';
    // Twice: the release, and its repetition.
    await soon(async () => (await stage.calls('evalsha')).every((calls) => calls >= 2));
    await ours.drain();
    expect(await stage.held()).toEqual([next.token, next.token, next.token]);
  });
}

function testRollingFailure(stage: Stage): void {
  it('a kept lock outlives one master after the other: each fails, forgets everything, and comes back', async () => {
    const redlock = await stage.connected(3, { nodeTimeoutMs: 200 });
    const rival = await stage.connected(3, { nodeTimeoutMs: 200 });
    const lock = await redlock.acquire('a', 2_000);
    const signal = lock.keepAlive();
    await redlock.drain();
    for (const master of stage.masters) {
      await master.kill();
      const { validUntilNs } = lock;
      expect((await rival.tryAcquire('a', 2_000)).status).not.toBe('acquired');
      await soon(async () => lock.validUntilNs > validUntilNs || signal.aborted);
      await master.restart();
      expect(signal.aborted).toBe(false);
      // It has forgotten its key, and nobody creates it there again; the test brings it back, as an AOF would.
      await master.admin.set('a', lock.token, 'PX', 2_000, 'NX');
      await soon(async () => (await stage.held()).every((token) => token === lock.token));
      await soon(async () => (await rival.tryAcquire('unrelated', 100)).status === 'acquired');
    }
    expect(await lock.release()).toEqual({ status: 'released' });
  });
}

function testStart(stage: Stage): void {
  describe('a client that connects', () => {
    it('is refused when more than the minority is down, and is told which', async () => {
      const endpoints = stage.masters.map(({ endpoint }) => endpoint);
      await stage.masters[1]!.kill();
      const client = stage.client(endpoints);
      await client.connect();
      await expect(client.connect(3)).rejects.toThrow(EnvironmentError);
      await stage.masters[2]!.kill();
      try {
        await expect(stage.client(endpoints).connect()).rejects.toThrow(
          /expected 2 of 3 connections, got 1; .*redis\.sock/,
        );
      } finally {
        await Promise.all(stage.masters.slice(1).map((master) => master.restart()));
      }
    });

    it('finds masters that were down at first, when they are up', async () => {
      await Promise.all(stage.masters.map((master) => master.kill()));
      const redlock = stage.client(
        stage.masters.map(({ endpoint }) => endpoint),
        { nodeTimeoutMs: 150 },
      );
      try {
        await expect(redlock.connect()).rejects.toThrow(/got 0/);
        expect(await redlock.tryAcquire('a', TTL_MS)).toMatchObject({ status: 'indeterminate', attempts: 1 });
      } finally {
        await Promise.all(stage.masters.map((master) => master.restart()));
      }
      await soon(() => usesAll(redlock, stage));
    });

    it('with a wrong password is turned away in bounded time, without its name, and let in once it is right', async () => {
      for (const { admin } of stage.masters)
        await admin.acl('SETUSER', 'planner', 'reset', 'on', '>right', '~*', '&*', '+@all');
      const redlock = stage.client(
        stage.masters.map(({ url }) => url.replace('unix://', 'unix://planner:wr0ng@localhost')),
        { nodeTimeoutMs: 150 },
      );
      const refusal = await redlock.connect().catch((error: unknown) => error as Error);
      expect(String(refusal)).toMatch(/WRONGPASS/);
      expect(String(refusal)).not.toContain('wr0ng');
      expect(await redlock.tryAcquire('a', TTL_MS)).toMatchObject({ status: 'indeterminate', attempts: 1 });
      for (const { admin } of stage.masters) await admin.acl('SETUSER', 'planner', '>wr0ng');
      await soon(() => usesAll(redlock, stage));
    });

    it('is refused in bounded time where servers accept it and say nothing, and finds them when they speak', async () => {
      for (const proxy of stage.proxies) proxy.replies = 'drop';
      const redlock = stage.client(stage.proxies.map(({ url }) => url));
      try {
        await expect(inTime(redlock.connect())).rejects.toThrow(/got 0/);
      } finally {
        for (const proxy of stage.proxies) proxy.replies = 'pass';
      }
      await soon(() => usesAll(redlock, stage));
    });

    it('waits in bounded time only for a minority that is loading', async () => {
      const [master] = stage.masters as [TestMaster];
      await master.restartLoading();
      const redlock = stage.client(stage.masters.map(({ endpoint }) => endpoint));
      try {
        await inTime(redlock.connect());
        expect((await redlock.tryAcquire('a', TTL_MS)).status).toBe('acquired');
      } finally {
        await master.finishLoading();
      }
    });
  });
}
