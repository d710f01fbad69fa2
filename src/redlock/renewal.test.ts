import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { UsageError } from '../model/errors.js';
import { msToNs, nsToMs, systemClock } from '../model/time.js';
import { LockLostError, LockReleasedError, LockValidityEndedError } from './errors.js';
import type { Lock } from './lock.js';
import type { ScriptReply, Vote } from './master.js';
import { Redlock } from './redlock.js';
import { GRANTED, LOST_REPLY, NOT_CONNECTED, REFUSED, ScriptedMaster, soon } from './scripted-master.fixture.js';
import type { Script } from './scripts.js';

/** Answers batches, too: each lock with `batch`, after 1 ms. */
class BatchMaster extends ScriptedMaster {
  batches: { readonly keys: readonly string[]; readonly args: readonly unknown[] }[] = [];
  expiresAtMs: number[] = [];
  batch: (lock: number) => ScriptReply = () => 1;
  batchFailure: Extract<Vote, { kind: 'failed' }> | undefined;

  override compareAndExpire(...args: Parameters<ScriptedMaster['compareAndExpire']>): void {
    this.expiresAtMs.push(nsToMs(systemClock.nowNs()));
    super.compareAndExpire(...args);
  }

  override evaluate(
    _script: Script,
    keys: readonly string[],
    args: readonly unknown[],
    onReply: (reply: ScriptReply) => void,
  ): void {
    this.batches.push({ keys, args });
    const reply = this.batchFailure ?? Array.from({ length: args.length / 3 }, (_, lock) => this.batch(lock));
    setTimeout(() => {
      onReply(reply);
    }, 1);
  }
}

interface Bench {
  readonly redlock: Redlock;
  readonly masters: BatchMaster[];
}

/** Without jitter, unless the test says so: each extension comes a full third of the ttl after the last. */
function benchOf(count: number, draw: () => number = () => 0): Bench {
  const masters = Array.from({ length: count }, (_, index) => new BatchMaster(index));
  const random = { next: draw };
  const redlock = new Redlock(
    masters.map((master) => () => master),
    { random, acquireTimeoutMs: 0, wakeUp: 'poll' },
  );
  return { redlock, masters };
}

async function passing<T>(promise: Promise<T>, ms = 1): Promise<T> {
  const [result] = await Promise.allSettled([promise, vi.advanceTimersByTimeAsync(ms)]);
  if (result.status === 'rejected') throw result.reason;
  return result.value;
}

async function kept(bench: Bench, ttlMs: number, resources: string | string[] = 'a') {
  const startMs = nsToMs(systemClock.nowNs());
  const lock = await passing(bench.redlock.acquire(resources, ttlMs));
  return { lock, signal: lock.keepAlive(), startMs };
}

