/**
 * What a recorded history means: the counts of its two interval checkers, and whether the witness bears them out.
 *
 * @module
 */
import { nameHolder } from '../model/holder.js';
import type { Operation } from '../model/operation.js';
import type { HistoryFindings, Overlap } from '../model/result.js';
import type { Ns } from '../model/time.js';
import { blankHold, readInnerCore, readOuterCore } from './history-cores.js';
import { IntervalChecker } from './intervals.js';

/** What the operations of a history add up to. */
export interface HistoryReport {
  readonly operations: number;
  readonly holds: number;
  readonly contractCount: number;
  readonly overruns: number;
  /** Only of locks that stated their validity. */
  readonly grantedExpired: number;
  /** Holds that could not be compared. */
  readonly unchecked: number;
  /** At most 100. */
  readonly contract: readonly Overlap[];
  /** Holds that stood in the witness while another did, as their inner cores prove; undefined when no hold was witnessed. */
  readonly innerOverlaps: number | undefined;
}

/** What is known of the run besides its history. */
export interface HistoryContext {
  /** Overlaps that the witness saw; undefined where there was none, or where it can no longer be asked. */
  readonly witnessOverlaps: number | undefined;
  /** Workers died or were killed, so a segment may end before its worker's last second. */
  readonly isCutShort: boolean;
}

/** How well the history could be read. */
export interface HistoryLosses {
  /** Segments whose end is missing although nothing of them is damaged. */
  readonly unclosed: number;
  /** Segments that are missing, or damaged from some record on. */
  readonly unreadable: number;
}

export interface JudgeOptions {
  readonly sources: number;
  readonly keys: number;
  readonly epochNs: Ns;
  /** There are no more than so many. */
  readonly mostHolds: number;
}

/**
 * The most promises kept for a holder that overran; the checker's own default would take half of the memory that checking
 * a history may take.
 */
const MOST_KEPT = 500_000;
const MOST_WAITING = 1_000_000;

/** Compares the operations of all sources as they come. A source's operations come in the order in which they were recorded. */
export class HistoryJudge {
  readonly #outer: IntervalChecker;
  readonly #inner: IntervalChecker;
  readonly #hold = blankHold();
  #operations = 0;
  #isWitnessed = false;
  /** Locks that state no validity, and were granted later than the ttl after their invocation: they promised nothing. */
  #unstated = 0;

  constructor({ sources, keys, epochNs, mostHolds }: JudgeOptions) {
    const mostWaiting = Math.min(mostHolds, MOST_WAITING);
    const mostKept = Math.max(1, Math.min(mostHolds, MOST_KEPT));
    const options = { sources, keys, describeHolder: nameHolder, mostWaiting, mostKept };
    this.#outer = new IntervalChecker(options);
    this.#inner = new IntervalChecker(options);
    this.#outer.startAt(epochNs);
  }

  /** @param ttlMs what a lock promised that states no validity */
  add(source: number, operation: Operation, ttlMs: number | undefined): void {
    this.#operations++;
    if (operation.status !== 'acquired') return;
    const outer = readOuterCore(operation, ttlMs, this.#hold);
    const isUnstated = operation.validUntilNs === undefined && outer.validUntilNs <= outer.grantedNs;
    if (this.#outer.add(source, outer) !== 'refused' && isUnstated) this.#unstated++;
    const inner = readInnerCore(operation, this.#hold);
    if (inner === undefined) return;
    this.#isWitnessed = true;
    this.#inner.add(source, inner);
  }

  /** Every hold of the source whose release was invoked before this instant has been added. */
  advance(source: number, watermarkNs: Ns): void {
    this.#outer.advance(source, watermarkNs);
    this.#inner.advance(source, watermarkNs);
  }

  /** Call it once every source has advanced to Infinity. */
  report(): HistoryReport {
    const outer = this.#outer.drain();
    const inner = this.#inner.drain();
    return {
      operations: this.#operations,
      holds: outer.held,
      contractCount: outer.contractCount,
      overruns: outer.overruns,
      grantedExpired: outer.grantedExpired - this.#unstated,
      // What the inner checker alone could not compare may be what the witness saw.
      unchecked: Math.max(outer.unchecked, inner.unchecked),
      contract: outer.contract,
      innerOverlaps: this.#isWitnessed ? inner.contractCount : undefined,
    };
  }
}

/** The findings of a history, and whether it and the witness bear each other out. */
export function concludeHistory(
  report: HistoryReport,
  { unclosed, unreadable }: HistoryLosses,
  { witnessOverlaps, isCutShort }: HistoryContext,
): HistoryFindings {
  const { operations, holds, contractCount, overruns, grantedExpired } = report;
  const unchecked = report.unchecked + unreadable + (isCutShort ? 0 : unclosed);
  // What a worker did last before it died may be missing on either side; so may what could not be read.
  const isWhole = report.unchecked === 0 && unreadable === 0 && unclosed === 0;
  const agreesWithWitness = isWhole ? isBorneOut(report, witnessOverlaps) : null;
  return { operations, holds, contractCount, overruns, grantedExpired, unchecked, agreesWithWitness };
}

/** The cross rule; null where there was no witness to hold the history against. */
function isBorneOut(
  { contractCount, overruns, innerOverlaps }: HistoryReport,
  witnessed: number | undefined,
): boolean | null {
  if (witnessed === undefined || innerOverlaps === undefined) return null;
  // Each stay in the witness lies within an outer core, so two at once make two outer cores overlap.
  if (witnessed > 0) return contractCount + overruns > 0;
  // The first whose inner core overlaps another came in while one other stood there, and found its mark.
  return innerOverlaps === 0;
}
