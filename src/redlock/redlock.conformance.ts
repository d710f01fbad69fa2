/**
 * What every transport must do with masters that work, or are not there: votes, locks, contention, and the pitfalls
 * that other clients fell into. `faults.conformance.ts` has the masters that fail while they are asked.
 *
 * The numbers of the pitfalls are those of the project's survey of lock clients. Those that turn on time or on the
 * order of replies have their tests on scripted masters, under the same names.
 *
 * @module
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { quorumOf } from '../model/quorum.js';
import { msToNs, nsToMs, systemClock } from '../model/time.js';
import type { AcquireOutcome } from './acquisition.js';
import {
  AcquireAbortedError,
  LockExpiredError,
  LockHeldError,
  LockLostError,
  LockReleasedError,
  QuorumUnreachableError,
} from './errors.js';
import type { Lock } from './lock.js';
import { eventually, type TestMaster } from './redis.fixture.js';
import { RELEASE } from './scripts.js';
import { blockEventLoop, livingTimers, Stage, type ClientKind } from './stage.fixture.js';

const MASTERS = 5;
/** Attempts until it is aborted, and soon again. */
const PATIENT = { acquireTimeoutMs: 60_000, retryDelayMs: 1, retryJitterMs: 10 };

export function testRedlock(kind: ClientKind): void {
  describe(`over ${kind.transport}`, () => {
    const stage = new Stage(kind, MASTERS);
    testVotes(stage);
    testLock(stage);
    testSeveralResources(stage);
    testContention(stage);
    testPitfalls(stage);
    testCrash(kind, stage);
  });
}

/** The part that depends on how the masters are reached, for each of many ways. */
export function testCore(stage: Stage): void {
  testLock(stage);
  testSeveralResources(stage);
}

/** A master that is asked is free, holds the key for another, or is not there. */
type State = 'free' | 'held' | 'dead';

/** Every way in which each place can be taken by one of its choices. */
function combine<T>(choices: readonly (readonly T[])[]): T[][] {
  const [first, ...rest] = choices;
  if (first === undefined) return [[]];
  return combine(rest).flatMap((others) => first.map((choice) => [choice, ...others]));
}

function expectedStatus(states: readonly State[]): AcquireOutcome['status'] {
  const count = (state: State): number => states.filter((each) => each === state).length;
  const quorum = quorumOf(states.length);
  if (count('free') >= quorum) return 'acquired';
  return count('dead') > states.length - quorum ? 'indeterminate' : 'held';
}

