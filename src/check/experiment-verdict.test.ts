import { describe, expect, it } from 'vitest';
import type { ChaosEvidence } from '../model/chaos.js';
import type { FaultReceipt } from '../model/fault.js';
import { findingsOf, judgeExperiment, type Observation } from './experiment-verdict.js';

const QUIET: ChaosEvidence = {
  intervals: { holds: 2, contract: 0, grantedExpired: 0, overruns: 0 },
  witness: { entered: 2, overlaps: 0 },
  ledger: { touches: 4, lostUpdates: 0, fencedLostUpdates: 0, rejected: 0, anomalies: [] },
  margins: [0, 1],
  recoveryMs: null,
};
const RECEIPT: FaultReceipt = {
  fault: 'kill master=1',
  kind: 'kill',
  target: 'master 1',
  appliedNs: 1,
  effectNs: 2,
  healedNs: 3,
  proof: 'it was gone',
  status: 'effective',
};
const seen = (change: Partial<Observation>): Observation => ({
  variant: 'redlock',
  evidence: QUIET,
  receipts: [RECEIPT],
  outages: [],
  stuck: [],
  doubts: [],
  ...change,
});
const intervals = (change: Partial<ChaosEvidence['intervals']>): ChaosEvidence => ({
  ...QUIET,
  intervals: { ...QUIET.intervals, ...change },
});
const CONTRACT = intervals({ contract: 1 });
const HOLDS = { findings: [], allowed: [], reason: 'it holds' };

describe('what was seen', () => {
  it('is named from the gravest on, each by its own detector', () => {
    const evidence = {
      ...intervals({ contract: 1, grantedExpired: 1, overruns: 2 }),
      ledger: { touches: 4, lostUpdates: 1, fencedLostUpdates: null, rejected: null, anomalies: [] },
    };
    expect(findingsOf(seen({ evidence, outages: ['nobody could acquire'] }))).toEqual([
      'contract',
      'granted-expired',
      'corruption',
      'belief',
      'liveness',
    ]);
  });

  it('is, of a fenced lock, what became of the fenced resource', () => {
    const ledger = { touches: 4, lostUpdates: 1, fencedLostUpdates: 0, rejected: 1, anomalies: [] };
    const evidence = { ...QUIET, ledger };
    expect(findingsOf(seen({ evidence, variant: 'fenced' }))).toEqual(['rejected']);
    expect(findingsOf(seen({ evidence, variant: 'redlock' }))).toEqual(['corruption']);
  });
});

describe('the verdict', () => {
  it('is as expected when just that was seen, and what is allowed besides', () => {
    const expectation = { findings: ['contract'], allowed: ['liveness'], reason: 'a key was lost' } as const;
    expect(judgeExperiment(seen({ evidence: CONTRACT }), expectation).verdict).toBe('as-expected');
    expect(judgeExperiment(seen({ evidence: CONTRACT, outages: ['late'] }), expectation).verdict).toBe('as-expected');
    expect(judgeExperiment(seen({}), HOLDS)).toEqual({ observed: [], verdict: 'as-expected', reasons: ['it holds'] });
  });

  it('is a violation for a broken promise that was not expected, whatever else is doubtful', () => {
    expect(judgeExperiment(seen({ evidence: CONTRACT, doubts: ['they disagree'] }), HOLDS).verdict).toBe('violated');
    expect(judgeExperiment(seen({ evidence: intervals({ grantedExpired: 1 }) }), HOLDS).verdict).toBe('violated');
  });

  it('is a violation when a fenced resource was corrupted, and a difference when an unfenced one was', () => {
    const ledger = { touches: 4, lostUpdates: 1, fencedLostUpdates: 1, rejected: 0, anomalies: [] };
    const evidence = { ...QUIET, ledger };
    expect(judgeExperiment(seen({ evidence, variant: 'fenced' }), HOLDS).verdict).toBe('violated');
    expect(judgeExperiment(seen({ evidence }), HOLDS).verdict).toBe('differs');
  });

  it('is unknown without a receipt, with a doubt, or when nothing was held', () => {
    const unproven = { ...RECEIPT, status: 'unproven', proof: 'it went on answering' } as const;
    expect(judgeExperiment(seen({ receipts: [unproven] }), HOLDS)).toMatchObject({
      verdict: 'unknown',
      reasons: ['it holds', 'no receipt for kill master=1 on master 1: it went on answering'],
    });
    expect(judgeExperiment(seen({ doubts: ['they disagree'] }), HOLDS).verdict).toBe('unknown');
    expect(judgeExperiment(seen({ evidence: intervals({ holds: 0 }) }), HOLDS).verdict).toBe('unknown');
  });

  it('is unknown when nothing was held, although being without the lock for a while was allowed', () => {
    const expectation = { findings: [], allowed: ['liveness'], reason: 'it may take a while' } as const;
    const never = seen({ evidence: intervals({ holds: 0 }), outages: ['nobody was granted it'] });
    expect(judgeExperiment(never, expectation).verdict).toBe('unknown');
    expect(judgeExperiment(never, { ...expectation, findings: ['liveness'] }).verdict).toBe('as-expected');
  });

  it('differs when the lock was not to be had any more', () => {
    const stuck = seen({ stuck: ['it was not to be had after the fault'] });
    expect(judgeExperiment(stuck, { findings: [], allowed: ['liveness'], reason: 'r' })).toEqual({
      observed: ['stuck'],
      verdict: 'differs',
      reasons: ['r', 'not expected: stuck', 'it was not to be had after the fault'],
    });
  });

  it('is a violation when fences are not in their order, unless they were expected to go back', () => {
    const ledger = { ...QUIET.ledger, anomalies: ['two holders had one fence'] };
    const disordered = seen({ variant: 'fenced', evidence: { ...QUIET, ledger } });
    expect(judgeExperiment(disordered, HOLDS)).toMatchObject({
      verdict: 'violated',
      reasons: ['it holds', 'the fences: two holders had one fence'],
    });
    expect(judgeExperiment(disordered, { ...HOLDS, fencesMayGoBack: true }).verdict).toBe('as-expected');
  });

  it('differs when what was expected was not seen, or something harmless was', () => {
    const expectation = { findings: ['contract'], allowed: [], reason: 'a key was lost' } as const;
    expect(judgeExperiment(seen({}), expectation)).toMatchObject({
      verdict: 'differs',
      reasons: ['a key was lost', 'expected, but not seen: contract'],
    });
    expect(judgeExperiment(seen({ evidence: intervals({ overruns: 1 }) }), HOLDS).verdict).toBe('differs');
  });
});
