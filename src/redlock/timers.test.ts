import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Redlock } from './redlock.js';
import { GRANTED, ScriptedMaster, soon } from './scripted-master.fixture.js';

const MANY = 1_000;

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** Masters that answer at once, so that every timer is the client's. */
function clientOf(answer: 'at once' | 'never'): Redlock {
  const masters = [0, 1, 2].map((index) => new ScriptedMaster(index));
  for (const master of masters) {
    master.set = answer === 'never' ? ['never'] : [{ afterMs: 'at once', vote: GRANTED }];
    master.expire = master.delete = [{ afterMs: 'at once', vote: GRANTED }];
  }
  return new Redlock(
    masters.map((master) => () => master),
    { acquireTimeoutMs: 0 },
  );
}

it('pitfall 25: any number of acquisitions under way share one timer', async () => {
  const redlock = clientOf('never');
  const acquiring = Array.from({ length: MANY }, (_, i) => redlock.tryAcquire(`key-${String(i)}`, 10_000));
  expect(vi.getTimerCount()).toBe(1);
  await vi.advanceTimersByTimeAsync(60);
  const outcomes = await Promise.all(acquiring);
  expect(new Set(outcomes.map(({ status }) => status))).toEqual(new Set(['indeterminate']));
  expect(vi.getTimerCount()).toBe(0);
});

it('pitfall 25: any number of locks that are kept alive share one timer, and the last release leaves none', async () => {
  const redlock = clientOf('at once');
  const locks = await Promise.all(Array.from({ length: MANY }, (_, i) => redlock.acquire(`key-${String(i)}`, 10_000)));
  expect(vi.getTimerCount()).toBe(0);
  const signals = locks.map((lock) => lock.keepAlive());
  expect(vi.getTimerCount()).toBe(1);
  await Promise.all(locks.map((lock) => lock.release()));
  expect(vi.getTimerCount()).toBe(0);
  expect(signals.every(({ aborted }) => aborted)).toBe(true);
});

it('pitfall 12: a lock whose release is answered late leaves no timer once the node timeout is over', async () => {
  const master = new ScriptedMaster(0);
  master.delete = [soon(GRANTED, 20)];
  const redlock = new Redlock([() => master], { acquireTimeoutMs: 0 });
  const acquiring = redlock.acquire('a', 10_000);
  await vi.advanceTimersByTimeAsync(1);
  const lock = await acquiring;
  lock.keepAlive();
  const releasing = lock.release();
  await vi.advanceTimersByTimeAsync(60);
  expect(await releasing).toEqual({ status: 'released' });
  expect(vi.getTimerCount()).toBe(0);
  await vi.advanceTimersByTimeAsync(20_000);
  expect(master.count('expire')).toBe(0);
});
