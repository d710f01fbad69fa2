import { describe, expect, it } from 'vitest';
import type { IntervalReport } from '../model/interval.js';
import { msToNs, sToNs } from '../model/time.js';
import { createRecorder, type RecorderSnapshot } from './recorder.js';
import { IntervalMerger, lateStartsOf, Totals } from './totals.js';

function snapshotOf(responsesMs: readonly number[]): RecorderSnapshot {
  const recorder = createRecorder(1, 1, false);
  recorder.openWindow({ startNs: 0, endNs: sToNs(10) });
  for (const responseMs of responsesMs) {
    const outline = { worker: 0, slot: 0, keyIndex: 0, intendedNs: 0, invokedNs: 0, attempts: 1 };
    recorder.granted(msToNs(responseMs));
    recorder.record({ ...outline, status: 'acquired', returnedNs: msToNs(responseMs) });
  }
  return recorder.snapshot(0);
}

function merger(workers: number): { merged: IntervalReport[]; merger: IntervalMerger } {
  const merged: IntervalReport[] = [];
  return { merged, merger: new IntervalMerger(workers, 1, (report) => merged.push(report)) };
}

describe('IntervalMerger', () => {
  it('hands out a second only when every worker has told of it, merged and not averaged', () => {
    const { merged, merger: intervals } = merger(2);
    intervals.absorb(0, 0, 1_000, snapshotOf([1, 1, 1]));
    intervals.absorb(0, 1, 1_000, snapshotOf([1]));
    expect(merged).toHaveLength(0);
    intervals.absorb(1, 0, 1_000, snapshotOf([9]));
    expect(merged.map(({ point }) => [point.atMs, point.counts.acquired, point.ratePerSecond])).toEqual([[0, 4, 4]]);
    expect(merged[0]?.point.responseP50Ns).toBe(msToNs(1));
  });

  it('does not wait for a worker that ended', () => {
    const { merged, merger: intervals } = merger(2);
    intervals.absorb(0, 0, 1_000, snapshotOf([1]));
    intervals.end(1);
    expect(merged).toHaveLength(1);
  });

  it('counts the rate of a shorter last interval by its own length', () => {
    const { merged, merger: intervals } = merger(1);
    for (const index of [0, 1, 2]) intervals.absorb(0, index, index === 2 ? 500 : 1_000, snapshotOf([1]));
    expect(merged.map(({ point }) => [point.atMs, point.lengthMs, point.ratePerSecond])).toEqual([
      [0, 1_000, 1],
      [1_000, 1_000, 1],
      [2_000, 500, 2],
    ]);
  });

  it('counts the split votes of each second over all workers', () => {
    const { merged, merger: intervals } = merger(2);
    for (const [worker, index, splitVotes] of [
      [0, 0, 3],
      [1, 0, 4],
      [0, 1, 0],
      [1, 1, 5],
    ] as const) {
      intervals.absorb(worker, index, 1_000, { ...snapshotOf([]), splitVotes });
    }
    expect(merged.map(({ point }) => point.splitVotes)).toEqual([7, 5]);
  });

  it('says null for a master that answered nothing', () => {
    const { merged, merger: intervals } = merger(1);
    intervals.absorb(0, 0, 1_000, snapshotOf([1]));
    expect(merged[0]?.point.roundTripP50Ns).toEqual([null]);
  });
});

describe('lateStartsOf', () => {
  it.each([
    [50, 0.9, 0],
    [100, 0.99, 0],
    [150, 0.99, 3],
  ])('takes of %i starts the quantile %f', (starts, quantile, delayMs) => {
    const totals = new Totals(1);
    const lateCount = starts > 100 ? 3 : 1;
    for (let index = 0; index < starts; index++) {
      totals.histograms['acquire.scheduleDelay'].recordNs(index < lateCount ? msToNs(3) : 0);
    }
    const late = lateStartsOf(totals);
    expect([late.starts, late.quantile, Math.round(late.delayNs / 1e6)]).toEqual([starts, quantile, delayMs]);
  });
});
