import { describe, expect, it } from 'vitest';
import type { Operation } from '../model/operation.js';
import { msToNs, sToNs } from '../model/time.js';
import { createRecorder, type Recorder } from './recorder.js';
import { Totals } from './totals.js';

const window = { startNs: sToNs(10), endNs: sToNs(20) };

function recorder(isClosedLoop = false): Recorder {
  const made = createRecorder(2, 3, isClosedLoop);
  made.openWindow(window);
  return made;
}

function operation(at: number, changes: Partial<Operation> = {}): Operation {
  const intendedNs = sToNs(at);
  return {
    worker: 0,
    slot: 1,
    keyIndex: 0,
    status: 'acquired',
    intendedNs,
    invokedNs: intendedNs + msToNs(2),
    returnedNs: intendedNs + msToNs(5),
    attempts: 2,
    validUntilNs: intendedNs + msToNs(105),
    releaseInvokedNs: intendedNs + msToNs(15),
    releasedNs: intendedNs + msToNs(16),
    releaseStatus: 'released',
    ...changes,
  };
}

function totalsOf(made: Recorder): Totals {
  const totals = new Totals(2);
  totals.absorb(made.snapshot(0));
  return totals;
}

describe('createRecorder', () => {
  it('takes response from the intended start, service from the real one, and the rest from their instants', () => {
    const made = recorder();
    made.record(operation(11));
    const { histograms, perAcquisition, validityMs } = totalsOf(made);
    const maxMs = (tag: keyof typeof histograms): number => histograms[tag].summarizeQuantity().max / 1_000;
    expect({
      response: maxMs('acquire.response'),
      service: maxMs('acquire.service'),
      scheduleDelay: maxMs('acquire.scheduleDelay'),
      hold: maxMs('hold'),
      release: maxMs('release'),
      attempts: perAcquisition.summarizeQuantity().max,
      validityMs: validityMs.summarizeQuantity().max,
    }).toEqual({ response: 5, service: 3, scheduleDelay: 2, hold: 10, release: 1, attempts: 2, validityMs: 100 });
  });

  it('accounts for every way to end, and gives only the granted ones a latency of acquisition', () => {
    const made = recorder();
    const statuses = ['acquired', 'held', 'expired', 'indeterminate', 'aborted', 'dropped', 'unfinished'] as const;
    for (const status of statuses) made.record(operation(11, { status, attempts: 1 }));
    const totals = totalsOf(made);
    expect(totals.counts).toEqual(Object.fromEntries(statuses.map((status) => [status, 1])));
    expect(totals.intended).toBe(7);
    expect(totals.attempts).toBe(7);
    expect(totals.histograms['acquire.response'].count).toBe(1);
    expect(totals.histograms['acquire.gaveUp'].count).toBe(4);
    expect(totals.oldestUnfinishedNs).toBe(msToNs(5));
  });

  it('leaves the warm-up out', () => {
    const made = recorder();
    made.record(operation(5));
    made.record(operation(9.999));
    made.record(operation(19.999));
    expect(totalsOf(made).counts.acquired).toBe(1);
  });

  it('counts grants for the rate when they happen, within the window and no longer than it', () => {
    const made = recorder();
    for (const atS of [9.999, 10, 15, 19.999, 20]) made.granted(sToNs(atS));
    expect(totalsOf(made).grantedInWindow).toBe(3);
    made.openWindow({ startNs: sToNs(10), endNs: sToNs(12) });
    for (const atS of [11, 12]) made.granted(sToNs(atS));
    expect(totalsOf(made).grantedInWindow).toBe(1);
  });

  it('does not take a hold that was cut short for a hold time', () => {
    const made = recorder();
    made.record(operation(11, { isHoldCut: true }));
    const { histograms, releases } = totalsOf(made);
    expect([histograms.hold.count, releases.released]).toEqual([0, 1]);
  });

  it('counts how late a start was that had to be dropped', () => {
    const made = recorder();
    made.record(operation(11, { status: 'dropped', attempts: 0, invokedNs: sToNs(11.5) }));
    expect(totalsOf(made).histograms['acquire.scheduleDelay'].summarizeLatency().maxNs).toBe(sToNs(0.5));
  });

  it('remembers in a closed loop who has waited since the warm-up', () => {
    const made = recorder(true);
    made.record(operation(9));
    made.record(operation(9.999));
    made.record(operation(9, { status: 'unfinished', returnedNs: sToNs(20) }));
    const totals = totalsOf(made);
    expect([totals.counts.acquired, totals.counts.unfinished]).toEqual([1, 1]);
    expect(totals.oldestUnfinishedNs).toBe(sToNs(11));
  });

  it('forgets what masters answered during the warm-up', () => {
    const made = recorder();
    made.roundTrip(0, msToNs(1));
    made.timedOut(1);
    made.splitVote();
    made.forgetWarmUp();
    made.roundTrip(1, msToNs(3));
    made.failed(1);
    const totals = totalsOf(made);
    expect(totals.masters.map(({ roundTrip, timeouts, errors }) => [roundTrip.count, timeouts, errors])).toEqual([
      [0, 0, 0],
      [1, 0, 1],
    ]);
    expect(totals.splitVotes).toBe(0);
  });

  it('hands out everything once', () => {
    const made = recorder();
    made.record(operation(11));
    made.snapshot(0);
    const totals = totalsOf(made);
    expect([totals.intended, totals.attempts, totals.grantedInWindow, totals.histograms.hold.count]).toEqual([
      0, 0, 0, 0,
    ]);
    expect(made.acquiredPerSlot()).toEqual([0, 1, 0]);
  });
});
