import { describe, expect, it, vi } from 'vitest';
import { splitSlots, type Shard } from '../load/shard.js';
import { allocateWitness } from '../load/witness.js';
import { blankOperation, type ReusedOperation } from '../model/operation.js';
import { completeScenario, type ScenarioInput } from '../model/scenario.js';
import { sToNs } from '../model/time.js';
import type { OperationBatch } from './driver-frames.js';
import { FloodGauge, OperationAudit, DriverSilence } from './driver-watch.js';

const BARRIER_NS = sToNs(100);
const NOW_NS = sToNs(105);
const WINDOW = { startNs: BARRIER_NS, endNs: sToNs(110) };

function auditOf(input: ScenarioInput, worker = 0): OperationAudit {
  const scenario = completeScenario(input, 1);
  const split = splitSlots(scenario)[worker]!;
  const shard: Shard = { worker, runId: 'test', scenario, masters: [], witness: allocateWitness(1, 1), ...split };
  return new OperationAudit(shard, BARRIER_NS, WINDOW);
}

const openLoop: ScenarioInput = { ratePerSecond: 10, inFlight: 4, keys: { kind: 'single' } };

/** An operation that nothing is wrong with, begun after this many seconds. */
function honest(change: Partial<ReusedOperation> = {}, atS = 101): ReusedOperation {
  return {
    ...blankOperation(0),
    slot: 0,
    keyIndex: 0,
    status: 'acquired',
    attempts: 1,
    intendedNs: sToNs(atS),
    invokedNs: sToNs(atS),
    returnedNs: sToNs(atS) + 10,
    releaseInvokedNs: sToNs(atS) + 20,
    releasedNs: sToNs(atS) + 30,
    releaseStatus: 'released',
    ...change,
  };
}

const watermark = (watermarkNs: number): OperationBatch => ({ watermarkNs, cpuNs: 1, count: 0, read: () => {} });

const failed = { releaseInvokedNs: undefined, releasedNs: undefined, releaseStatus: undefined };

