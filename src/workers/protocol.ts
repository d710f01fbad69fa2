/**
 * What the runner and a worker say to each other.
 *
 * @module
 */
import type { MessagePort } from 'node:worker_threads';
import type { RecorderSnapshot } from '../load/recorder.js';
import type { SelfReport } from '../load/self-watch.js';
import type { Shard } from '../load/shard.js';
import type { WitnessReport } from '../load/witness.js';
import type { Ns } from '../model/time.js';
import type { DriverHello } from './driver-messages.js';
import type { FaultOrder, WorkerFaults } from './worker-faults.js';

/** The task of one worker thread. */
export interface ShardTask {
  readonly shard: Shard;
  readonly port: MessagePort;
}

/** Runner to worker. */
export type Order =
  /** All workers are ready: the load begins at this instant. */
  | { readonly kind: 'start'; readonly barrierNs: Ns }
  /** End now: drain, release, report. */
  | { readonly kind: 'stop' }
  | FaultOrder;

/** What was recorded in one second of the measured window, counted from 0. */
export interface IntervalRecord {
  readonly index: number;
  /** A second, except for the last interval. */
  readonly lengthMs: number;
  readonly recorded: RecorderSnapshot;
  readonly witnessed: WitnessReport;
  /** Holds whose promise had ended before their grant; the count of `witnessed` has none of them. */
  readonly grantedExpired?: number;
  /** Share of the second that the worker's event loop was busy, spinning excluded. A driver process has none that we know. */
  readonly loopShare?: number;
  /** Holds that a driver process reported and that could not be compared with the others. */
  readonly unchecked?: number;
}

/** Worker to runner. */
export type Progress =
  /** Connections are up and scripts are warm. */
  { readonly kind: 'ready' } | ({ readonly kind: 'interval' } & IntervalRecord) | ShardResult;

/** The last word of a worker: its last interval, and what can only be known at the end. */
export interface ShardResult extends IntervalRecord {
  readonly kind: 'finished';
  readonly worker: number;
  readonly self: SelfReport;
  /** CPU of a worker that is a process of its own; a thread's counts with that of the runner. */
  readonly processCpuSeconds?: number;
  /** Acquisitions of each of its client slots in the measured window. */
  readonly acquiredPerSlot: readonly number[];
  /** The message of the first exception that the adapter threw, which it must not do. */
  readonly adapterError: string | undefined;
  /** What could not be written of the history, one sentence each. */
  readonly historyProblems?: readonly string[];
}

/** Runs a shard somewhere: in a thread, or in a driver process. */
export interface ShardRunner extends AsyncDisposable {
  /** What the first driver process said of itself and of the lock that it measures. */
  readonly hello?: DriverHello | undefined;
  /** Lets its workers suffer. Driver processes have none of it. */
  readonly faults?: WorkerFaults;
  /**
   * Yields `ready`, then waits for the barrier, then one `interval` a second and `finished`. Aborting `stop` ends
   * the load early, with what was measured so far. Aborting `kill` ends the worker as a crash would, with nothing said
   * or released. Throws when the worker dies or does not end in time.
   */
  run(shard: Shard, barrier: Promise<Ns>, stop: AbortSignal, kill: AbortSignal): AsyncIterable<Progress>;
}
