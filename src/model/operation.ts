/**
 * What one acquisition, its hold and its release were.
 *
 * @module
 */
import type { Ns } from './time.js';

/** How an acquisition ended. DESIGN: acquired, or one of six ways not to. */
export const OPERATION_STATUSES = [
  'acquired',
  'held',
  'expired',
  'indeterminate',
  'aborted',
  'dropped',
  'unfinished',
] as const;

export type OperationStatus = (typeof OPERATION_STATUSES)[number];

/** How a release ended: deleted on a quorum; a quorum said it was no longer ours; or too few answered. */
export const RELEASE_STATUSES = ['released', 'lost', 'indeterminate'] as const;

export type ReleaseStatus = (typeof RELEASE_STATUSES)[number];

/** One acquisition with its hold and its release; every instant on the host's monotonic clock. */
export interface Operation {
  /** The worker, a thread or a driver process, from 0. */
  readonly worker: number;
  /** The client slot of the shard that ran it, from 0. */
  readonly slot: number;
  readonly keyIndex: number;
  readonly status: OperationStatus;
  /** When the schedule wanted it to begin; in a closed loop the same as `invokedNs`. */
  readonly intendedNs: Ns;
  readonly invokedNs: Ns;
  /** When the acquisition was settled. */
  readonly returnedNs: Ns;
  /** Attempts (fan-outs) that the acquisition took; 0 for a dropped one. */
  readonly attempts: number;
  /** Acquired only, in a history: read after the holder had entered the witness. Without it nobody witnessed the hold. */
  readonly enteredNs?: Ns | undefined;
  /** Acquired only: until when the lock promised to exclude others. */
  readonly validUntilNs?: Ns | undefined;
  /** Acquired only: when the holder began to release. */
  readonly releaseInvokedNs?: Ns | undefined;
  /** Acquired only, in a history: read after the holder had left the witness, and before the release was sent. */
  readonly leftNs?: Ns | undefined;
  /** Acquired only: when the release was settled. */
  readonly releasedNs?: Ns | undefined;
  readonly releaseStatus?: ReleaseStatus | undefined;
  /** The end of the run cut the hold short: its length says nothing. */
  readonly isHoldCut?: boolean;
}

/** An operation whose object is used again for the next, so that a hot path makes no garbage of it. */
export type ReusedOperation = { -readonly [Key in keyof Operation]: Operation[Key] };

/** What stands for client and key in an operation that never began. */
export const NOBODY = -1;

/** An operation that never began, to be filled in. */
export function blankOperation(worker: number, slot = NOBODY): ReusedOperation {
  return {
    worker,
    slot,
    keyIndex: NOBODY,
    status: 'dropped',
    intendedNs: 0,
    invokedNs: 0,
    returnedNs: 0,
    attempts: 0,
    enteredNs: undefined,
    validUntilNs: undefined,
    releaseInvokedNs: undefined,
    leftNs: undefined,
    releasedNs: undefined,
    releaseStatus: undefined,
    isHoldCut: false,
  };
}