describe('OperationAudit', () => {
  it('has nothing against what may happen', () => {
    const audit = auditOf(openLoop);
    const allowed = [
      honest({}),
      honest({ intendedNs: sToNs(101) + 40 }, 101.1),
      // Nothing takes any time on a coarse clock.
      honest({ returnedNs: sToNs(102), releaseInvokedNs: sToNs(102), releasedNs: sToNs(102) }, 102),
      honest({ releasedNs: undefined, releaseStatus: 'indeterminate' }, 102.1),
      honest({ ...failed, status: 'unfinished', attempts: 0 }, 103),
      honest({ ...failed, status: 'held' }, 104),
      honest({ ...failed, status: 'dropped', slot: -1, keyIndex: -1, attempts: 0, returnedNs: sToNs(104) }, 104),
      honest({ intendedNs: BARRIER_NS, validUntilNs: Infinity }, 104.5),
    ];
    expect(allowed.map((operation) => audit.check(operation, NOW_NS))).toEqual(allowed.map(() => undefined));
    expect(audit.checkBatch(watermark(NOW_NS), NOW_NS)).toBeUndefined();
  });

  it.each<[string, Partial<ReusedOperation>, RegExp]>([
    ['a failure after no attempt', { ...failed, status: 'held', attempts: 0 }, /was held after 0 attempts/],
    ['a failure with a release', { status: 'expired' }, /that was expired was released/],
    ['a release that never ended but is known', { releasedNs: undefined }, /was released, but never ended/],
    [
      'a release in the future',
      { releaseInvokedNs: NOW_NS + 1, releasedNs: NOW_NS + 1 },
      /was released 1.00 ns in the future/,
    ],
    ['a release that ends in the future', { releasedNs: NOW_NS + 1 }, /release ended 1.00 ns in the future/],
    [
      'a promise that ended before it was asked for',
      { validUntilNs: sToNs(101) - 1 },
      /promise of a lock ended 1.00 ns/,
    ],
    ['a dropped one with attempts', { ...failed, status: 'dropped', attempts: 2 }, /was dropped after 2 attempts/],
    ['a dropped one that took time', { ...failed, status: 'dropped', attempts: 0 }, /dropped, and returned later/],
    [
      'a dropped one with a release',
      { status: 'dropped', attempts: 0, returnedNs: sToNs(101) },
      /that was dropped was released/,
    ],
    ['a client beyond the last', { slot: 4 }, /client 4, of 4/],
    ['a key beyond the last', { keyIndex: 1 }, /on key 1, expected 0 to 0/],
    ['a start before the barrier', { intendedNs: BARRIER_NS - 1 }, /intended 1.00 ns before the start/],
  ])('finds %s', (_, change, sentence) => {
    expect(auditOf(openLoop).check(honest(change), NOW_NS)).toMatch(sentence);
  });

  it('knows when the schedule is over', () => {
    const late = honest({}, 110);
    expect(auditOf(openLoop).check(late, sToNs(111))).toBe('an operation was intended after the end of the schedule');
  });

  it('lets a client of an uncontended run lock its own worker’s keys only', () => {
    const audit = auditOf({ concurrency: 4, workers: 2 }, 1);
    expect(audit.check(honest({ keyIndex: 2 }), NOW_NS)).toBeUndefined();
    expect(audit.check(honest({ keyIndex: 0 }, 102), NOW_NS)).toBe('an operation was on key 0, expected 2 to 3');
  });

  it('lets a client begin when its last operation has ended, and not before', () => {
    const audit = auditOf(openLoop);
    expect(audit.check(honest({}), NOW_NS)).toBeUndefined();
    expect(audit.check(honest({ invokedNs: sToNs(101) + 29, returnedNs: sToNs(101) + 29 }), NOW_NS)).toBe(
      'client 0 had two operations at once',
    );
    expect(audit.check(honest({ slot: 1 }), NOW_NS)).toBeUndefined();
  });

  it('does not wait for a release longer than a minute', () => {
    const audit = auditOf(openLoop);
    const found = Array.from({ length: 61 }, (_, s) =>
      audit.checkBatch(watermark(BARRIER_NS), BARRIER_NS + sToNs(s + 1)),
    );
    expect(found.slice(0, 60)).toEqual(Array.from({ length: 60 }, () => undefined));
    expect(found[60]).toMatch(/^its watermark was 61.0 s old; report/);
  });

  it('does not count the time in which the runner itself heard nothing', () => {
    const audit = auditOf(openLoop);
    expect(audit.checkBatch(watermark(BARRIER_NS), BARRIER_NS + sToNs(3_600))).toBeUndefined();
  });

  it('allows a watermark before the barrier when the run was stopped by then, and only then', () => {
    const [stopped, running] = [auditOf(openLoop), auditOf(openLoop)];
    stopped.stop();
    expect(stopped.checkBatch(watermark(BARRIER_NS - 5), NOW_NS)).toBeUndefined();
    expect(stopped.checkBatch(watermark(BARRIER_NS), NOW_NS)).toBeUndefined();
    expect(running.checkBatch(watermark(BARRIER_NS - 5), NOW_NS)).toMatch(/lay before the start/);
  });

  it.each<[string, ScenarioInput, number, number]>([
    ['constant', { arrivals: 'constant' }, 98, 102],
    // Six standard deviations of 10, and a few.
    ['poisson', {}, 33, 167],
    ['in bursts', { arrivals: 'constant', burst: 20 }, 79, 121],
    ['shared by two drivers', { arrivals: 'constant', workers: 2 }, 49, 51],
  ])('counts the starts of a schedule: %s', (_, input, least, most) => {
    const judge = (starts: number): string | undefined => {
      const audit = auditOf({ ...openLoop, ...input });
      for (let start = 0; start < starts; start++) audit.check(honest({ slot: 0 }, 101 + start / 1_000), NOW_NS);
      audit.checkBatch(watermark(WINDOW.endNs), WINDOW.endNs);
      return audit.checkEnd(WINDOW.endNs);
    };
    const expected = input.workers === 2 ? 50 : 100;
    expect([judge(least), judge(most)]).toEqual([undefined, undefined]);
    expect(judge(least - 1)).toBe(
      `it reported ${String(least - 1)} starts, the schedule has about ${String(expected)}`,
    );
    expect(judge(most + 1)).toMatch(/^it reported/);
  });

  it('wants no whole schedule of a driver that was stopped, but a watermark at the stop', () => {
    const audit = auditOf(openLoop);
    audit.stop();
    audit.checkBatch(watermark(NOW_NS), NOW_NS);
    expect(audit.checkEnd(NOW_NS)).toBeUndefined();
    expect(audit.checkEnd(NOW_NS + 1)).toBe('it finished with a watermark 1.00 ns before the stop');
  });
});

describe('FloodGauge', () => {
  it('counts by the second', () => {
    let nowNs = 0;
    const gauge = new FloodGauge(100, { nowNs: () => nowNs });
    gauge.measure(100);
    nowNs = sToNs(1);
    gauge.measure(100);
    expect(() => gauge.measure(1)).toThrow('flooded: it wrote more than 100 bytes within a second');
  });
});

describe('DriverSilence', () => {
  it('gives up after the whole silence, but not for a runner that was itself held up', () => {
    vi.useFakeTimers();
    const onSilence = vi.fn();
    const watch = new DriverSilence(1_000, onSilence);
    vi.advanceTimersByTime(1_000);
    watch.heard();
    vi.advanceTimersByTime(1_000);
    // The process was stopped for an hour: its timer fires once.
    vi.setSystemTime(Date.UTC(2100));
    expect(onSilence).not.toHaveBeenCalled();
    vi.advanceTimersByTime(100);
    expect(onSilence).toHaveBeenCalledTimes(1);
    watch.end();
    vi.useRealTimers();
  });
});