function testVotes(stage: Stage): void {
  describe.each([1, 2, 3, 4, 5])('pitfalls 4 and 24: with %i masters', (count) => {
    it('a majority of all must be free, for every set of dead and of held ones, and no key is left', async () => {
      for (const living of combine(Array<State[]>(count).fill(['free', 'dead']))) {
        const redlock = stage.client(
          living.map((state, index) =>
            state === 'dead' ? `unix:///nobody/listens/${String(index)}` : stage.masters[index]!.endpoint,
          ),
          // Nothing below may take it: dead and living masters vote at once.
          { nodeTimeoutMs: 60_000 },
        );
        await redlock.connect(0);
        for (const states of combine(
          living.map((state): State[] => (state === 'dead' ? ['dead'] : ['free', 'held'])),
        )) {
          const held = stage.masters.filter((_, index) => states[index] === 'held');
          await Promise.all(held.map((master) => master.admin.set('a', 'another')));

          const outcome = await redlock.tryAcquire('a', 60_000);
          expect([states, outcome.status]).toEqual([states, expectedStatus(states)]);
          if (outcome.status === 'acquired') expect(await outcome.lock.release()).toEqual({ status: 'released' });
          await redlock.drain();

          const left = stage.masters.map((_, index) => (states[index] === 'held' ? 'another' : null));
          expect(await stage.held()).toEqual(left);
          await Promise.all(held.map((master) => master.admin.del('a')));
        }
        await redlock.close();
      }
    });
  });

  it('pitfall 24: the quorum is one of the masters that were named, not of those that are connected', async () => {
    const dead = [0, 1, 2].map((index) => `unix:///nobody/listens/${String(index)}`);
    const redlock = stage.client([...dead, ...stage.masters.slice(0, 2).map(({ endpoint }) => endpoint)]);
    await redlock.connect(2);
    await expect(redlock.connect()).rejects.toThrow(/expected 3 of 5 connections, got 2/);
    const outcome = await redlock.tryAcquire('a', 60_000);
    expect(outcome).toMatchObject({ status: 'indeterminate', cause: { code: 'QUORUM_UNREACHABLE' } });
    expect((outcome as { cause: Error }).cause.message).toContain('3 of 5 masters');
  });

  it('the outcome says who voted what', async () => {
    const [free, holding] = stage.masters as [TestMaster, TestMaster];
    await holding.admin.set('a', 'another');
    const dead = ['unix:///nobody/listens/0', 'unix:///nobody/listens/1'];
    const redlock = stage.client([free.endpoint, holding.endpoint, ...dead], { nodeTimeoutMs: 60_000 });
    await redlock.connect(2);
    const outcome = await redlock.tryAcquire('a', 60_000);
    // Of four, two failures decide it, before any of the others could answer.
    expect(outcome).toMatchObject({
      status: 'indeterminate',
      votes: [
        { master: free.name, vote: 'open' },
        { master: holding.name, vote: 'open' },
        { master: dead[0], vote: 'failed', cause: { message: expect.stringMatching(/ENOENT/) as string } },
        { master: dead[1], vote: 'failed', cause: { message: expect.stringMatching(/ENOENT/) as string } },
      ],
    });

    const small = stage.client([holding.endpoint, free.endpoint]);
    await small.connect(2);
    await redlock.drain();
    expect(await small.tryAcquire('a', 60_000)).toMatchObject({
      status: 'held',
      votes: [{ vote: 'held' }, { master: free.name }],
    });
  });
}

function testLock(stage: Stage): void {
  describe('a held lock', () => {
    it('has its token and its ttl on the masters, and is refused to others until it is released', async () => {
      const [ours, others] = [await stage.connected(3), await stage.connected(3)];
      const lock = await ours.acquire('a', 10_000);
      await ours.drain();
      expect(await stage.held()).toEqual([lock.token, lock.token, lock.token, null, null]);
      for (const master of stage.masters.slice(0, 3)) {
        expect(await master.admin.pttl('a')).toBeGreaterThan(nsToMs(lock.remainingNs));
      }
      expect(await others.tryAcquire('a', 10_000)).toMatchObject({ status: 'held', attempts: 1 });
      await lock.release();
      expect((await others.tryAcquire('a', 10_000)).status).toBe('acquired');
    });

    it('gets a longer ttl on every master by an extension, which creates no key where it is lost', async () => {
      const redlock = await stage.connected(3);
      const lock = await redlock.acquire('a', 10_000);
      await redlock.drain();
      await stage.masters[1]!.admin.del('a');
      expect(await lock.extend(60_000)).toBe(lock.validUntilNs);
      expect(nsToMs(lock.remainingNs)).toBeGreaterThan(50_000);
      await redlock.drain();
      for (const index of [0, 2]) expect(await stage.masters[index]!.admin.pttl('a')).toBeGreaterThan(50_000);
      expect(await stage.masters[1]!.admin.exists('a')).toBe(0);
    });

    it('is lost for an extension and a release once another token has taken a majority, and leaves that alone', async () => {
      const redlock = await stage.connected(3);
      const lock = await redlock.acquire('a', 10_000);
      await redlock.drain();
      for (const master of stage.masters.slice(0, 2)) await master.admin.set('a', 'another');
      expect(await lock.tryExtend(60_000)).toEqual({ status: 'lost' });
      await expect(lock.extend(60_000)).rejects.toThrow(LockLostError);
      expect(await lock.release()).toEqual({ status: 'lost' });
      await redlock.drain();
      expect(await stage.held()).toEqual(['another', 'another', null, null, null]);
    });

    it('is not extended once it has expired', async () => {
      const redlock = await stage.connected(3);
      const lock = await redlock.acquire('a', 100);
      await eventually(() => stage.isEmpty());
      expect(await lock.tryExtend(60_000)).toEqual({ status: 'lost' });
      await redlock.drain();
      expect(await stage.isEmpty()).toBe(true);
    });

    it('is gone at the end of its block, however often it was released before', async () => {
      const redlock = await stage.connected(3, { commands: 'lua' });
      {
        await using lock = await redlock.acquire('a', 10_000);
        await redlock.drain();
        expect((await stage.held())[0]).toBe(lock.token);
        expect([await lock.release(), await lock.release()]).toEqual(Array(2).fill({ status: 'released' }));
        await lock[Symbol.asyncDispose]();
      }
      await redlock.drain();
      expect(await stage.isEmpty()).toBe(true);
      expect((await stage.calls('evalsha')).slice(0, 3)).toEqual([1, 1, 1]);
    });
  });
}