const expires = ({ masters }: Bench): number[] => masters.map((master) => master.count('expire'));

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe('a lock that is kept alive', () => {
  it('is extended each third of its ttl, counted from the start of the attempt, on every master', async () => {
    const bench = benchOf(3);
    const { lock, signal, startMs } = await kept(bench, 3_000);
    await vi.advanceTimersByTimeAsync(30_000);
    const [first] = bench.masters as [BatchMaster];
    expect(expires(bench)).toEqual([30, 30, 30].map(() => first.count('expire')));
    expect(first.count('expire')).toBeGreaterThanOrEqual(28);
    expect(first.count('expire')).toBeLessThanOrEqual(30);
    // Each wait is put off to a multiple of 30 ms, so that many locks travel together.
    first.expiresAtMs.reduce((lastMs, atMs) => {
      expect(atMs - lastMs).toBeGreaterThanOrEqual(1_000);
      expect(atMs - lastMs).toBeLessThanOrEqual(1_000 + 30 + 2);
      return atMs;
    }, startMs);
    expect(signal.aborted).toBe(false);
    expect(nsToMs(lock.remainingNs)).toBeGreaterThan(1_900);
    expect(first.calls.at(-1)).toEqual({ kind: 'expire', token: lock.token, ttlMs: 3_000 });
  });

  it('is extended sooner by a random part, so that locks which were taken together part', async () => {
    const bench = benchOf(1, () => 0.999_999);
    const { startMs } = await kept(bench, 3_000);
    await vi.advanceTimersByTimeAsync(1_000);
    const [atMs] = bench.masters[0]!.expiresAtMs;
    expect(atMs! - startMs).toBeGreaterThanOrEqual(799);
    expect(atMs! - startMs).toBeLessThanOrEqual(832);
  });

  it('has one signal, however often it is asked for it', async () => {
    const bench = benchOf(1);
    const { lock, signal } = await kept(bench, 3_000);
    expect(lock.keepAlive()).toBe(signal);
    await vi.advanceTimersByTimeAsync(1_040);
    expect(expires(bench)).toEqual([1]);
  });

  it('is extended at once when that is overdue', async () => {
    const bench = benchOf(1);
    const lock = await passing(bench.redlock.acquire('a', 3_000));
    await vi.advanceTimersByTimeAsync(2_500);
    const signal = lock.keepAlive();
    await vi.advanceTimersByTimeAsync(3);
    expect(expires(bench)).toEqual([1]);
    expect([signal.aborted, lock.remainingNs > msToNs(2_900)]).toEqual([false, true]);
  });

  it('costs a plain lock no timer', async () => {
    const bench = benchOf(1);
    await passing(bench.redlock.acquire('a', 3_000), 60);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('goes on after an extension by hand, with its ttl, and sooner when that is shorter', async () => {
    const bench = benchOf(1);
    const { lock, signal } = await kept(bench, 30_000);
    await passing(lock.extend(600));
    await vi.advanceTimersByTimeAsync(5_000);
    expect(signal.aborted).toBe(false);
    expect(bench.masters[0]!.calls.at(-1)).toMatchObject({ kind: 'expire', ttlMs: 600 });
    expect(bench.masters[0]!.count('expire')).toBeGreaterThan(20);
    expect(bench.masters[0]!.count('expire')).toBeLessThan(28);
  });

  it('is not extended any more when its longest hold is over, and runs out', async () => {
    const bench = benchOf(1);
    const lock = await passing(bench.redlock.acquire('a', 3_000));
    const signal = lock.keepAlive({ maxHoldMs: 2_500 });
    await vi.advanceTimersByTimeAsync(4_000);
    expect([bench.masters[0]!.count('expire'), signal.aborted]).toEqual([2, false]);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(signal.reason).toBeInstanceOf(LockValidityEndedError);
    expect(bench.masters[0]!.count('expire')).toBe(2);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('refuses a longest hold that is no time', async () => {
    const lock = await passing(benchOf(1).redlock.acquire('a', 3_000));
    for (const maxHoldMs of [NaN, -1]) expect(() => lock.keepAlive({ maxHoldMs })).toThrow(UsageError);
  });

  it('does not spin with the shortest ttls, and says when they cannot be kept', async () => {
    for (const ttlMs of [3, 4, 6, 10]) {
      const bench = benchOf(1);
      bench.masters[0]!.set = [{ afterMs: 'at once', vote: GRANTED }];
      const lock = await bench.redlock.acquire('a', ttlMs);
      const signal = lock.keepAlive();
      await vi.advanceTimersByTimeAsync(100);
      expect(bench.masters[0]!.count('expire')).toBeLessThanOrEqual(100);
      if (signal.aborted) expect(signal.reason).toBeInstanceOf(LockValidityEndedError);
    }
  });
});

describe('locks that are due together', () => {
  async function together(bench: Bench, count: number, ttlMs = 3_000): Promise<Lock[]> {
    const acquiring = Array.from({ length: count }, (_, index) => bench.redlock.acquire(`key-${String(index)}`, ttlMs));
    const locks = await passing(Promise.all(acquiring));
    for (const lock of locks) lock.keepAlive();
    return locks;
  }

  it('travel in one script call for each master, up to 64 of them', async () => {
    const bench = benchOf(3);
    const locks = await together(bench, 64);
    await vi.advanceTimersByTimeAsync(1_040);
    for (const master of bench.masters) {
      expect(master.batches).toHaveLength(1);
      expect(master.batches[0]?.keys).toEqual(locks.map((lock) => lock.resources[0]));
      expect(master.batches[0]?.args.slice(0, 6)).toEqual([1, locks[0]?.token, 3_000, 1, locks[1]?.token, 3_000]);
    }
    expect(expires(bench)).toEqual([0, 0, 0]);
    expect(locks.filter((lock) => nsToMs(lock.remainingNs) > 2_900)).toHaveLength(64);
  });

  it('travel in two calls from 65 on, and stop with their locks', async () => {
    const bench = benchOf(1);
    const locks = await together(bench, 65);
    await vi.advanceTimersByTimeAsync(1_040);
    // The 65th goes alone in its call, yet as a part of the batch.
    expect(bench.masters[0]!.batches.map(({ keys }) => keys.length)).toEqual([64, 1]);
    await passing(Promise.all(locks.map((lock) => lock.release())));
    await vi.advanceTimersByTimeAsync(10_000);
    expect(bench.masters[0]!.batches).toHaveLength(2);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('wait for each other when they are more than masters answer in time, and all get their turn', async () => {
    const bench = benchOf(1);
    const locks = await together(bench, 5_000);
    const [master] = bench.masters as [BatchMaster];
    const sent = (): string[] => master.batches.flatMap(({ keys }) => keys);
    while (sent().length === 0) await vi.advanceTimersByTimeAsync(1);
    expect(sent()).toHaveLength(2_048);
    // As many as are sent at once: the queue must not stop there.
    for (const lock of locks.slice(2_048, 3_072)) void lock.release();
    await vi.advanceTimersByTimeAsync(100);
    // What was released in the queue is not sent.
    expect([sent().length, new Set(sent()).size]).toEqual([3_976, 3_976]);
    expect(locks.filter((lock) => !lock.isReleased && nsToMs(lock.remainingNs) < 2_800)).toHaveLength(0);
  });

  it('travel in smaller calls when they have many keys: a master does nothing else meanwhile', async () => {
    const bench = benchOf(1);
    for (const [name, count] of [
      ['a', 100],
      ['b', 100],
      ['c', 100],
      ['d', 300],
      ['e', 1],
    ] as const) {
      const resources = Array.from({ length: count }, (_, index) => `${name}-${String(index)}`);
      bench.masters[0]!.set = [{ afterMs: 'at once', vote: GRANTED }];
      (await bench.redlock.acquire(resources, 3_000)).keepAlive();
    }
    await vi.advanceTimersByTimeAsync(1_040);
    expect(bench.masters[0]!.batches.map(({ keys }) => keys.length)).toEqual([200, 100, 300, 1]);
  });

  it('are judged one by one: what a quorum disowns is lost, the others stay', async () => {
    const bench = benchOf(3);
    const locks = await together(bench, 3);
    bench.masters[0]!.batch = (lock) => (lock === 0 ? 1 : 0);
    bench.masters[1]!.batch = (lock) => (lock === 2 ? 0 : 1);
    await vi.advanceTimersByTimeAsync(1_040);
    const signals = locks.map((lock) => lock.keepAlive());
    expect(signals.map(({ aborted }) => aborted)).toEqual([false, false, true]);
    expect(signals[2]?.reason).toBeInstanceOf(LockLostError);
  });

  it('are all open when the call fails on a quorum, or brings what is no list', async () => {
    for (const failure of [LOST_REPLY, 'OK', [1, 1]] as const) {
      const bench = benchOf(3);
      const locks = await together(bench, 3);
      for (const master of bench.masters.slice(0, 2)) {
        if (typeof failure === 'object' && 'kind' in failure)
          master.batchFailure = failure as typeof master.batchFailure;
        else master.evaluate = (_script, _keys, _args, onReply) => setTimeout(onReply, 1, failure);
        master.expire = [soon(LOST_REPLY)];
      }
      await vi.advanceTimersByTimeAsync(1_040);
      expect(locks.map((lock) => lock.keepAlive().aborted)).toEqual([false, false, false]);
      await vi.advanceTimersByTimeAsync(2_000);
      const reasons = locks.map((lock) => lock.keepAlive().reason as LockValidityEndedError);
      expect(reasons.map(({ code }) => code)).toEqual(Array(3).fill('LOCK_VALIDITY_ENDED'));
      expect(reasons[0]?.cause).toMatchObject({ code: 'QUORUM_UNREACHABLE' });
    }
  });

  it('take a key that could not be read for no answer', async () => {
    const bench = benchOf(1);
    const locks = await together(bench, 2);
    bench.masters[0]!.batch = () => -1;
    await vi.advanceTimersByTimeAsync(1_040);
    expect(locks.map((lock) => lock.keepAlive().aborted)).toEqual([false, false]);
  });

  it('stop writing to a master that swallows everything, and live on by the others', async () => {
    const bench = benchOf(3);
    const locks = await together(bench, 2, 30);
    bench.masters[2]!.evaluate = (_script, keys, args) => void bench.masters[2]!.batches.push({ keys, args });
    await vi.advanceTimersByTimeAsync(5_000);
    expect(locks.map((lock) => lock.keepAlive().aborted)).toEqual([false, false]);
    expect(bench.masters[0]!.batches.length).toBeGreaterThan(300);
    expect(bench.masters[2]!.batches.length).toBe(256);
  });
});

describe('the signal', () => {
  it('aborts as lost at once when a quorum says so, and nothing is sent any more', async () => {
    const bench = benchOf(3);
    const { lock, signal } = await kept(bench, 3_000);
    bench.masters[0]!.expire = bench.masters[2]!.expire = [soon(REFUSED)];
    await vi.advanceTimersByTimeAsync(1_040);
    expect(signal.reason).toBeInstanceOf(LockLostError);
    expect(signal.reason).toMatchObject({ code: 'LOCK_LOST' });
    expect(lock.remainingNs).toBeGreaterThan(0);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(expires(bench)).toEqual([1, 1, 1]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('does not abort when a minority says so', async () => {
    const bench = benchOf(3);
    const { signal } = await kept(bench, 3_000);
    bench.masters[0]!.expire = [soon(REFUSED)];
    await vi.advanceTimersByTimeAsync(10_000);
    expect(signal.aborted).toBe(false);
  });

  it('aborts as lost when an extension by hand learns it', async () => {
    const bench = benchOf(1);
    const { lock, signal } = await kept(bench, 3_000);
    bench.masters[0]!.expire = [soon(REFUSED)];
    await passing(lock.tryExtend(5_000));
    expect(signal.reason).toBeInstanceOf(LockLostError);
    await vi.advanceTimersByTimeAsync(60_000);
    expect([bench.masters[0]!.count('expire'), vi.getTimerCount()]).toEqual([1, 0]);
  });

  it('aborts as expired when the validity ends, after tries that are few: at most 68 in a ttl', async () => {
    for (const draw of [0, 0.5, 0.999_999]) {
      const bench = benchOf(3, () => draw);
      const { lock, signal } = await kept(bench, 3_000);
      const { validUntilNs } = lock;
      for (const master of bench.masters) master.expire = [{ afterMs: 'at once', vote: NOT_CONNECTED }];
      await vi.advanceTimersByTimeAsync(Math.floor(nsToMs(validUntilNs - systemClock.nowNs())) - 1);
      expect(signal.aborted).toBe(false);
      await vi.advanceTimersByTimeAsync(4);
      expect(signal.reason).toMatchObject({ code: 'LOCK_VALIDITY_ENDED', cause: { code: 'QUORUM_UNREACHABLE' } });
      const tries = bench.masters[0]!.count('expire');
      expect(tries).toBeGreaterThanOrEqual(3);
      expect(tries).toBeLessThanOrEqual(68);
      await vi.advanceTimersByTimeAsync(60_000);
      expect(bench.masters[0]!.count('expire')).toBe(tries);
      expect(vi.getTimerCount()).toBe(0);
    }
  });

  it('does not abort when the masters come back in time', async () => {
    const bench = benchOf(3, () => 0.5);
    const { lock, signal } = await kept(bench, 3_000);
    for (const master of bench.masters) master.expire = ['never'];
    await vi.advanceTimersByTimeAsync(2_000);
    for (const master of bench.masters) master.expire = [soon(GRANTED)];
    await vi.advanceTimersByTimeAsync(5_000);
    expect(signal.aborted).toBe(false);
    expect(nsToMs(lock.remainingNs)).toBeGreaterThan(1_500);
  });

  it('does not abort when the masters always answer after the node timeout, but before the validity ends', async () => {
    const bench = benchOf(3, () => 0.5);
    const { lock, signal } = await kept(bench, 3_000);
    for (const master of bench.masters) master.expire = [soon(GRANTED, 400)];
    await vi.advanceTimersByTimeAsync(20_000);
    expect(signal.aborted).toBe(false);
    for (const master of bench.masters) master.expire = [soon(REFUSED, 400)];
    await vi.advanceTimersByTimeAsync(2_000);
    expect(signal.reason).toBeInstanceOf(LockLostError);
    expect(lock.isReleased).toBe(false);
  });

  it('aborts as released, after the deletions were written, and nothing is sent or waits afterwards', async () => {
    const bench = benchOf(3);
    const { lock, signal } = await kept(bench, 3_000);
    let deletionsAtAbort = 0;
    signal.addEventListener('abort', () => (deletionsAtAbort = bench.masters[2]!.count('delete')));
    const releasing = lock.release();
    expect(signal.reason).toBeInstanceOf(LockReleasedError);
    expect(signal.reason).toMatchObject({ code: 'LOCK_RELEASED' });
    expect(deletionsAtAbort).toBe(1);
    await passing(releasing, 60);
    expect(vi.getTimerCount()).toBe(0);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(expires(bench)).toEqual([0, 0, 0]);
  });

  it('stays released when an extension that was under way is granted, refused or lost after the release', async () => {
    for (const vote of [GRANTED, REFUSED, LOST_REPLY]) {
      const bench = benchOf(1, () => 0.9);
      const { lock, signal } = await kept(bench, 3_000);
      bench.masters[0]!.expire = [soon(vote, 20)];
      while (bench.masters[0]!.count('expire') === 0) await vi.advanceTimersByTimeAsync(1);
      const { validUntilNs } = lock;
      void lock.release();
      await vi.advanceTimersByTimeAsync(100);
      expect(vi.getTimerCount()).toBe(0);
      await vi.advanceTimersByTimeAsync(60_000);
      expect(signal.reason).toBeInstanceOf(LockReleasedError);
      expect(lock.validUntilNs).toBe(validUntilNs);
      expect(bench.masters[0]!.calls.map(({ kind }) => kind)).toEqual(['set', 'expire', 'delete']);
      expect(vi.getTimerCount()).toBe(0);
    }
  });

  it('is aborted from the start for a lock that is released or over, and nothing is set up', async () => {
    const bench = benchOf(1);
    const released = await passing(bench.redlock.acquire('a', 3_000));
    await passing(released.release());
    expect(released.keepAlive().reason).toBeInstanceOf(LockReleasedError);
    const over = await passing(bench.redlock.acquire('b', 3_000));
    await vi.advanceTimersByTimeAsync(2_990);
    expect(over.keepAlive().reason).toBeInstanceOf(LockValidityEndedError);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('aborts when its client is closed, and for a lock of a closed client', async () => {
    const bench = benchOf(1);
    const { lock, signal } = await kept(bench, 3_000);
    const another = await passing(bench.redlock.acquire('b', 3_000));
    await passing(bench.redlock.close());
    for (const reason of [signal.reason, another.keepAlive().reason] as Error[]) {
      expect(reason).toBeInstanceOf(LockValidityEndedError);
      expect(reason.message).toContain('its client was closed');
    }
    await vi.advanceTimersByTimeAsync(60_000);
    expect([expires(bench), vi.getTimerCount(), lock.isReleased]).toEqual([[0], 0, false]);
  });
});

describe('an event loop that was blocked', () => {
  /** A client whose clock the test may put forward without letting any timer run. */
  function blockable(): Bench & { block(ms: number): void } {
    let blockedNs = 0;
    const masters = [new BatchMaster(0)];
    const clock = { nowNs: () => systemClock.nowNs() + blockedNs };
    const redlock = new Redlock([() => masters[0]!], { clock, random: { next: () => 0 }, wakeUp: 'poll' });
    return { redlock, masters, block: (ms) => (blockedNs += msToNs(ms)) };
  }

  it('extends once what it missed', async () => {
    const bench = blockable();
    const { signal } = await kept(bench, 3_000);
    bench.block(1_500);
    // Until the timer runs that was set for the second 1.
    await vi.advanceTimersByTimeAsync(1_040);
    expect([bench.masters[0]!.count('expire'), signal.aborted]).toEqual([1, false]);
  });

  it('says that the lock has expired when it was blocked beyond the validity, and sends nothing', async () => {
    const bench = blockable();
    const { signal } = await kept(bench, 3_000);
    bench.block(5_000);
    await vi.advanceTimersByTimeAsync(1_040);
    expect(signal.reason).toBeInstanceOf(LockValidityEndedError);
    expect(bench.masters[0]!.count('expire')).toBe(0);
  });
});
