import { describe, expect, it } from 'vitest';
import type { FaultReceipt } from '../model/fault.js';
import { Histogram } from '../model/histogram.js';
import { HISTOGRAM_TAGS, type IntervalReport, type WatchedReport } from '../model/interval.js';
import { keyed } from '../model/keyed.js';
import { OPERATION_STATUSES, type OperationStatus } from '../model/operation.js';
import { completeScenario } from '../model/scenario.js';
import { msToNs, sToNs } from '../model/time.js';
import { plainProgress, type Progress } from './progress.js';

function shown(durationMs: number): { lines: string[]; progress: Progress } {
  const lines: string[] = [];
  const scenario = completeScenario({ durationMs, warmupMs: 500 }, 1);
  const progress = plainProgress({ title: 'a run', whole: 'run 1 of 2', scenario }, (line) => lines.push(line));
  return { lines, progress };
}

function second(
  atMs: number,
  lengthMs: number,
  counts: Partial<Record<OperationStatus, number>>,
  contractCount: number,
): [IntervalReport, WatchedReport] {
  const response = new Histogram();
  for (let done = 0; done < (counts.acquired ?? 0); done++) response.recordNs(msToNs(2));
  const point = {
    atMs,
    lengthMs,
    counts: { ...keyed(OPERATION_STATUSES, () => 0), ...counts },
    ratePerSecond: counts.acquired ?? 0,
    splitVotes: 0,
    responseP50Ns: msToNs(1),
    responseP99Ns: msToNs(2),
    serviceP50Ns: msToNs(1),
    serviceP99Ns: msToNs(2),
    roundTripP50Ns: [],
    roundTripP99Ns: [],
  };
  const watched = {
    masters: [],
    inFlight: null,
    busiestLoop: null,
    lateStarts: { starts: 0, quantile: 0.9, delayNs: 0 },
    responseMaxNs: msToNs(2),
    witnessed: { holds: 1, contractCount, overruns: 0 },
  };
  const histograms = keyed(HISTOGRAM_TAGS, (tag) => (tag === 'acquire.response' ? response : new Histogram()).drain());
  return [{ point, histograms }, watched];
}

const RECEIPT: FaultReceipt = {
  fault: 'pause master=2 at=1s for=2s',
  kind: 'pause',
  target: 'master 2',
  appliedNs: sToNs(1),
  effectNs: sToNs(1.1),
  healedNs: null,
  proof: 'it did not answer',
  status: 'effective',
};

describe('plainProgress', () => {
  it('writes a line for each phase and each second, with what went wrong in it', () => {
    const { lines, progress } = shown(2_000);
    progress.phase('starting 3 masters');
    progress.loaded(0);
    progress.interval(...second(0, 1_000, { acquired: 40 }, 0));
    progress.interval(...second(1_000, 1_003, { held: 3 }, 2));
    progress.end();
    expect(lines).toEqual([
      'a run: starting 3 masters',
      'a run: warm-up 500ms, then measuring 2 s',
      'a run: 1 s of 2 s  40/s  p50 1.00 ms  p99 2.00 ms',
      'a run: 2 s of 2 s  0/s  nothing acquired  held 3  2 OVERLAPS against the contract',
    ]);
  });

  it('does not round a window that is not made of whole seconds', () => {
    const { lines, progress } = shown(1_500);
    progress.loaded(0);
    progress.interval(...second(1_000, 498, {}, 0));
    expect(lines).toEqual([
      'a run: warm-up 500ms, then measuring 1500ms',
      'a run: 1500ms of 1500ms  0/s  nothing acquired',
    ]);
  });

  it('says what became of a fault, and when its end was not seen', () => {
    const { lines, progress } = shown(5_000);
    progress.fault(RECEIPT);
    progress.fault({ ...RECEIPT, healedNs: sToNs(3) });
    const flush = { ...RECEIPT, fault: 'flush master=1 at=1s', kind: 'flush' };
    for (const receipt of [flush, flush]) progress.fault(receipt);
    const other = { ...RECEIPT, fault: 'pause master=3 at=1s for=2s' };
    for (const receipt of [other, other]) progress.fault(receipt);
    progress.fault({ ...RECEIPT, fault: 'kill master=1 at=4s', status: 'not-run' });
    expect(lines).toEqual([
      'a run: pause master=2 injected',
      'a run: pause master=2 over',
      'a run: flush master=1 injected',
      'a run: flush master=1 over',
      'a run: pause master=3 injected',
      'a run: pause master=3 end not seen',
      'a run: kill master=1 not injected',
    ]);
  });
});
