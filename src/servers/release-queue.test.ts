import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../model/random.js';
import { msToNs, systemClock, type Clock } from '../model/time.js';
import { ReleaseQueue } from './release-queue.js';

describe('ReleaseQueue', () => {
  it('runs actions in the order of their instants, equal ones in the order of adding', async () => {
    const queue = new ReleaseQueue(systemClock);
    const random = seededRandom(5);
    const startNs = systemClock.nowNs();
    const added = Array.from({ length: 500 }, (_, index) => ({ index, afterMs: Math.floor(random.next() * 10) }));
    const ran: typeof added = [];
    await new Promise<void>((resolve) => {
      for (const entry of added) {
        queue.add(startNs + msToNs(entry.afterMs), () => {
          ran.push(entry);
          if (ran.length === added.length) resolve();
        });
      }
    });
    expect(ran).toEqual([...added].sort((a, b) => a.afterMs - b.afterMs || a.index - b.index));
  });

  it('runs nothing before its instant, even when an earlier one is added while a timer is set for a later one', async () => {
    const queue = new ReleaseQueue(systemClock);
    const early: number[] = [];
    const ran: number[] = [];
    await Promise.all(
      [30, 5, 0.3, 12, 1.5].map(
        (afterMs) =>
          new Promise<void>((resolve) => {
            const dueNs = systemClock.nowNs() + msToNs(afterMs);
            queue.add(dueNs, () => {
              ran.push(afterMs);
              if (systemClock.nowNs() < dueNs) early.push(afterMs);
              resolve();
            });
          }),
      ),
    );
    expect(early).toEqual([]);
    expect(ran).toEqual([0.3, 1.5, 5, 12, 30]);
  });

  it('does not let an early action wait for the timer of a late one', async () => {
    const queue = new ReleaseQueue(systemClock);
    queue.add(systemClock.nowNs() + msToNs(60_000), () => undefined);
    const early = new Promise((resolve) => {
      queue.add(systemClock.nowNs() + msToNs(5), () => resolve('early'));
    });
    expect(await Promise.race([early, sleep(20_000, 'late', { ref: false })])).toBe('early');
  });

  it('stops spinning when nothing is queued', async () => {
    let reads = 0;
    const clock: Clock = { nowNs: () => (reads++, systemClock.nowNs()) };
    const queue = new ReleaseQueue(clock);
    await new Promise<void>((resolve) => {
      queue.add(clock.nowNs() + msToNs(3), resolve);
    });
    expect(queue.size).toBe(0);
    const readsWhenEmpty = reads;
    await sleep(20);
    expect(reads).toBe(readsWhenEmpty);
  });
});
