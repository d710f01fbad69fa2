/**
 * What an experiment says about a lock: what was seen, against what was expected.
 *
 * @module
 */
import { FINDINGS, type ChaosEvidence, type ExperimentVerdict, type Finding, type Variant } from '../model/chaos.js';
import type { FaultReceipt } from '../model/fault.js';

/** What should be seen of a lock in an experiment. */
export interface Expectation {
  /** What must be seen. */
  readonly findings: readonly Finding[];
  /** What may be seen, too. */
  readonly allowed: readonly Finding[];
  readonly reason: string;
  /** Masters forget fences, so a later one may be lower. */
  readonly fencesMayGoBack?: boolean;
}

export interface Observation {
  readonly variant: Variant;
  readonly evidence: ChaosEvidence;
  readonly receipts: readonly FaultReceipt[];
  /** Why the lock was not to be had for a while when it should have been, one sentence each. */
  readonly outages: readonly string[];
  /** The same, where it was not to be had any more. */
  readonly stuck: readonly string[];
  /** What keeps the evidence from being believed: a detector that disagrees, a record that is missing. */
  readonly doubts: readonly string[];
}

/** The findings of an experiment, the gravest first. Of a fenced lock the resource that counts is the fenced one. */
export function findingsOf({ variant, evidence, outages, stuck }: Observation): Finding[] {
  const { intervals, ledger } = evidence;
  const lostUpdates = variant === 'fenced' ? (ledger.fencedLostUpdates ?? 0) : ledger.lostUpdates;
  const seen: Readonly<Record<Finding, boolean>> = {
    contract: intervals.contract > 0,
    'granted-expired': intervals.grantedExpired > 0,
    corruption: lostUpdates > 0,
    belief: intervals.overruns > 0,
    rejected: variant === 'fenced' && (ledger.rejected ?? 0) > 0,
    stuck: stuck.length > 0,
    liveness: outages.length > 0,
  };
  return FINDINGS.filter((finding) => seen[finding]);
}

/** What a lock must never do unless it is known to: its own promise, and a resource that it fences. */
function breaksPromise(finding: Finding, variant: Variant): boolean {
  return finding === 'contract' || finding === 'granted-expired' || (finding === 'corruption' && variant === 'fenced');
}

/**
 * Holds what was seen against what was expected.
 *
 * A broken promise that was not expected is a violation whatever else is doubtful: each detector proves what it sees. What
 * was not seen proves nothing without receipts and detectors that agree: then it is unknown.
 */
export function judgeExperiment(
  observation: Observation,
  expectation: Expectation,
): { readonly observed: readonly Finding[]; readonly verdict: ExperimentVerdict; readonly reasons: readonly string[] } {
  const { variant, receipts, outages, stuck, evidence } = observation;
  const observed = findingsOf(observation);
  const known: readonly Finding[] = [...expectation.findings, ...expectation.allowed];
  const unexpected = observed.filter((finding) => !known.includes(finding));
  const missing = expectation.findings.filter((finding) => !observed.includes(finding));
  // That the lock is not to be had is what the experiment is about, or is known of this lock.
  const isOut = expectation.findings.includes('liveness') || (stuck.length > 0 && known.includes('stuck'));
  const doubts = [
    ...observation.doubts,
    ...receipts
      .filter(({ status }) => status !== 'effective')
      .map(({ fault, target, proof }) => `no receipt for ${fault} on ${target}: ${proof}`),
    ...(evidence.intervals.holds === 0 && !isOut ? ['no lock was held, so nothing was tested'] : []),
  ];
  const isOrdered = variant === 'fenced' && expectation.fencesMayGoBack !== true;
  const anomalies = isOrdered ? evidence.ledger.anomalies : [];
  const judge = (): ExperimentVerdict => {
    if (unexpected.some((finding) => breaksPromise(finding, variant)) || anomalies.length > 0) return 'violated';
    if (doubts.length > 0) return 'unknown';
    return unexpected.length > 0 || missing.length > 0 ? 'differs' : 'as-expected';
  };
  return {
    observed,
    verdict: judge(),
    reasons: [
      expectation.reason,
      ...doubts,
      ...(unexpected.length > 0 ? [`not expected: ${unexpected.join(', ')}`] : []),
      ...(missing.length > 0 ? [`expected, but not seen: ${missing.join(', ')}`] : []),
      ...anomalies.map((anomaly) => `the fences: ${anomaly}`),
      ...stuck,
      ...outages,
    ],
  };
}
