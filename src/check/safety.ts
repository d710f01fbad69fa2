/**
 * What a run may say about mutual exclusion. Never that it holds: only what was observed.
 *
 * @module
 */
import { MOST_LISTED_OVERLAPS, type HistoryFindings, type Overlap, type Safety } from '../model/result.js';

/** What the witness and the audit found. */
export interface SafetyEvidence {
  /** Locks that were held within their promise. */
  readonly witnessed: number;
  readonly contract: readonly Overlap[];
  readonly contractCount: number;
  readonly overruns: number;
  readonly leakedKeys: number | undefined;
  readonly keysWithoutTtl: number | undefined;
  /** Workers that died: what they held at the end is not known. */
  readonly deadWorkers: number;
  /** Locks whose promise had ended before they were granted. */
  readonly grantedExpired: number;
  /** Holds that could not be compared with the others. */
  readonly unchecked: number;
  /** Undefined for a run that recorded none. */
  readonly history: HistoryFindings | undefined;
}

/** A violation needs one overlap within a promise; without one, missing evidence makes the verdict unknown. */
export function judgeSafety(evidence: SafetyEvidence): Safety {
  const reasons: string[] = [];
  if (evidence.witnessed === 0) reasons.push('no lock was held, so nothing was tested');
  if (evidence.deadWorkers > 0) {
    reasons.push(`${String(evidence.deadWorkers)} workers died; what they held in their last second is not known`);
  }
  if (evidence.grantedExpired > 0) {
    reasons.push(
      `${String(evidence.grantedExpired)} locks were granted after their promise had ended, so they could not be compared`,
    );
  }
  if (evidence.unchecked > 0) {
    reasons.push(
      `${String(evidence.unchecked)} holds could not be compared with the others, so an overlap may be missing`,
    );
  }
  const isViolated = evidence.contractCount > 0;
  return {
    verdict: isViolated ? 'violation' : reasons.length > 0 ? 'unknown' : 'none-observed',
    contract: evidence.contract.slice(0, MOST_LISTED_OVERLAPS),
    contractCount: evidence.contractCount,
    overruns: evidence.overruns,
    grantedExpired: evidence.grantedExpired,
    witnessed: evidence.witnessed,
    leakedKeys: evidence.leakedKeys ?? null,
    keysWithoutTtl: evidence.keysWithoutTtl ?? null,
    history: evidence.history ?? null,
    reasons,
  };
}
