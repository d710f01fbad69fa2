/**
 * What an experiment orders a contender to do, and what it hears of it.
 *
 * @module
 */
import type { Endpoint } from '../model/endpoint.js';
import type { Operation, ReleaseStatus } from '../model/operation.js';
import type { Scenario } from '../model/scenario.js';
import type { Ns } from '../model/time.js';
import type { ResourceAddress } from './resource-protocol.js';

export interface ContenderOptions {
  /** Such as `c1`; unique in the experiment. */
  readonly name: string;
  /** From 0: the `worker` of its operations. */
  readonly index: number;
  /** By its name in the registry. */
  readonly lock: string;
  readonly masters: readonly Endpoint[];
  /** A completed one. */
  readonly scenario: Scenario;
  readonly resource: ResourceAddress;
  readonly seed: number;
  /** Where its operations are recorded, if anywhere; the file must not be there yet. */
  readonly historyFile?: string;
}

export interface AcquireOrder {
  readonly keyIndex: number;
  readonly resource: string;
  readonly ttlMs: number;
  readonly fenced?: boolean;
  /** Give up after so long; what is granted later its adapter gives back. */
  readonly abortAfterMs?: number;
}

export interface Acquired {
  readonly status: 'acquired';
  /** The number of this hold within the contender, from 1. */
  readonly hold: number;
  readonly attempts: number;
  readonly invokedNs: Ns;
  /** Right after the client's promise had resolved. */
  readonly returnedNs: Ns;
  /** After the witness had acknowledged that the contender is in. */
  readonly enteredNs: Ns;
  readonly validUntilNs: Ns | undefined;
  readonly token: string;
  readonly fenceText: string | undefined;
}

export type AcquireReport =
  | Acquired
  | {
      readonly status: 'held' | 'expired' | 'aborted' | 'indeterminate';
      readonly attempts: number;
      readonly invokedNs: Ns;
      readonly returnedNs: Ns;
      /** Indeterminate only: why. */
      readonly cause?: string;
    };

/** Whether the guarded object accepted it; without a fence there is none, and nothing refuses. */
export type TouchStatus = 'ok' | 'refused';

export interface ExtendReport {
  readonly status: 'extended' | 'lost' | 'indeterminate' | 'unsupported';
  /** The end of the promise now. */
  readonly validUntilNs: Ns | undefined;
}

export interface ReleaseReport {
  readonly status: ReleaseStatus;
}

export interface LoopPlan {
  readonly keys: readonly { readonly keyIndex: number; readonly resource: string }[];
  readonly ttlMs: number;
  readonly holdMs: number;
  readonly forMs: number;
  /** Client slots, each of which acquires, reads, holds, writes, releases and begins again. */
  readonly clients: number;
  readonly fenced?: boolean;
}

export interface LoopReport {
  readonly granted: number;
  /** By status; what the end of the loop cut off is not among them. */
  readonly failed: Readonly<Record<string, number>>;
  readonly firstGrantNs: Ns | undefined;
  readonly lastGrantNs: Ns | undefined;
  /** At most 100,000. */
  readonly grantsAtNs: readonly Ns[];
}

export type ContenderOrder =
  | { readonly kind: 'open'; readonly options: ContenderOptions }
  | ({ readonly kind: 'acquire' } & AcquireOrder)
  | { readonly kind: 'read' | 'write' | 'release' | 'abandon'; readonly hold: number }
  | { readonly kind: 'extend'; readonly hold: number; readonly ttlMs: number }
  | { readonly kind: 'block'; readonly forMs: number }
  | { readonly kind: 'set-wall-clock'; readonly byMs: number }
  | ({ readonly kind: 'loop' } & LoopPlan)
  | { readonly kind: 'operations' | 'close' };

/** Told without being asked, so that a contender's death takes nothing along: an operation whenever it gets further. */
export interface OperationNote {
  readonly kind: 'operation';
  /** Its number within the contender; a later note of it replaces the former. */
  readonly number: number;
  readonly operation: Operation;
}
