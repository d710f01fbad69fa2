/**
 * What a run may say about mutual exclusion. Never that it holds: only what was observed.
 *
 * @module
 */
import {
  MOST_LISTED_OVERLAPS,
  type HistoryFindings,
  type Overlap,
  type Safety,
  type SafetyVerdict,
} from '../model/result.js';

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
  /** What its history lists. Without it `contract` is listed, whoever found it. */
  readonly historyOverlaps?: readonly Overlap[];
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
  const safety: Safety = {
    verdict: conclude(evidence.contractCount, reasons),
    contract: evidence.contract.slice(0, MOST_LISTED_OVERLAPS),
    contractCount: evidence.contractCount,
    overruns: evidence.overruns,
    grantedExpired: evidence.grantedExpired,
    witnessed: evidence.witnessed,
    leakedKeys: evidence.leakedKeys ?? null,
    keysWithoutTtl: evidence.keysWithoutTtl ?? null,
    history: null,
    reasons,
  };
  return evidence.history === undefined
    ? safety
    : addHistory(safety, evidence.history, evidence.historyOverlaps ?? evidence.contract);
}

/**
 * What may be said once the history has been checked, perhaps again: the findings take the place of earlier ones.
 *
 * @param overlaps those of the history, listed where the witness has none to show: they would be the same ones
 */
export function addHistory(safety: Safety, history: HistoryFindings, overlaps: readonly Overlap[]): Safety {
  const earlier = safety.history === null ? [] : doubtsAbout(safety.history);
  const reasons = [...safety.reasons.filter((reason) => !earlier.includes(reason)), ...doubtsAbout(history)];
  const verdict = conclude(overlapsOf({ ...safety, history }), reasons);
  const contract = safety.contractCount > 0 ? safety.contract : overlaps.slice(0, MOST_LISTED_OVERLAPS);
  return { ...safety, verdict, contract, history, reasons };
}

/**
 * Overlaps within a promise: as many as the witness or the history found, whichever found more. Both see the same ones, but
 * either may miss some.
 */
export function overlapsOf({ contractCount, history }: Pick<Safety, 'contractCount' | 'history'>): number {
  return Math.max(contractCount, history?.contractCount ?? 0);
}

/** The same with one more reason to doubt it, which no violation is. */
export function addDoubt(safety: Safety, doubt: string): Safety {
  const verdict = safety.verdict === 'violation' ? 'violation' : 'unknown';
  return { ...safety, verdict, reasons: [doubt, ...safety.reasons] };
}

function conclude(contractCount: number, reasons: readonly string[]): SafetyVerdict {
  if (contractCount > 0) return 'violation';
  return reasons.length > 0 ? 'unknown' : 'none-observed';
}

function doubtsAbout({ agreesWithWitness, unchecked }: HistoryFindings): string[] {
  const doubts: string[] = [];
  if (agreesWithWitness === false) {
    doubts.push('the recorded history and the witness disagree about overlaps, so one of the two is wrong');
  }
  if (unchecked > 0) {
    doubts.push(
      `${String(unchecked)} holds or segments of the recorded history could not be checked, so an overlap may be missing`,
    );
  }
  return doubts;
}
