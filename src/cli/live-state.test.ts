import { describe, expect, it } from 'vitest';
import type { FaultReceipt } from '../model/fault.js';
import { Histogram } from '../model/histogram.js';
import { HISTOGRAM_TAGS, type IntervalReport, type WatchedReport } from '../model/interval.js';
import { keyed } from '../model/keyed.js';
import { OPERATION_STATUSES, type OperationStatus } from '../model/operation.js';
import { completeScenario } from '../model/scenario.js';
import { msToNs, sToNs } from '../model/time.js';
import { LiveRun } from './live-state.js';

const BARRIER_NS = sToNs(100);
const START_NS = sToNs(101);

function runOf(faults: string[] = []): LiveRun {
  const scenario = completeScenario(
    {
      ratePerSecond: 500,
      masters: 2,
      durationMs: 10_000,
      faults: faults.map(() => ({ fault: { kind: 'pause', master: 2 }, atMs: 2_500, forMs: 2_000 })),
    },
    1,
  );
  const run = new LiveRun({ title: 'a run', whole: undefined, scenario });
  run.loaded(BARRIER_NS);
  return run;
}

function second(index: number, counts: Partial<Record<OperationStatus, number>>): [IntervalReport, WatchedReport] {
  const response = new Histogram();
  for (let done = 0; done < (counts.acquired ?? 0); done++) response.recordNs(msToNs(2));
  return [
    {
      point: {
        atMs: index * 1_000,
        lengthMs: 1_000,
        counts: { ...keyed(OPERATION_STATUSES, () => 0), ...counts },
        ratePerSecond: counts.acquired ?? 0,
        splitVotes: 0,
        responseP50Ns: msToNs(1),
        responseP99Ns: msToNs(2),
        serviceP50Ns: msToNs(1),
        serviceP99Ns: msToNs(2),
        roundTripP50Ns: [msToNs(0.5), null],
        roundTripP99Ns: [msToNs(0.7), null],
      },
      histograms: keyed(HISTOGRAM_TAGS, (tag) => (tag === 'acquire.response' ? response : new Histogram()).drain()),
    },
    {
      masters: [
        { timeouts: 0, errors: 0 },
        { timeouts: 4, errors: 3 },
      ],
      inFlight: { mean: 1, max: 3 },
      busiestLoop: 0.25,
      lateStarts: { starts: 500, quantile: 0.99, delayNs: msToNs(1) },
      responseMaxNs: msToNs(3),
      witnessed: { holds: 7 * (index + 1), contractCount: 0, overruns: 0 },
    },
  ];
}

const RECEIPT: FaultReceipt = {
  fault: 'pause master=2 at=2500ms for=2s',
  kind: 'pause',
  target: 'master 2',
  appliedNs: sToNs(2.5),
  effectNs: sToNs(2.6),
  healedNs: null,
  proof: 'it did not answer',
  status: 'effective',
};