function testSeveralResources(stage: Stage): void {
  describe('several resources', () => {
    it('are released where they can be, when one of them has become something else', async () => {
      const redlock = await stage.connected(3);
      const lock = await redlock.acquire(['a', 'b'], 60_000);
      await redlock.drain();
      for (const { admin } of stage.masters.slice(0, 3)) {
        await admin.del('a');
        await admin.lpush('a', 'another');
      }
      expect(await lock.release()).toEqual({ status: 'lost' });
      await redlock.drain();
      for (const { admin } of stage.masters.slice(0, 3)) expect(await admin.keys('*')).toEqual(['a']);
    });

    it('are taken together or not at all, on every master', async () => {
      const redlock = await stage.connected(3);
      for (const master of stage.masters.slice(0, 3)) await master.admin.set('b', 'another');
      expect(await redlock.tryAcquire(['a', 'b', 'c'], 10_000)).toMatchObject({ status: 'held', attempts: 1 });
      await redlock.drain();
      expect(await stage.keyCounts()).toEqual([1, 1, 1, 0, 0]);
      for (const master of stage.masters.slice(0, 3)) await master.admin.del('b');

      const lock = await redlock.acquire(['a', 'b', 'c'], 10_000);
      await redlock.drain();
      expect(await stage.masters[1]!.admin.mget('a', 'b', 'c')).toEqual(Array(3).fill(lock.token));
      await lock.extend(60_000);
      await redlock.drain();
      for (const key of ['a', 'b', 'c']) expect(await stage.masters[2]!.admin.pttl(key)).toBeGreaterThan(50_000);
      expect(await lock.release()).toEqual({ status: 'released' });
      await redlock.drain();
      expect(await stage.isEmpty()).toBe(true);
    });

    it('that overlap with those of a held lock are refused, leave nothing behind, and leave that lock as it was', async () => {
      const redlock = await stage.connected(3);
      const lock = await redlock.acquire(['a', 'b', 'c'], 10_000);
      await redlock.drain();
      expect((await redlock.tryAcquire(['c', 'd'], 60_000)).status).toBe('held');
      expect((await redlock.tryAcquire(['e', 'a'], 60_000)).status).toBe('held');
      await redlock.drain();
      for (const master of stage.masters.slice(0, 3)) {
        expect(await master.admin.mget('a', 'b', 'c', 'd', 'e')).toEqual([
          ...Array<string>(3).fill(lock.token),
          null,
          null,
        ]);
        expect(await master.admin.pttl('c')).toBeLessThanOrEqual(10_000);
      }
      expect(await lock.extend(20_000)).toBe(lock.validUntilNs);
    });

    it('are those that were asked for, whatever becomes of the caller’s list', async () => {
      const redlock = await stage.connected(3);
      const list = ['a', 'b'];
      const lock = await redlock.acquire(list, 60_000);
      list[1] = 'c';
      expect(lock.resources).toEqual(['a', 'b']);
      expect(await lock.release()).toEqual({ status: 'released' });
      await redlock.drain();
      expect(await stage.isEmpty()).toBe(true);
    });
  });
}

