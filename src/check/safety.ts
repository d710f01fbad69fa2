/**
 * What a run may say about mutual exclusion. Never that it holds: only what was observed.
 *
 * @module
 */
import type { Overlap, Safety } from '../model/result.js';

/** What the witness and the audit found. */
export interface SafetyEvidence {
  readonly witnessed: number;
  readonly contract: readonly Overlap[];
  readonly contractCount: number;
  readonly overruns: number;
  readonly leakedKeys: number | undefined;
  /** Workers that died: what they held at the end is not known. */
  readonly deadWorkers: number;
}

/** Overlaps that a result lists one by one; all of them are counted. */
const MAX_LISTED = 100;

/** A violation needs one overlap within a promise; without one, missing evidence makes the verdict unknown. */
export function judgeSafety(evidence: SafetyEvidence): Safety {
  const reasons: string[] = [];
  if (evidence.witnessed === 0) reasons.push('no lock was held, so nothing was tested');
  if (evidence.deadWorkers > 0) {
    reasons.push(`${String(evidence.deadWorkers)} workers died; what they held in their last second is not known`);
  }
  const isViolated = evidence.contractCount > 0;
  return {
    verdict: isViolated ? 'violation' : reasons.length > 0 ? 'unknown' : 'none-observed',
    contract: evidence.contract.slice(0, MAX_LISTED),
    contractCount: evidence.contractCount,
    overruns: evidence.overruns,
    witnessed: evidence.witnessed,
    leakedKeys: evidence.leakedKeys ?? null,
    reasons,
  };
}
