/**
 * What a client process is asked to measure and what it answers; plain data, because it travels between processes.
 *
 * @module
 */
import type { Ns } from '../../src/model/time.js';

/** Acquire and release, over and over, each time another key. */
export interface PairsTask {
  readonly kind: 'pairs';
  readonly contender: string;
  readonly urls: readonly string[];
  readonly inFlight: number;
  readonly ttlMs: number;
  readonly warmupMs: number;
  readonly measureMs: number;
  /** The mean pause of a slot between two pairs; 0 = none, a saturating loop. */
  readonly pauseMs: number;
}

export interface PairsReport {
  readonly pairs: number;
  /** Acquisitions that were given up, and releases that rejected. */
  readonly failures: number;
  /** Granted since the process started, the warm-up included: what the masters must have seen. */
  readonly granted: number;
  readonly wallNs: Ns;
  /** User and system time of the whole process while it measured. */
  readonly cpuNs: Ns;
  readonly acquireP50Ns: Ns;
  readonly acquireP99Ns: Ns;
}

/** Contenders with a client each, over worker threads, that want one key and come back at once. */
export interface ContendedTask {
  readonly kind: 'contended';
  readonly contender: string;
  readonly urls: readonly string[];
  readonly threads: number;
  readonly contendersPerThread: number;
  readonly holdMs: number;
  readonly ttlMs: number;
  readonly measureMs: number;
}

/** What one contender got. */
export interface ContenderTally {
  readonly grants: number;
  readonly longestWaitNs: Ns;
  /** Acquisitions that its client gave up, and releases that rejected. */
  readonly failures: number;
}

export interface ContendedReport {
  readonly tallies: readonly ContenderTally[];
  readonly wallNs: Ns;
  /** Grants while another contender still held the lock. */
  readonly overlaps: number;
}

/** Many locks, taken and kept alive by one process. */
export interface RenewalTask {
  readonly kind: 'renewal';
  readonly contender: string;
  readonly urls: readonly string[];
  readonly locks: number;
  readonly ttlMs: number;
  /** How long they are kept alive once all are held. */
  readonly measureMs: number;
}

export interface RenewalReport {
  /** How long it took to take them all. */
  readonly takingNs: Ns;
  /** Share of the measured time in which the event loop was busy. */
  readonly utilization: number;
  readonly cpuNs: Ns;
  readonly wallNs: Ns;
  /** Locks whose signal was aborted. */
  readonly lost: number;
}

export type ClientTask = PairsTask | ContendedTask | RenewalTask;

export interface ReportOf {
  readonly pairs: PairsReport;
  readonly contended: ContendedReport;
  readonly renewal: RenewalReport;
}

/** Client to parent. The parent answers `ready` with any message, and ends the client by closing the channel. */
export type ClientMessage =
  | { readonly kind: 'ready' }
  | { readonly kind: 'done'; readonly report: ReportOf[keyof ReportOf] }
  | { readonly kind: 'failed'; readonly reason: string };

/** The prefix of a client process's own keys. */
export function keyPrefix(pid: number): string {
  return `redlock-bench:peers-${String(pid)}:`;
}
