import { describe, expect, it } from 'vitest';
import { seededRandom } from '../model/random.js';
import { msToNs, nsToMs } from '../model/time.js';
import { ArrivalSchedule } from './arrival-schedule.js';

const UNLIMITED = { jitterMs: 0, bytesPerSecond: undefined };

describe('ArrivalSchedule', () => {
  it('adds the same delay to every chunk when there is no jitter', () => {
    const schedule = new ArrivalSchedule({ ...UNLIMITED, delayMs: 10 }, seededRandom(1));
    const arrivals = [0, 3, 3, 7].map(msToNs);
    expect(arrivals.map((arrivedNs) => schedule.dueNs(arrivedNs, 100)).map(nsToMs)).toEqual([10, 13, 13, 17]);
  });

  it('draws the delay of far apart chunks from the whole of delay ± jitter and from nothing else', () => {
    const schedule = new ArrivalSchedule({ ...UNLIMITED, delayMs: 10, jitterMs: 4 }, seededRandom(2));
    const delaysMs = Array.from({ length: 2_000 }, (_, index) => {
      const arrivedNs = msToNs(index * 100);
      return nsToMs(schedule.dueNs(arrivedNs, 1) - arrivedNs);
    });
    expect(Math.min(...delaysMs)).toBeGreaterThanOrEqual(6);
    expect(Math.min(...delaysMs)).toBeLessThan(6.1);
    expect(Math.max(...delaysMs)).toBeLessThanOrEqual(14);
    expect(Math.max(...delaysMs)).toBeGreaterThan(13.9);
    expect(delaysMs.reduce((sum, delayMs) => sum + delayMs, 0) / delaysMs.length).toBeCloseTo(10, 0);
  });

  it('never lets a chunk out before the one ahead of it, however the jitter falls', () => {
    const schedule = new ArrivalSchedule({ ...UNLIMITED, delayMs: 10, jitterMs: 10 }, seededRandom(3));
    const dueNs = Array.from({ length: 1_000 }, (_, index) => schedule.dueNs(index, 1));
    expect(dueNs).toEqual([...dueNs].sort((a, b) => a - b));
    expect(new Set(dueNs).size).toBeGreaterThan(1);
  });

  it('transmits one chunk after the other at the given rate, then lets each travel', () => {
    const schedule = new ArrivalSchedule({ delayMs: 5, jitterMs: 0, bytesPerSecond: 1_000 }, seededRandom(4));
    expect(nsToMs(schedule.dueNs(0, 100))).toBe(105);
    expect(nsToMs(schedule.dueNs(msToNs(10), 50))).toBe(155);
    // The line was idle since 150 ms: what it did not use then is not saved up.
    expect(nsToMs(schedule.dueNs(msToNs(1_000), 100))).toBe(1_105);
  });

  it('lets nothing out before what was announced under the plan before', () => {
    const slow = new ArrivalSchedule({ ...UNLIMITED, delayMs: 50 }, seededRandom(4));
    slow.dueNs(msToNs(10), 1);
    const fast = new ArrivalSchedule({ ...UNLIMITED, delayMs: 1 }, seededRandom(4), slow.lastDueNs);
    expect([20, 70].map((arrivedMs) => nsToMs(fast.dueNs(msToNs(arrivedMs), 1)))).toEqual([60, 71]);
  });
});
