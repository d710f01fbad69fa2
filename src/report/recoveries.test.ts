import { describe, expect, it } from 'vitest';
import type { FaultReceipt } from '../model/fault.js';
import type { SeriesPoint } from '../model/result.js';
import { recoveriesOf } from './recoveries.js';
import { describeRecovery } from './recovery-words.js';
import { receipt } from './sample-chaos.fixture.js';
import { simulateRun } from './simulated-run.fixture.js';

const [blank] = simulateRun({ intervals: 1 }).result.series;

/** A run whose seconds acquired so many locks, out of a hundred each. */
function seconds(...acquired: readonly number[]): SeriesPoint[] {
  return acquired.map((count, index) => ({
    ...blank!,
    atMs: index * 1_000,
    lengthMs: 1_000,
    ratePerSecond: count,
    counts: { ...blank!.counts, acquired: count, held: 0, indeterminate: 100 - count },
  }));
}

function only(
  series: readonly SeriesPoint[],
  ...faults: readonly FaultReceipt[]
): ReturnType<typeof recoveriesOf>[number] {
  const [first] = recoveriesOf({ series, faults });
  return first!;
}

describe('recovery after a fault', () => {
  const kill = receipt('kill master=2 at=3s for=2s', [3_000, 3_000, 5_000]);

  it('takes the median of the seconds before, not their mean', () => {
    expect(only(seconds(100, 100, 10, 40, 40, 100), kill).ratePerSecondBefore).toBe(100);
    expect(
      only(seconds(0, 80, 100, 100, 40, 40, 100), receipt('kill master=1', [4_000, 4_000, 6_000])).ratePerSecondBefore,
    ).toBe(90);
  });

  it('states what was left of the rate, and the share that acquired, while it lasted', () => {
    const { shareOfRate, shareAcquired } = only(seconds(100, 100, 100, 20, 40, 100), kill);
    expect(shareOfRate).toBeCloseTo(0.3, 10);
    expect(shareAcquired).toBeCloseTo(0.3, 10);
  });

  it('counts a second as far as the fault covers it', () => {
    const half = receipt('kill master=2', [3_500, 3_500, 5_000]);
    // Half a second at 80, a whole one at 20.
    expect(only(seconds(100, 100, 100, 80, 20, 100), half).shareOfRate).toBeCloseTo(0.4, 10);
  });

  it('is over at the end of the first second that reached 80 % of before', () => {
    expect(only(seconds(100, 100, 100, 0, 0, 50, 79, 80, 100), kill).recoveredWithinMs).toBe(3_000);
    expect(only(seconds(100, 100, 100, 0, 0, 100), kill).recoveredWithinMs).toBe(1_000);
    const early = receipt('kill master=2', [3_000, 3_000, 4_600]);
    expect(only(seconds(100, 100, 100, 0, 30, 90), early).recoveredWithinMs).toBe(1_400);
  });

  it('is unknown where the rate never came back, nothing came before, or nobody saw the heal', () => {
    const never = only(seconds(100, 100, 100, 0, 0, 70, 79), kill);
    const first = only(seconds(0, 0, 100), receipt('kill master=1', [0, 100, 1_000]));
    const unhealed = only(seconds(100, 100, 100, 0, 0, 100), receipt('kill master=1', [3_000, 3_000, null]));
    expect([never, first, unhealed].map((each) => each.recoveredWithinMs)).toEqual([null, null, null]);
    expect([never, first, unhealed].map((each) => describeRecovery(each).long)).toEqual([
      'not back before the end',
      'recovery unknown: no rate before it',
      'never healed',
    ]);
    expect(first).toMatchObject({ ratePerSecondBefore: null, shareOfRate: null });
  });

  it('leaves other faults out of the seconds before, and says when they were in effect at once', () => {
    const later = receipt('pause master=3', [4_000, 4_000, 6_000]);
    const apart = receipt('flush master=1', [8_000, 8_000, null]);
    const series = seconds(100, 100, 100, 10, 10, 10, 100, 100, 60, 100);
    const all = recoveriesOf({ series, faults: [kill, later, apart] });
    expect(all.map(({ isShared }) => isShared)).toEqual([true, true, false]);
    expect(all.map(({ ratePerSecondBefore }) => ratePerSecondBefore)).toEqual([100, 100, 100]);
    expect(all[2]).toMatchObject({ shareOfRate: 0.6, recoveredWithinMs: 2_000 });
  });

  it('has nothing to say of a fault that never took effect', () => {
    expect(recoveriesOf({ series: seconds(100), faults: [receipt('clock master=2', [0, null, null])] })).toEqual([]);
  });
});
