import { describe, expect, it, vi } from 'vitest';
import { splitSlots, type Shard } from '../load/shard.js';
import { allocateWitness } from '../load/witness.js';
import { completeScenario, type ScenarioInput } from '../model/scenario.js';
import { sToNs } from '../model/time.js';
import { blankOperation, type WireOperation } from './driver-frames.js';
import { FloodGauge, OperationAudit, SilenceWatch } from './driver-watch.js';

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
function honest(change: Partial<WireOperation> = {}, atS = 101): WireOperation {
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
      honest({ ...failed, status: 'dropped', slot: -1, keyIndex: -1, attempts: 0 }, 104),
      honest({ intendedNs: BARRIER_NS, validUntilNs: Infinity }, 104.5),
    ];
    expect(allowed.map((operation) => audit.check(operation, NOW_NS))).toEqual(allowed.map(() => undefined));
    expect(audit.checkBatch({ watermarkNs: NOW_NS, cpuNs: 1, count: 0, read: () => {} }, NOW_NS)).toBeUndefined();
  });

  it.each<[string, Partial<WireOperation>, RegExp]>([
    ['a failure after no attempt', { ...failed, status: 'held', attempts: 0 }, /was held after 0 attempts/],
    ['a failure with a release', { status: 'expired' }, /that was expired was released/],
    ['a release that never ended but is known', { releasedNs: undefined }, /was released, but never ended/],
    [
      'a release in the future',
      { releaseInvokedNs: NOW_NS + 1, releasedNs: NOW_NS + 1 },
      /was released 1.00 ns in the future/,
    ],
    ['a release that ends in the future', { releasedNs: NOW_NS + 1 }, /release ended 1.00 ns in the future/],
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
    const batch = { watermarkNs: BARRIER_NS, cpuNs: 0, count: 0, read: () => {} };
    expect(audit.checkBatch(batch, BARRIER_NS + sToNs(60))).toBeUndefined();
    expect(audit.checkBatch(batch, BARRIER_NS + sToNs(60) + 1)).toMatch(/^its watermark was 60.0 s old; report/);
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

describe('SilenceWatch', () => {
  it('gives up after the whole silence, but not for a runner that was itself held up', () => {
    vi.useFakeTimers();
    const onSilence = vi.fn();
    const watch = new SilenceWatch(1_000, onSilence);
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
