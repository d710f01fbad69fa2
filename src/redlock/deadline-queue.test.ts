import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { msToNs, systemClock } from '../model/time.js';
import { DeadlineQueue, type Expiring } from './deadline-queue.js';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

class Entry implements Expiring {
  readonly deadlineNs: number;
  readonly #deadlineMs: number;
  readonly #expired: number[];
  isComplete = false;

  /** The clock is fake, and every test starts it anew: deadlines count from its start. */
  constructor(startNs: number, deadlineMs: number, expired: number[]) {
    this.deadlineNs = startNs + msToNs(deadlineMs);
    this.#deadlineMs = deadlineMs;
    this.#expired = expired;
  }

  expire(): void {
    this.isComplete = true;
    this.#expired.push(this.#deadlineMs);
  }
}

it('expires each entry at its deadline, with one timer for all of them', () => {
  const queue = new DeadlineQueue(systemClock);
  const expired: number[] = [];
  const startNs = systemClock.nowNs();
  for (const deadlineMs of [50, 50, 60, 75]) queue.push(new Entry(startNs, deadlineMs, expired));
  expect(vi.getTimerCount()).toBe(1);
  vi.advanceTimersByTime(49);
  expect(expired).toEqual([]);
  vi.advanceTimersByTime(2);
  expect(expired).toEqual([50, 50]);
  vi.advanceTimersByTime(30);
  expect(expired).toEqual([50, 50, 60, 75]);
  expect(vi.getTimerCount()).toBe(0);
});

it('leaves completed entries alone and forgets them', () => {
  const queue = new DeadlineQueue(systemClock);
  const expired: number[] = [];
  const startNs = systemClock.nowNs();
  const first = new Entry(startNs, 50, expired);
  queue.push(first);
  first.isComplete = true;
  for (let i = 0; i < 10_000; i++) {
    const entry = new Entry(startNs, 50, expired);
    queue.push(entry);
    entry.isComplete = true;
  }
  expect(queue.size).toBe(1);
  vi.advanceTimersByTime(100);
  expect(expired).toEqual([]);
});

it('starts no second timer for entries that come while the first runs, and serves them in time', () => {
  const queue = new DeadlineQueue(systemClock);
  const expired: number[] = [];
  const startNs = systemClock.nowNs();
  const first = new Entry(startNs, 50, expired);
  queue.push(first);
  vi.advanceTimersByTime(20);
  first.isComplete = true;
  queue.push(new Entry(startNs, 70, expired));
  expect(vi.getTimerCount()).toBe(1);
  vi.advanceTimersByTime(48);
  expect(expired).toEqual([]);
  vi.advanceTimersByTime(4);
  expect(expired).toEqual([70]);
});