function testContention(stage: Stage): void {
  describe('contention', () => {
    it('lets three clients take turns that each list another master first', async () => {
      const orders = [
        [0, 1, 2],
        [1, 2, 0],
        [2, 0, 1],
      ];
      const rivals = orders.map((order) =>
        stage.client(
          order.map((index) => stage.masters[index]!.endpoint),
          PATIENT,
        ),
      );
      await Promise.all(rivals.map((rival) => rival.connect(3)));
      let holders = 0;
      const turns = rivals.flatMap((rival) =>
        Array.from({ length: 8 }, async () => {
          const lock = await rival.acquire('a', 10_000);
          expect(++holders).toBe(1);
          await sleep(1);
          holders--;
          expect((await lock.release()).status).toBe('released');
        }),
      );
      await Promise.all(turns);
      await Promise.all(rivals.map((rival) => rival.drain()));
      expect(await stage.isEmpty()).toBe(true);
    });

    it('of three to ten clients at once has one winner at the most, and in the end exactly one', async () => {
      for (const count of [3, 5, 10]) {
        const rivals = await Promise.all(Array.from({ length: count }, () => stage.connected(5)));
        // With one attempt each they may split the vote; then nobody wins. Indeterminate nobody may be.
        const once = await Promise.all(rivals.map((rival) => rival.tryAcquire('a', 60_000)));
        const winners = once.flatMap((outcome) => (outcome.status === 'acquired' ? [outcome.lock] : []));
        expect(winners.length).toBeLessThanOrEqual(1);
        expect(once.filter(({ status }) => status === 'held')).toHaveLength(count - winners.length);
        for (const lock of winners) await lock.release();
        await Promise.all(rivals.map((rival) => rival.drain()));
        expect(await stage.isEmpty()).toBe(true);

        const race = await Promise.all(rivals.map((rival) => rival.tryAcquire('b', 60_000, { acquireTimeoutMs: 400 })));
        const statuses = race.map(({ status }) => status).sort();
        expect(statuses).toEqual(['acquired', ...Array<string>(count - 1).fill('held')]);
        await Promise.all(rivals.map((rival) => rival.close()));
        await Promise.all(stage.masters.map((master) => master.admin.flushall()));
      }
    });

    it('of a hundred at once on two clients never has two holders', async () => {
      const pair = [await stage.connected(3, PATIENT), await stage.connected(3, PATIENT)];
      let holders = 0;
      let granted = 0;
      const work = pair.flatMap((redlock) =>
        Array.from({ length: 50 }, async () => {
          await using lock = await redlock.acquire('a', 30_000);
          expect(lock.remainingNs).toBeGreaterThan(0);
          expect(++holders).toBe(1);
          await Promise.resolve();
          granted++;
          holders--;
        }),
      );
      await Promise.all(work);
      expect(granted).toBe(100);
    });

    it('is over for a waiter whose signal aborts, before it asks or while it waits, and leaves the holder alone', async () => {
      const redlock = await stage.connected(3, PATIENT);
      const [lock, rival] = [await redlock.acquire('a', 60_000), await stage.connected(3, PATIENT)];
      await redlock.drain();
      for (const waiter of [redlock, rival]) {
        const early = await waiter.tryAcquire('a', 60_000, { signal: AbortSignal.abort() });
        expect(early).toMatchObject({ status: 'aborted', attempts: 0 });
        const late = waiter.tryAcquire('a', 60_000, { signal: AbortSignal.timeout(30) });
        expect((await late).status).toBe('aborted');
        await waiter.drain();
      }
      expect(await stage.held()).toEqual([lock.token, lock.token, lock.token, null, null]);
    });

    it('gives a lock that was taken just as another ended, and that can be extended in spite of its late extensions', async () => {
      const [first, second] = [await stage.connected(3, PATIENT), await stage.connected(3, PATIENT)];
      for (let round = 0; round < 10; round++) {
        const ending = await first.acquire('a', 60_000);
        const waiting = second.acquire('a', 10_000);
        void ending.tryExtend(60_000);
        await ending.release();
        const lock = await waiting;
        expect((await lock.tryExtend(20_000)).status).toBe('extended');
        await second.drain();
        for (const { admin } of stage.masters.slice(0, 3)) expect(await admin.pttl('a')).toBeLessThanOrEqual(20_000);
        await lock.release();
        await second.drain();
      }
    });

    it('sends each master exactly one SET for each attempt, aborted acquisitions included', async () => {
      const redlock = await stage.connected(3, { acquireTimeoutMs: 30_000, retryJitterMs: 5 });
      const controller = new AbortController();
      const acquisitions = Array.from({ length: 20 }, async () => {
        const outcome = await redlock.tryAcquire('a', 10_000, { signal: controller.signal });
        if (outcome.status === 'acquired') {
          await sleep(2);
          await outcome.lock.release();
        }
        return outcome;
      });
      setTimeout(() => controller.abort(), 60);
      const outcomes = await Promise.all(acquisitions);
      await redlock.drain();
      const attempts = outcomes.reduce((sum, outcome) => sum + outcome.attempts, 0);
      expect(attempts).toBeGreaterThan(20);
      expect((await stage.calls('set')).slice(0, 3)).toEqual([attempts, attempts, attempts]);
      expect(await stage.isEmpty()).toBe(true);
    });

    it('pitfall 28: with a ttl far shorter than the wait gives the lock to one after the other', async () => {
      const rivals = await Promise.all(Array.from({ length: 4 }, () => stage.connected(3, PATIENT)));
      const terms = await Promise.all(
        rivals.map(async (rival) => {
          const lock = await rival.acquire('a', 120);
          const fromNs = systemClock.nowNs();
          // Never released: each runs out.
          return { fromNs, toNs: lock.validUntilNs };
        }),
      );
      terms.sort((one, other) => one.fromNs - other.fromNs);
      terms.reduce((before, after) => {
        expect(after.fromNs).toBeGreaterThanOrEqual(before.toNs);
        return after;
      });
    });
  });
}

