/**
 * Where the holds of all driver processes of a run are compared, since an overlap may be between two of them. The
 * witness cell is memory that only threads share.
 *
 * @module
 */
import type { Overlap } from '../model/result.js';
import type { Ns } from '../model/time.js';

/** A hold as its driver reported it. */
interface ReportedHold {
  readonly keyIndex: number;
  readonly holder: number;
  readonly grantedNs: Ns;
  readonly releaseInvokedNs: Ns;
  readonly validUntilNs: Ns;
}

/** The part of `check/intervals.ts` that a driver's runner needs. A source is a worker. */
export interface HoldChecker {
  /** Overlaps are dated from the barrier. */
  startAt(barrierNs: Ns): void;
  /** The hold is copied. */
  add(source: number, hold: ReportedHold): unknown;
  /** Every hold of the source whose release was invoked before this instant has been added. */
  advance(source: number, watermarkNs: Ns): void;
  end(source: number): void;
  /** What was found since the last call, of all sources. */
  drain(): {
    readonly held: number;
    /** Of these, the ones whose promise had ended before they were granted: they can break none. */
    readonly grantedExpired: number;
    readonly contractCount: number;
    readonly overruns: number;
    /** Holds that could not be compared. */
    readonly unchecked: number;
    readonly contract: readonly Overlap[];
  };
}
