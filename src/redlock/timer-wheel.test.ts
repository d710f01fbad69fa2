import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { msToNs, nsToMs, sToNs, systemClock, type Ns } from '../model/time.js';
import { TimerWheel, type WheelEntry } from './timer-wheel.js';

class Named implements WheelEntry {
  wheelTick: number | undefined;
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }
}

interface Bench {
  readonly wheel: TimerWheel<Named>;
  /** Each call's entries, and when it came, from the start. */
  readonly calls: { readonly names: string[]; readonly atMs: number }[];
  afterMs(ms: number): Ns;
}

function wheelOf(clock = systemClock): Bench {
  const startNs = clock.nowNs();
  const calls: Bench['calls'] = [];
  const wheel = new TimerWheel<Named>(clock, (due) => {
    calls.push({ names: due.map(({ name }) => name), atMs: Math.round(nsToMs(clock.nowNs() - startNs)) });
  });
  return { wheel, calls, afterMs: (ms) => startNs + msToNs(ms) };
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

it('calls back at the time of each entry, once, and with all that are due together', () => {
  const { wheel, calls, afterMs } = wheelOf();
  wheel.add(new Named('late'), afterMs(700));
  wheel.add(new Named('a'), afterMs(30));
  wheel.add(new Named('b'), afterMs(30));
  vi.advanceTimersByTime(2_000);
  expect(calls.map(({ names }) => names)).toEqual([['a', 'b'], ['late']]);
  expect(calls[0]?.atMs).toBeGreaterThanOrEqual(30);
  expect(calls[0]?.atMs).toBeLessThanOrEqual(32);
  expect(calls[1]?.atMs).toBeGreaterThanOrEqual(700);
  expect(calls[1]?.atMs).toBeLessThanOrEqual(702);
  expect(wheel.size).toBe(0);
});

it('has one timer while it holds entries, none before the first and none after the last', () => {
  const { wheel, calls, afterMs } = wheelOf();
  expect(vi.getTimerCount()).toBe(0);
  const entries = Array.from({ length: 100 }, (_, index) => new Named(String(index)));
  for (const [index, entry] of entries.entries()) wheel.add(entry, afterMs(1_000 - index));
  expect(vi.getTimerCount()).toBe(1);
  for (const entry of entries) wheel.remove(entry);
  expect([vi.getTimerCount(), wheel.size]).toEqual([0, 0]);
  vi.advanceTimersByTime(2_000);
  expect(calls).toEqual([]);
});

it('has no timer after the last entry was due', () => {
  const { wheel, afterMs } = wheelOf();
  wheel.add(new Named('a'), afterMs(5));
  vi.advanceTimersByTime(10);
  expect(vi.getTimerCount()).toBe(0);
});

it('leaves an entry past its horizon to a later round, even beside one of this round in the same slot', () => {
  const { wheel, calls, afterMs } = wheelOf();
  wheel.add(new Named('third round'), afterMs(2 * 16_384 + 50));
  wheel.add(new Named('first'), afterMs(50));
  vi.advanceTimersByTime(20_000);
  expect(calls.map(({ names }) => names)).toEqual([['first']]);
  vi.advanceTimersByTime(20_000);
  expect(calls[1]?.names).toEqual(['third round']);
  expect(calls[1]?.atMs).toBeGreaterThanOrEqual(2 * 16_384 + 50);
  expect(calls[1]?.atMs).toBeLessThanOrEqual(2 * 16_384 + 52);
});

it('moves an entry that is added again, forwards and backwards', () => {
  const { wheel, calls, afterMs } = wheelOf();
  const [later, sooner] = [new Named('later'), new Named('sooner')];
  wheel.add(later, afterMs(10));
  wheel.add(later, afterMs(100));
  wheel.add(sooner, afterMs(200));
  wheel.add(sooner, afterMs(20));
  expect(wheel.size).toBe(2);
  vi.advanceTimersByTime(1_000);
  expect(calls.map(({ names }) => names)).toEqual([['sooner'], ['later']]);
});

it('lets an entry that is due already wait for one tick, so that nothing can spin', () => {
  const { wheel, calls, afterMs } = wheelOf();
  vi.advanceTimersByTime(100);
  wheel.add(new Named('past'), afterMs(20));
  expect(calls).toEqual([]);
  vi.advanceTimersByTime(3);
  expect(calls.map(({ names }) => names)).toEqual([['past']]);
});

it('calls back once for all that became due while the event loop was blocked, however many rounds long', () => {
  let nowNs = sToNs(1_000);
  const { wheel, calls, afterMs } = wheelOf({ nowNs: () => nowNs });
  for (const ms of [10, 5_000, 16_390, 40_000]) wheel.add(new Named(String(ms)), afterMs(ms));
  wheel.add(new Named('not yet'), afterMs(60_000));
  nowNs += sToNs(50);
  vi.advanceTimersByTime(20);
  expect(calls).toHaveLength(1);
  expect(calls[0]?.names.toSorted()).toEqual(['10', '16390', '40000', '5000']);
  expect(wheel.size).toBe(1);
});

it('lets sockets be read before it calls back', () => {
  const { wheel, calls, afterMs } = wheelOf();
  const moved = new Named('moved');
  wheel.add(moved, afterMs(10));
  vi.advanceTimersToNextTimer();
  // The timer has fired; now the sockets are read, and a reply moves the entry.
  wheel.add(moved, afterMs(500));
  vi.advanceTimersByTime(400);
  expect(calls).toEqual([]);
});

it('may be filled and emptied from its callback', () => {
  const names: string[] = [];
  const again = new Named('again');
  const startNs = systemClock.nowNs();
  const wheel = new TimerWheel<Named>(systemClock, (due, nowNs) => {
    names.push(...due.map(({ name }) => name));
    if (names.length < 3) wheel.add(again, nowNs + msToNs(10));
  });
  wheel.add(again, startNs);
  vi.advanceTimersByTime(1_000);
  expect(names).toEqual(['again', 'again', 'again']);
  expect(vi.getTimerCount()).toBe(0);
});

it('gives back all entries when it is emptied', () => {
  const { wheel, afterMs } = wheelOf();
  wheel.add(new Named('a'), afterMs(10));
  wheel.add(new Named('b'), afterMs(99_999));
  expect(
    wheel
      .empty()
      .map(({ name }) => name)
      .toSorted(),
  ).toEqual(['a', 'b']);
  expect([wheel.size, vi.getTimerCount()]).toEqual([0, 0]);
});
