import { describe, expect, it } from 'vitest';
import { judgeOperations } from '../check/judge-operations.js';
import type { Operation } from '../model/operation.js';
import { describeTimeline } from './timeline.js';

const TTL_MS = 1_000;
const MS = 1_000_000;

/** A hold of a client, by milliseconds. */
function held(worker: number, fromMs: number, untilMs: number, more: Partial<Operation> = {}): Operation {
  return {
    worker,
    slot: 0,
    keyIndex: 0,
    status: 'acquired',
    intendedNs: fromMs * MS,
    invokedNs: fromMs * MS,
    returnedNs: fromMs * MS,
    attempts: 1,
    releaseInvokedNs: untilMs * MS,
    leftNs: untilMs * MS,
    releaseStatus: 'released',
    ...more,
  };
}

const timelineOf = (operations: readonly Operation[]): ReturnType<typeof describeTimeline> =>
  describeTimeline(operations, judgeOperations(operations, TTL_MS), { names: ['c1', 'c2'], epochNs: 0, ttlMs: TTL_MS });

describe('the timeline of an experiment', () => {
  it('has each acquisition in the order of its beginning, with its promise and its worst overlap', () => {
    const { timeline, omittedSpans } = timelineOf([held(1, 50, 200), held(0, 10, 100, { validUntilNs: 90 * MS })]);
    expect(timeline).toEqual([
      expect.objectContaining({
        holder: 'c1',
        invokedNs: 10 * MS,
        heldUntilNs: 100 * MS,
        validUntilNs: 90 * MS,
        overlap: 'contract',
      }),
      expect.objectContaining({ holder: 'c2', invokedNs: 50 * MS, heldUntilNs: 200 * MS, overlap: 'contract' }),
    ]);
    expect(omittedSpans).toBe(0);
  });

  it('ends the promise of a lock that states none with its ttl, and that of an endless one never', () => {
    const { timeline } = timelineOf([held(0, 10, 20), held(1, 30, 40, { validUntilNs: Infinity })]);
    expect(timeline.map(({ validUntilNs }) => validUntilNs)).toEqual([1_010 * MS, null]);
  });

  it('keeps every overlap, and of the others the last ones', () => {
    const early = [held(0, 0, 10), held(1, 5, 8)];
    const many = Array.from({ length: 300 }, (_, index) => held(0, 100 + 10 * index, 105 + 10 * index));
    const { timeline, omittedSpans } = timelineOf([...early, ...many]);
    expect(timeline).toHaveLength(200);
    expect(omittedSpans).toBe(102);
    expect(timeline.slice(0, 2).map(({ overlap }) => overlap)).toEqual(['contract', 'contract']);
    expect(timeline.at(-1)?.invokedNs).toBe(3_090 * MS);
  });
});