describe('LiveRun', () => {
  it('adds outcomes and trouble up, and keeps each second', () => {
    const run = runOf();
    run.interval(...second(0, { acquired: 5 }));
    run.interval(...second(1, { expired: 2, dropped: 1 }));
    const { counts, seconds, masters, subject, loadedMs, witnessed, nextFault } = run.view(sToNs(103));
    expect(subject).toBe('redlock, 2 masters, 500/s, uncontended keys');
    expect(loadedMs).toBe(3_000);
    expect([counts.acquired, counts.expired, counts.dropped]).toEqual([5, 2, 1]);
    expect(seconds).toEqual([
      {
        ratePerSecond: 5,
        response: { p50Ns: msToNs(1), p99Ns: msToNs(2), maxNs: msToNs(3) },
        missedPerSecond: 0,
        isFaulty: false,
      },
      { ratePerSecond: 0, response: null, missedPerSecond: 3, isFaulty: false },
    ]);
    expect(masters.map(({ timeouts, errors, isTroubled }) => [timeouts, errors, isTroubled])).toEqual([
      [0, 0, false],
      [8, 6, true],
    ]);
    expect(witnessed?.holds).toBe(14);
    expect(nextFault).toBeUndefined();
  });

  it('marks the seconds of a fault from its injection to its heal', () => {
    const run = runOf(['pause']);
    for (const index of [0, 1]) run.interval(...second(index, { acquired: 1 }));
    expect(run.view(START_NS + sToNs(2)).nextFault).toEqual({ name: 'pause master=2', inMs: 500 });
    run.fault(RECEIPT, START_NS + sToNs(2.6));
    expect(run.view(START_NS + sToNs(4)).activeFaults).toEqual([
      { name: 'pause master=2', sinceMs: 1_500, isInjected: true },
    ]);
    run.fault({ ...RECEIPT, healedNs: sToNs(4.6) }, START_NS + sToNs(4.7));
    for (const index of [2, 3, 4, 5]) run.interval(...second(index, { acquired: 1 }));
    const { activeFaults, seconds } = run.view(START_NS + sToNs(6));
    expect(activeFaults).toEqual([]);
    expect(seconds.map(({ isFaulty }) => isFaulty)).toEqual([false, false, true, true, true, false]);
  });

  it('shows a fault as being injected from its time until something is told of it', () => {
    const run = runOf(['pause']);
    expect(run.view(START_NS + sToNs(2.4)).activeFaults).toEqual([]);
    expect(run.view(START_NS + sToNs(2.75)).activeFaults).toEqual([
      { name: 'pause master=2', sinceMs: 250, isInjected: false },
    ]);
    run.fault({ ...RECEIPT, status: 'not-run' }, START_NS + sToNs(2.8));
    expect(run.view(START_NS + sToNs(3)).activeFaults).toEqual([]);
  });

  it('expects no fault any more once it is stopped', () => {
    const run = runOf(['pause']);
    expect(run.view(START_NS + sToNs(1), true).nextFault).toBeUndefined();
    expect(run.view(START_NS + sToNs(3), true).activeFaults).toEqual([]);
  });

  it('keeps the seconds that can be shown, and the counts of all', () => {
    const run = runOf();
    for (let index = 0; index < 500; index++) run.interval(...second(index, { held: 1 + (index % 2) }));
    const { seconds, counts } = run.view(START_NS + sToNs(500));
    expect([seconds.length, counts.held]).toEqual([120, 750]);
  });

  it('gives what got no lock in half a second as a rate', () => {
    const run = runOf();
    const [{ point, ...report }, watched] = second(0, { held: 4 });
    run.interval({ ...report, point: { ...point, lengthMs: 500 } }, watched);
    expect(run.view(START_NS + sToNs(1)).seconds[0]?.missedPerSecond).toBe(8);
  });

  it('takes a fault for over when its end was looked for and not seen', () => {
    const run = runOf();
    run.fault(RECEIPT, START_NS + sToNs(2.6));
    run.fault({ ...RECEIPT, proof: 'it never answered again' }, START_NS + sToNs(5));
    expect(run.view(START_NS + sToNs(6)).activeFaults).toEqual([]);
  });

  it('does not show a fault that was not injected, and one that is over at once only in its second', () => {
    const run = runOf();
    run.fault({ ...RECEIPT, status: 'not-run' }, START_NS);
    run.fault({ ...RECEIPT, fault: 'flush master=1 at=1s', kind: 'flush', appliedNs: sToNs(1.2) }, START_NS);
    for (const index of [0, 1, 2]) run.interval(...second(index, {}));
    const { activeFaults, seconds } = run.view(START_NS + sToNs(3));
    expect(activeFaults).toEqual([]);
    expect(seconds.map(({ isFaulty }) => isFaulty)).toEqual([false, true, false]);
  });

  it('knows of a master what INFO told last', () => {
    const run = runOf();
    const vitals = { isReachable: true, cpuShare: 0.5, commandsPerSecond: 100 };
    run.vitals(1, vitals);
    run.vitals(7, vitals);
    expect(run.view(START_NS).masters.map((master) => master.vitals)).toEqual([undefined, vitals]);
  });
});