/** A quorum holds the lock, and nobody else holds anything: a third master may have been taken when it was granted. */
async function expectOwner(stage: Stage, lock: Lock): Promise<void> {
  const tokens = (await stage.held()).filter((token) => token !== null);
  expect(new Set(tokens)).toEqual(new Set([lock.token]));
  expect(tokens.length).toBeGreaterThanOrEqual(2);
}

function testPitfalls(stage: Stage): void {
  describe('pitfall 1: a grant in flight while the event loop is blocked', () => {
    it('for longer than the ttl is no lock, and leaves the next holder alone', async () => {
      const redlock = await stage.connected(3);
      const acquiring = redlock.tryAcquire('a', 300);
      // The writes leave at the end of this tick; the replies come while the loop is blocked.
      setImmediate(() => {
        blockEventLoop(900);
      });
      expect(await acquiring).toMatchObject({ status: 'expired', attempts: 1 });
      const other = await stage.connected(3);
      const lock = await other.acquire('a', 10_000);
      await redlock.drain();
      await other.drain();
      await expectOwner(stage, lock);
    });

    it('for longer than the node timeout, but not the ttl, is a lock: the masters had answered', async () => {
      const timedOut: number[] = [];
      const redlock = await stage.connected(3, {
        nodeTimeoutMs: 50,
        observer: { timedOut: (master) => timedOut.push(master) },
      });
      const acquiring = redlock.tryAcquire('a', 60_000);
      setImmediate(() => {
        blockEventLoop(200);
      });
      expect((await acquiring).status).toBe('acquired');
      expect(timedOut).toEqual([]);
    });
  });

  it('pitfall 2: keys of a failed attempt do not stand in the way of the next one', async () => {
    const redlock = await stage.connected(3, { ...PATIENT, wakeUp: 'poll', retryJitterMs: 30 });
    const held = stage.masters.slice(0, 2);
    for (const { admin } of held) await admin.set('a', 'another');
    const waiting = redlock.acquire('a', 60_000);
    await eventually(async () => (await stage.calls('set'))[2]! >= 3);
    for (const { admin } of held) await admin.del('a');
    const lock = await waiting;
    await redlock.drain();
    await expectOwner(stage, lock);
  });

  it('pitfall 4: two who split an even number of masters are both refused, and neither waits', async () => {
    const [one, other] = [await stage.connected(2), await stage.connected(2)];
    await stage.masters[0]!.admin.set('a', 'another');
    const outcomes = await Promise.all([one.tryAcquire('a', 60_000), other.tryAcquire('a', 60_000)]);
    expect(outcomes.map(({ status }) => status)).toEqual(['held', 'held']);
    await Promise.all([one.drain(), other.drain()]);
    expect(await stage.held()).toEqual(['another', null, null, null, null]);
  });

  it('pitfall 10: a release that follows at once is not overtaken by its acquisition or extension', async () => {
    const redlock = await stage.connected(3, { commands: 'lua' });
    const late = stage.masters[2]!;
    late.pause();
    try {
      for (let round = 0; round < 20; round++) {
        const lock = await redlock.acquire('a', 60_000);
        const extending = lock.tryExtend(60_000);
        const releasing = lock.release();
        expect((await extending).status).toBe('lost');
        expect(await releasing).toEqual({ status: 'released' });
      }
    } finally {
      late.resume();
    }
    await redlock.drain();
    expect((await stage.calls('set')).slice(0, 3)).toEqual([20, 20, 20]);
    expect(await stage.isEmpty()).toBe(true);
  });

  it('pitfall 11: neither an extension nor a lock that is kept alive brings back a key that is gone', async () => {
    const redlock = await stage.connected(3, { commands: 'lua' });
    await using lock = await redlock.acquire('a', 300);
    const signal = lock.keepAlive();
    await redlock.drain();
    await stage.masters[2]!.admin.del('a');
    const before = (await stage.calls('evalsha'))[2]!;
    await eventually(async () => (await stage.calls('evalsha'))[2]! >= before + 3);
    expect(await stage.masters[2]!.admin.exists('a')).toBe(0);
    expect(signal.aborted).toBe(false);
  });

  it('pitfall 12: nothing is sent for a lock after its release, and no timer lives on', async () => {
    const timers = livingTimers();
    const redlock = await stage.connected(3, { commands: 'lua', wakeUp: 'notify' });
    const lock = await redlock.acquire('a', 150);
    const signal = lock.keepAlive();
    await eventually(async () => (await stage.calls('evalsha'))[0]! >= 2);
    await lock.release();
    await redlock.drain();
    expect(signal.reason).toBeInstanceOf(LockReleasedError);
    const sent = await stage.calls('evalsha');
    await sleep(300);
    expect(await stage.calls('evalsha')).toEqual(sent);
    expect(livingTimers()).toBeLessThanOrEqual(timers);
    expect(await stage.isEmpty()).toBe(true);
  });

  it('pitfall 13: a kept lock whose key vanished is given up at its next extension, at once and with no more of them', async () => {
    const redlock = await stage.connected(3, { commands: 'lua' });
    const lock = await redlock.acquire('a', 300);
    const signal = lock.keepAlive();
    await redlock.drain();
    await Promise.all(stage.masters.map(({ admin }) => admin.del('a')));
    const before = (await stage.calls('evalsha'))[0]!;
    await eventually(() => signal.aborted);
    expect(signal.reason).toBeInstanceOf(LockLostError);
    await sleep(300);
    // At most one extension may have been on its way when the key went.
    expect((await stage.calls('evalsha'))[0]! - before).toBeLessThanOrEqual(2);
  });

  describe('pitfall 14: a release after the ttl', () => {
    it('is lost, is tried once, and is no error', async () => {
      const redlock = await stage.connected(3, { commands: 'lua' });
      const lock = await redlock.acquire('a', 100);
      await eventually(() => stage.isEmpty());
      expect(lock.remainingNs).toBe(0);
      expect(await lock.release()).toEqual({ status: 'lost' });
      expect((await stage.calls('evalsha')).slice(0, 3)).toEqual([1, 1, 1]);
    });

    it("does not hide an error of the body, and leaves the body's work alone", async () => {
      const redlock = await stage.connected(3);
      const failing = redlock.using('a', 60_000, async () => {
        await Promise.all(stage.masters.map(({ admin }) => admin.del('a')));
        throw new Error('the body failed');
      });
      await expect(failing).rejects.toThrow('the body failed');
    });
  });

  it('pitfall 15: an aborted acquisition leaves no key, whenever the abort comes', async () => {
    const redlock = await stage.connected(3, PATIENT);
    const reasons = new Set<string>();
    for (let round = 0; round < 60; round++) {
      const controller = new AbortController();
      const acquiring = redlock.tryAcquire('a', 60_000, { signal: controller.signal });
      const delays = [(go: () => void) => go(), process.nextTick, setImmediate, (go: () => void) => setTimeout(go, 1)];
      delays[round % delays.length]!(() => {
        controller.abort();
      });
      const outcome = await acquiring;
      reasons.add(outcome.status);
      if (outcome.status === 'acquired') await outcome.lock.release();
    }
    await redlock.drain();
    expect(reasons).toContain('aborted');
    expect(await stage.isEmpty()).toBe(true);
  });

  it('pitfall 16: each attempt has a token of its own', async () => {
    const redlock = await stage.connected(1);
    const tokens = new Set<string>();
    for (let round = 0; round < 300; round++) {
      const lock = await redlock.acquire('a', 60_000);
      tokens.add(lock.token);
      await lock.release();
    }
    expect(tokens.size).toBe(300);
  });

  describe('pitfall 17: masters that have lost the scripts', () => {
    it('cost a round trip, and no lock', async () => {
      const redlock = await stage.connected(3);
      const forget = async (): Promise<void> => {
        for (const master of stage.masters.slice(0, 3)) await master.admin.script('FLUSH', 'SYNC');
      };
      await forget();
      const lock = await redlock.acquire(['a', 'b'], 10_000);
      await forget();
      await lock.extend(60_000);
      await forget();
      expect(await lock.release()).toEqual({ status: 'released' });
      await redlock.drain();
      expect(await stage.isEmpty()).toBe(true);
      // The body is sent when it is missed, and not again.
      const bodies = (await stage.calls('eval'))[0]!;
      await (await redlock.acquire(['a', 'b'], 10_000)).release();
      await redlock.drain();
      expect((await stage.calls('eval'))[0]! - bodies).toBeLessThanOrEqual(1);
    });

    it('are not sent the acquiring one after the attempt was settled and released: the release would not come again', async () => {
      const redlock = await stage.connected(3);
      const late = stage.masters[2]!;
      await late.admin.script('FLUSH', 'SYNC');
      await late.admin.script('LOAD', RELEASE.body);
      for (const master of stage.masters.slice(0, 2)) await master.admin.set('a', 'another');
      late.pause();
      try {
        expect((await redlock.tryAcquire(['a', 'b'], 10_000)).status).toBe('held');
      } finally {
        late.resume();
      }
      await redlock.drain();
      // Whatever the answers above set off is written before this one, on the same connection.
      expect((await redlock.tryAcquire('c', 10_000)).status).toBe('acquired');
      await redlock.drain();
      expect(await late.admin.keys('*')).toEqual(['c']);
    });
  });

  it('pitfall 18: the database of the endpoint is used, by scripts too', async () => {
    const [master] = stage.masters as [TestMaster];
    const redlock = stage.client([{ ...master.endpoint, database: 3 }]);
    await redlock.connect();
    const lock = await redlock.acquire(['a', 'b'], 60_000);
    await lock.extend(60_000);
    await master.admin.select(3);
    try {
      expect(await master.admin.mget('a', 'b')).toEqual([lock.token, lock.token]);
      expect(await lock.release()).toEqual({ status: 'released' });
      expect(await master.admin.dbsize()).toBe(0);
    } finally {
      await master.admin.select(0);
    }
    expect(await master.admin.dbsize()).toBe(0);
  });

  it('pitfall 19: plain contention is no error and no failure, only an outcome', async () => {
    const failures: number[] = [];
    const observer = {
      timedOut: (master: number) => failures.push(master),
      failed: (master: number) => failures.push(master),
    };
    const [holder, rival] = [await stage.connected(3), await stage.connected(3, { observer, wakeUp: 'poll' })];
    await holder.acquire('a', 60_000);
    await holder.drain();
    const outcome = await rival.tryAcquire('a', 60_000, { acquireTimeoutMs: 200 });
    expect(outcome.status).toBe('held');
    expect(outcome.attempts).toBeGreaterThan(1);
    expect(failures).toEqual([]);
  });

  it('pitfall 20: a waiter that tries for ever remembers its last attempt only', async () => {
    const redlock = await stage.connected(3, {
      ...PATIENT,
      acquireTimeoutMs: Infinity,
      retryJitterMs: 1,
      wakeUp: 'poll',
    });
    await Promise.all(stage.masters.map(({ admin }) => admin.set('a', 'another')));
    const outcome = await redlock.tryAcquire('a', 60_000, { maxAttempts: 100 });
    const votes = stage.masters.slice(0, 3).map(() => ({ vote: expect.stringMatching(/held|open/) as string }));
    expect(outcome).toMatchObject({ status: 'held', attempts: 100, votes });
  });

  it('pitfall 26: a held lock, a missing quorum, a spent ttl and an abort are different errors', async () => {
    const redlock = await stage.connected(3);
    await Promise.all(stage.masters.map(({ admin }) => admin.set('held', 'another')));
    await expect(redlock.acquire('held', 60_000)).rejects.toThrow(LockHeldError);
    const aborted = redlock.acquire('held', 60_000, { signal: AbortSignal.abort() });
    await expect(aborted).rejects.toThrow(AcquireAbortedError);
    const late = redlock.acquire('late', 100);
    setImmediate(() => {
      blockEventLoop(150);
    });
    await expect(late).rejects.toThrow(LockExpiredError);
    const alone = stage.client(['unix:///nobody/listens/0']);
    await expect(alone.connect()).rejects.toThrow(/expected 1 of 1 connections, got 0/);
    await expect(alone.acquire('a', 60_000)).rejects.toThrow(QuorumUnreachableError);
  });
}

function testCrash({ transport }: ClientKind, stage: Stage): void {
  it('a lock whose holder is killed goes to another when its ttl is over, and not before', async () => {
    const redlock = await stage.connected(3, PATIENT);
    const ttlMs = 1_500;
    const fixture = new URL('dying-holder.fixture.mjs', import.meta.url).pathname;
    const endpoints = JSON.stringify(stage.masters.slice(0, 3).map(({ endpoint }) => endpoint));
    const holder = spawn(process.execPath, [fixture, transport, 'a', String(ttlMs), endpoints], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [validUntil] = (await once(holder.stdout, 'data')) as [Buffer];
    const waiting: Promise<Lock> = redlock.acquire('a', 60_000);
    const exited = once(holder, 'exit');
    holder.kill('SIGKILL');
    await exited;
    await using lock = await waiting;
    // Both read the clock of this host.
    expect(systemClock.nowNs()).toBeGreaterThanOrEqual(Number(validUntil.toString()));
    expect(lock.remainingNs).toBeGreaterThan(msToNs(1_000));
  });
}
