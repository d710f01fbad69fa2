/**
 * What `chaos` leaves: fault experiments, what was expected of a lock in each, and what was seen.
 *
 * @module
 */
import type { FaultReceipt } from './fault.js';
import type { MeasuredLock } from './measured-lock.js';
import type { OperationStatus } from './operation.js';
import type { Environment } from './result.js';
import type { Ns } from './time.js';

export const CHAOS_SCHEMA_VERSION = 1;

/**
 * What can be seen of a lock in an experiment, from the gravest on.
 *
 * `contract` (P2): two promises of one key overlap. `granted-expired`: a lock was handed out whose promise had ended.
 * `corruption` (P3): the guarded resource lost an acknowledged update. `belief` (P1): two clients believed that they
 * held one key, the promise of one having ended. `stuck`: nobody could acquire any more, although the fault and a ttl were
 * over. `rejected`: the resource refused an operation for its old fence.
 * `liveness`: nobody could acquire for a while, such as for the ttl of a key that nobody held any more.
 */
export const FINDINGS = [
  'contract',
  'granted-expired',
  'corruption',
  'stuck',
  'belief',
  'rejected',
  'liveness',
] as const;

export type Finding = (typeof FINDINGS)[number];

/** Which kind of lock an experiment was made with, and with which remedy. */
export type Variant = 'plain' | 'redlock' | 'fenced' | 'delayed-restart';

/**
 * `as-expected`: what was expected was seen, and nothing that is not allowed. `violated`: a lock that should have held did not. `differs`: what was
 * expected was not seen, or something harmless more. `unknown`: a receipt is missing, or the detectors disagree.
 * `not-run`: this machine or this lock cannot do it.
 */
export type ExperimentVerdict = 'as-expected' | 'violated' | 'differs' | 'unknown' | 'not-run';

/** One acquisition in the timeline of an experiment; instants since its beginning. */
export interface TimelineSpan {
  readonly holder: string;
  readonly keyIndex: number;
  readonly status: OperationStatus;
  readonly invokedNs: Ns;
  /** When the acquisition was settled; for one that was acquired, the hold begins here. */
  readonly returnedNs: Ns;
  /** Until when it surely held, where it was acquired. */
  readonly heldUntilNs: Ns | null;
  /** The end of its promise; null where it has none, or where it was not acquired. */
  readonly validUntilNs: Ns | null;
  /** The worst overlap with another hold of its key. */
  readonly overlap: 'none' | 'overrun' | 'contract';
  /** A few words: `released`, `lost`, `killed`, `still held`. */
  readonly end: string;
}

/** What the three detectors saw. */
export interface ChaosEvidence {
  readonly intervals: {
    readonly holds: number;
    readonly contract: number;
    readonly grantedExpired: number;
    readonly overruns: number;
  };
  readonly witness: { readonly entered: number; readonly overlaps: number };
  readonly ledger: {
    readonly touches: number;
    /** Acknowledged updates of the unguarded resource that a later write destroyed. */
    readonly lostUpdates: number;
    /** The same of the resource that is guarded by fences; null without fences. */
    readonly fencedLostUpdates: number | null;
    /** Operations that the guarded resource refused; null without fences. */
    readonly rejected: number | null;
    /** What is wrong with the fences themselves, one sentence each: two of one, or a later one that is lower. */
    readonly anomalies: readonly string[];
  };
  /** Grants by their fault margin k − (N − Q), k being the masters that had the key; from 0. */
  readonly margins: readonly number[];
  /** To the next grant, from the heal of the faults or the death of a holder, where the experiment asks for it. */
  readonly recoveryMs: number | null;
}

export interface ExperimentResult {
  /** Such as `F5`. */
  readonly id: string;
  /** Such as `clock-jump`. */
  readonly name: string;
  /** What it asks, one sentence. */
  readonly question: string;
  /** The lock of the report, or a mutant. */
  readonly lock: string;
  /** Whether a mistake was made on purpose, which a detector must catch. */
  readonly isMutant: boolean;
  readonly variant: Variant;
  readonly masters: number;
  /** What must be seen. */
  readonly expected: readonly Finding[];
  /** What may be seen, too. */
  readonly allowed: readonly Finding[];
  readonly observed: readonly Finding[];
  readonly verdict: ExperimentVerdict;
  /** Why that is expected; what is known of this lock, where it is expected to break; what disagrees, where unknown. */
  readonly reasons: readonly string[];
  readonly receipts: readonly FaultReceipt[];
  readonly evidence: ChaosEvidence;
  readonly timeline: readonly TimelineSpan[];
  /** Acquisitions that are not in the timeline, none of which overlaps another. */
  readonly omittedSpans: number;
  /** The folder of its recorded history below `history/`; null when none was recorded. */
  readonly history: string | null;
  readonly tookMs: number;
  /** The command that repeats it. */
  readonly repeat: string;
}

/** The shape of `chaos.json`. */
export interface ChaosReport {
  readonly schemaVersion: typeof CHAOS_SCHEMA_VERSION;
  readonly runId: string;
  /** ISO 8601, wall clock. */
  readonly startedAt: string;
  readonly status: 'complete' | 'interrupted';
  readonly lock: MeasuredLock;
  readonly seed: number;
  readonly environment: Environment;
  /** `redis 7.0.15`. */
  readonly server: string;
  readonly experiments: readonly ExperimentResult[];
  readonly exitCode: number;
}
