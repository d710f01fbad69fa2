/**
 * Judges the operations of an experiment, which are few enough to be compared in pairs.
 *
 * @module
 */
import type { Operation } from '../model/operation.js';
import type { Ns } from '../model/time.js';
import { blankHold, readOuterCore } from './history-cores.js';
import { HistoryJudge, type HistoryReport } from './history-judgement.js';
import type { Hold } from './hold.js';

/** Of two holds of one key: both within their promises, or one after its own. */
export type WorstOverlap = 'none' | 'overrun' | 'contract';

export interface JudgedOperations {
  readonly findings: HistoryReport;
  /** Of each operation, in their order. */
  readonly overlapOf: readonly WorstOverlap[];
}

/**
 * Compares a few hundred operations, each with every other one of its key.
 *
 * @param ttlMs what a lock promised that states no validity; without it such a lock promised nothing
 * @param epochNs from when overlaps are dated
 */
export function judgeOperations(operations: readonly Operation[], ttlMs?: number, epochNs: Ns = 0): JudgedOperations {
  const keys = operations.reduce((most, { keyIndex }) => Math.max(most, keyIndex + 1), 0);
  const judge = new HistoryJudge({ sources: 1, keys, epochNs, mostHolds: operations.length });
  for (const operation of operations) judge.add(0, operation, ttlMs);
  judge.advance(0, Infinity);
  const cores = operations.map((operation): Hold | undefined =>
    operation.status === 'acquired' ? readOuterCore(operation, ttlMs, blankHold()) : undefined,
  );
  const overlapOf = cores.map((core): WorstOverlap => {
    if (core === undefined) return 'none';
    const overlaps = cores.flatMap((other) => (other === undefined || other === core ? [] : [compare(core, other)]));
    return overlaps.includes('contract') ? 'contract' : overlaps.includes('overrun') ? 'overrun' : 'none';
  });
  return { findings: judge.report(), overlapOf };
}

function compare(one: Hold, other: Hold): WorstOverlap {
  if (one.keyIndex !== other.keyIndex || !overlap(one, other)) return 'none';
  const isPromised = one.grantedNs < one.validUntilNs && other.grantedNs < other.validUntilNs;
  return isPromised && overlap(promised(one), promised(other)) ? 'contract' : 'overrun';
}

type Core = Pick<Hold, 'grantedNs' | 'releaseInvokedNs'>;

function promised({ grantedNs, releaseInvokedNs, validUntilNs }: Hold): Core {
  return { grantedNs, releaseInvokedNs: Math.min(releaseInvokedNs, validUntilNs) };
}

function overlap(one: Core, other: Core): boolean {
  return one.grantedNs < other.releaseInvokedNs && other.grantedNs < one.releaseInvokedNs;
}
