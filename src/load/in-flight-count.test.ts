import { expect, it } from 'vitest';
import { sToNs } from '../model/time.js';
import { InFlightCount } from './in-flight-count.js';
import { InFlightTotals } from './totals.js';

const window = { startNs: sToNs(10), endNs: sToNs(20) };

function counted(...changes: readonly (readonly ['began' | 'ended', number])[]): InFlightCount {
  const count = new InFlightCount();
  count.openWindow(window);
  for (const [change, atS] of changes) count[change](sToNs(atS));
  return count;
}

it('integrates the number under way over the window, and over nothing outside of it', () => {
  const count = counted(['began', 8], ['began', 12], ['ended', 13], ['began', 19], ['ended', 21], ['ended', 30]);
  // One over the whole window, another for a second, a third in its last second.
  expect(count.snapshot(sToNs(30))).toEqual({ areaNs: sToNs(12), max: 2 });
});

it('finds the most at once, of which none is seen that ended at the instant at which another began', () => {
  const count = counted(['began', 11], ['ended', 12], ['began', 12], ['began', 12], ['ended', 12], ['ended', 14]);
  expect(count.snapshot(sToNs(20))).toEqual({ areaNs: sToNs(3), max: 1 });
});

it('has nothing to say of the warm-up, nor before the window is known', () => {
  expect(counted(['began', 5], ['ended', 9]).snapshot(sToNs(11))).toEqual({ areaNs: 0, max: 0 });
  const early = new InFlightCount();
  early.began(sToNs(1));
  early.ended(sToNs(2));
  expect(early.snapshot(sToNs(3))).toEqual({ areaNs: 0, max: 0 });
});

it('goes on from one snapshot to the next with what is under way', () => {
  const count = counted(['began', 10], ['began', 11]);
  expect(count.snapshot(sToNs(12))).toEqual({ areaNs: sToNs(3), max: 2 });
  count.ended(sToNs(13));
  expect(count.snapshot(sToNs(13))).toEqual({ areaNs: sToNs(2), max: 2 });
  count.ended(sToNs(14));
  expect(count.snapshot(sToNs(30))).toEqual({ areaNs: sToNs(1), max: 1 });
});

it('counts what is under way in a second in which nothing begins or ends', () => {
  const count = counted(['began', 10], ['began', 10]);
  expect([11, 12, 13].map((atS) => count.snapshot(sToNs(atS)))).toEqual([
    { areaNs: sToNs(2), max: 2 },
    { areaNs: sToNs(2), max: 2 },
    { areaNs: sToNs(2), max: 2 },
  ]);
  // Nothing of it is counted twice when it ends, not even where it is told of late.
  count.ended(sToNs(12.5));
  count.ended(sToNs(14));
  expect(count.snapshot(sToNs(20))).toEqual({ areaNs: sToNs(1), max: 1 });
});

it('adds up what two workers hold for longer than a second, of which each has an event in another second', () => {
  const totals = new InFlightTotals();
  const [one, other] = [counted(['began', 10.1]), counted(['began', 11.1])];
  for (const second of [0, 1, 2]) {
    for (const count of [one, other]) totals.absorb(second, count.snapshot(sToNs(11 + second)));
  }
  expect(totals.describe(3_000)).toEqual({ mean: 1.6, max: 2 });
});

it('counts no longer than a window that was shortened', () => {
  const count = counted(['began', 10]);
  count.openWindow({ startNs: window.startNs, endNs: sToNs(15) });
  count.ended(sToNs(18));
  expect(count.snapshot(sToNs(18))).toEqual({ areaNs: sToNs(5), max: 1 });
});

it('adds the workers up: their means, and what each had at most in the same second', () => {
  const totals = new InFlightTotals();
  totals.absorb(0, { areaNs: sToNs(6), max: 9 });
  totals.absorb(1, { areaNs: sToNs(4), max: 5 });
  totals.absorb(0, { areaNs: sToNs(8), max: 2 });
  totals.absorb(1, { areaNs: sToNs(2), max: 7 });
  expect(totals.describe(2_000)).toEqual({ mean: 10, max: 12 });
});

it('is not known where a worker did not count', () => {
  const totals = new InFlightTotals();
  expect(totals.describe(0)).toEqual({ mean: 0, max: 0 });
  totals.absorb(0, { areaNs: 1, max: 1 });
  totals.absorb(0, null);
  expect(totals.describe(1_000)).toBeNull();
});
