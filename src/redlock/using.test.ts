import { getEventListeners } from 'node:events';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { msToNs, systemClock } from '../model/time.js';
import { AcquireAbortedError, LockHeldError, LockLostError, LockReleasedError } from './errors.js';
import { Redlock, type UsingOptions } from './redlock.js';
import { LOST_REPLY, REFUSED, ScriptedMaster, soon } from './scripted-master.fixture.js';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function clientOf(clock = systemClock): { redlock: Redlock; master: ScriptedMaster } {
  const master = new ScriptedMaster(0);
  const redlock = new Redlock([() => master], {
    acquireTimeoutMs: 0,
    clock,
    random: { next: () => 0 },
    wakeUp: 'poll',
  });
  return { redlock, master };
}

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

async function passing<T>(promise: Promise<T>, ms: number): Promise<T> {
  const [result] = await Promise.allSettled([promise, vi.advanceTimersByTimeAsync(ms)]);
  if (result.status === 'rejected') throw result.reason;
  return result.value;
}

const kinds = (master: ScriptedMaster): string[] => master.calls.map(({ kind }) => kind);

it('acquires, extends, releases, returns the value and leaves no timer', async () => {
  const { redlock, master } = clientOf();
  let routines: AbortSignal | undefined;
  const value = await passing(
    redlock.using('a', 3_000, async (signal, lock) => {
      routines = signal;
      await sleep(2_500);
      return lock.resources;
    }),
    2_600,
  );
  expect(value).toEqual(['a']);
  expect(kinds(master)).toEqual(['set', 'expire', 'expire', 'delete']);
  expect(routines?.reason).toBeInstanceOf(LockReleasedError);
  await vi.advanceTimersByTimeAsync(60_000);
  expect([master.calls.length, vi.getTimerCount()]).toEqual([4, 0]);
});

it('takes a routine that is not async', async () => {
  const { redlock } = clientOf();
  expect(
    await passing(
      redlock.using(['a', 'b'], 3_000, () => 7),
      5,
    ),
  ).toBe(7);
});

it('throws the error of the routine, after the release and whatever became of that', async () => {
  const { redlock, master } = clientOf();
  master.delete = [soon(LOST_REPLY)];
  const failing = redlock.using('a', 3_000, () => Promise.reject(new Error('the body failed')));
  await expect(passing(failing, 5)).rejects.toThrow('the body failed');
  expect(kinds(master)).toEqual(['set', 'delete']);
});

it('throws the error of the routine also when the lock was lost meanwhile', async () => {
  const { redlock, master } = clientOf();
  master.expire = [soon(REFUSED)];
  const failing = redlock.using('a', 3_000, async (signal) => {
    await sleep(1_100);
    expect(signal.reason).toBeInstanceOf(LockLostError);
    throw new Error('the body failed');
  });
  await expect(passing(failing, 1_200)).rejects.toThrow('the body failed');
});

it('throws that the lock is lost when the routine returned as if nothing had happened, and still releases', async () => {
  const { redlock, master } = clientOf();
  master.expire = [soon(REFUSED)];
  await expect(
    passing(
      redlock.using('a', 3_000, () => sleep(1_100)),
      1_200,
    ),
  ).rejects.toThrow(LockLostError);
  expect(kinds(master)).toEqual(['set', 'expire', 'delete']);
});

it('throws that the lock has expired when the routine blocked the thread until then', async () => {
  let blockedNs = 0;
  const { redlock } = clientOf({ nowNs: () => systemClock.nowNs() + blockedNs });
  const using = redlock.using('a', 3_000, (signal) => {
    blockedNs += msToNs(5_000);
    expect(signal.aborted).toBe(false);
  });
  await expect(passing(using, 5)).rejects.toMatchObject({ code: 'LOCK_VALIDITY_ENDED' });
});

it('returns the value of a routine that released the lock itself', async () => {
  const { redlock, master } = clientOf();
  const using = redlock.using('a', 3_000, async (_signal, lock) => {
    await lock.release();
    return 'early';
  });
  expect(await passing(using, 5)).toBe('early');
  expect(kinds(master)).toEqual(['set', 'delete']);
});

it('passes its options on: the longest hold, and the limits of the acquisition', async () => {
  const { redlock, master } = clientOf();
  const short = redlock.using('a', 3_000, { maxHoldMs: 0 }, () => sleep(3_100));
  await expect(passing(short, 3_200)).rejects.toMatchObject({ code: 'LOCK_VALIDITY_ENDED' });
  expect(master.count('expire')).toBe(0);
  master.set = [soon(REFUSED)];
  const routine = vi.fn();
  await expect(passing(redlock.using('a', 3_000, { maxAttempts: 1 }, routine), 5)).rejects.toThrow(LockHeldError);
  expect(routine).not.toHaveBeenCalled();
});

it("aborts the routine with its caller's reason, keeps the lock until it ends, and lets go of the signal", async () => {
  const { redlock, master } = clientOf();
  const { signal, abort } = callers();
  setTimeout(() => {
    abort('enough');
  }, 100);
  const using = redlock.using('a', 3_000, { signal }, async (routines) => {
    await sleep(1_500);
    return routines.reason as unknown;
  });
  expect(await passing(using, 1_600)).toBe('enough');
  expect(kinds(master)).toEqual(['set', 'expire', 'delete']);
  expect(getEventListeners(signal!, 'abort')).toHaveLength(0);
});

it('aborts the routine of a caller who has a signal when the lock is lost or released, too', async () => {
  const { redlock, master } = clientOf();
  const { signal } = callers();
  let routines: AbortSignal | undefined;
  await passing(
    redlock.using('a', 3_000, { signal }, (own) => void (routines = own)),
    5,
  );
  expect(routines?.reason).toBeInstanceOf(LockReleasedError);
  master.expire = [soon(REFUSED)];
  const losing = redlock.using('a', 3_000, { signal }, async (own) => {
    await sleep(1_100);
    own.throwIfAborted();
  });
  await expect(passing(losing, 1_200)).rejects.toThrow(LockLostError);
  expect(getEventListeners(signal!, 'abort')).toHaveLength(0);
});

it('does not start a routine whose caller has aborted', async () => {
  const { redlock, master } = clientOf();
  const routine = vi.fn();
  const using = redlock.using('a', 3_000, { signal: AbortSignal.abort() }, routine);
  await expect(passing(using, 5)).rejects.toThrow(AcquireAbortedError);
  expect([routine.mock.calls.length, master.calls.length]).toEqual([0, 0]);
});

it('releases the lock when its options are none', async () => {
  const { redlock, master } = clientOf();
  const routine = vi.fn();
  await expect(passing(redlock.using('a', 3_000, { maxHoldMs: -1 }, routine), 5)).rejects.toThrow(/maxHoldMs/);
  expect([routine.mock.calls.length, ...kinds(master)]).toEqual([0, 'set', 'delete']);
});

function callers(): UsingOptions & { abort(reason: string): void } {
  const controller = new AbortController();
  return {
    signal: controller.signal,
    abort: (reason) => {
      controller.abort(reason);
    },
  };
}
