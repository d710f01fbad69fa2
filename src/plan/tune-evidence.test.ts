import { describe, expect, it } from 'vitest';
import { formatScheduledFault } from '../model/fault-text.js';
import type { FaultReceipt, ScheduledFault } from '../model/fault.js';
import type { RunResult } from '../model/result.js';
import { msToNs } from '../model/time.js';
import { simulateRun } from '../report/simulated-run.fixture.js';
import { PointEvidence } from './tune-evidence.js';

/** Out of reach for a second each: a near master, and the far one. */
const OUTAGES: readonly ScheduledFault[] = [outage(1, 2_000), outage(3, 5_000)];

const DRAWN = simulateRun({
  scenario: { hold: { kind: 'constant', meanMs: 50 }, faults: OUTAGES },
  perInterval: 50,
}).result;

/** A grant takes 30 ms in the seconds from 2 s and 5 s on, and 1 ms in all others. */
function run(status: FaultReceipt['status'], lateMs = 5): RunResult {
  const faults = OUTAGES.map((scheduled): FaultReceipt => {
    const appliedNs = msToNs(scheduled.atMs + lateMs);
    const fault = formatScheduledFault(scheduled);
    return { fault, kind: 'blackhole', target: '', appliedNs, effectNs: appliedNs, healedNs: null, proof: '', status };
  });
  const series = DRAWN.series.map((point) => ({
    ...point,
    responseP50Ns: msToNs(point.atMs === 2_000 ? 30 : point.atMs === 5_000 ? 7 : 1),
  }));
  return { ...DRAWN, faults, series };
}

function outage(master: number, atMs: number): ScheduledFault {
  return { fault: { kind: 'blackhole', master, client: undefined }, atMs, forMs: 1_000 };
}

describe('what a failed master costs', () => {
  it('is the median of the seconds in which a near one was out of reach, minus that of those in which all were in', () => {
    const evidence = new PointEvidence(3, [1, 2]);
    evidence.add(run('effective'));
    expect(evidence.failedMasterCostNs()).toBe(msToNs(29));
  });

  it('is unknown when no whole second lies in an outage, or no outage was injected', () => {
    const late = new PointEvidence(3, [1, 2]);
    late.add(run('effective', 400));
    expect(late.failedMasterCostNs()).toBeNull();
    const none = new PointEvidence(3, [1, 2]);
    none.add(run('not-run'));
    expect(none.failedMasterCostNs()).toBeNull();
    expect(none.unprovenFaults).toBe(2);
  });
});

it('counts holds beyond the validity, or releases that found their key gone, whichever are more', () => {
  const evidence = new PointEvidence(3, [1, 2]);
  expect(evidence.outlived()).toBeNull();
  evidence.validityMs.record(40);
  for (const ms of [10, 20, 30, 50]) evidence.hold.recordNs(msToNs(ms));
  expect(evidence.outlived()).toMatchObject({ share: 0.25, of: 4 });
  evidence.releases = 4;
  evidence.lostReleases = 2;
  expect(evidence.outlived()).toMatchObject({ share: 0.5, of: 4 });
});
