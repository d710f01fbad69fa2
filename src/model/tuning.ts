/**
 * What tuning leaves: the shape of `tuning.json`.
 *
 * @module
 */
import type { SafetyVerdict } from './result.js';
import type { RoundTrip } from './scenario.js';
import type { SearchReport } from './search-report.js';
import type { Ns } from './time.js';

export const TUNING_SCHEMA_VERSION = 1;

/** The settings of a lock that are tuned. */
export interface LockSettings {
  readonly nodeTimeoutMs: number;
  readonly ttlMs: number;
  readonly retryDelayMs: number;
  readonly retryJitterMs: number;
}

/** The network that settings are sought for. */
export interface TunedNetwork {
  /** Round trip to each master, with its jitter. */
  readonly roundTrips: readonly RoundTrip[];
  /** Each way stalls for `lengthMs` this share of the time, as a lost packet makes TCP stall; null = never. */
  readonly stall: { readonly share: number; readonly lengthMs: number } | null;
  /** Each master is out of reach for this share of the time, one at a time; 0 = never. */
  readonly failingShare: number;
  /** Whether somebody said so; otherwise it is what a tuning usually tries, and no master's availability. */
  readonly isFailingStated: boolean;
}

/** A share of counted operations with its 95 % interval (Wilson). */
export interface CountedShare {
  readonly share: number;
  readonly low: number;
  readonly high: number;
}

/** A share with what it was counted from. */
export interface CountedOf extends CountedShare {
  readonly of: number;
}

/** What order statistics of the masters' measured round trips let expect of these settings. */
export interface Prediction {
  /** Share of attempts that reach a quorum in time. */
  readonly success: number;
  /** Response of these; null where there are none. */
  readonly p50Ns: Ns | null;
  readonly p99Ns: Ns | null;
}

/** One combination of settings and what all its runs together gave. */
export interface TunePoint {
  readonly settings: LockSettings;
  readonly runs: number;
  /** Folders of the runs, relative to that of the tuning. */
  readonly directories: readonly string[];
  /** Why it is no candidate, such as invalid runs; null when it is one. */
  readonly leftOut: string | null;
  readonly safety: SafetyVerdict;
  readonly contractCount: number;
  readonly operations: number;
  /** Acquired, of what was intended. */
  readonly success: CountedShare;
  /** Response of what was acquired. */
  readonly p50Ns: Ns;
  readonly p99Ns: Ns;
  /** Attempts for each acquisition. */
  readonly attempts: number;
  /** Of all attempts, those in which nobody reached a quorum. */
  readonly splitVoteShare: number;
  /** What an acquisition takes longer while a near master is out of reach: median then minus median otherwise; null unknown. */
  readonly failedMasterCostNs: Ns | null;
  /** The 1st percentile of the validity that is left at the grant; null when nothing was acquired. */
  readonly validityLeftP1Ms: number | null;
  /** Of all holds, those that outlived their validity; null when nothing was held. */
  readonly outlived: CountedOf | null;
  readonly predicted: Prediction | null;
  /** No other point is better in both of the stage's objectives. */
  readonly isOnFrontier: boolean;
}

export type StageName = 'node-timeout' | 'retry' | 'ttl';

/** One setting swept, with everything else as recommended so far. */
export interface TuneStage {
  readonly name: StageName;
  /** `per-node timeout`, for tables. */
  readonly label: string;
  /** The load of the stage in one clause: `200/s on keys of their own, one attempt each`. */
  readonly load: string;
  readonly points: readonly TunePoint[];
  /** Place of the recommended point; null when the data do not allow one. */
  readonly recommended: number | null;
  /** Why this one: what it is better than, and what it gives up; one sentence each. */
  readonly because: readonly string[];
}

/** How often a quorum can be had, as a share of time, when each master is up independently. */
export interface Availability {
  /** Share of the time that one master is up. */
  readonly perMaster: number;
  /** Of each master's answers, the share that comes within the recommended timeout. */
  readonly inTime: readonly number[];
  /** Masters of which 99 % or more come in time, and the others (1-based). */
  readonly awaited: readonly number[];
  readonly leftOut: readonly number[];
  /** A quorum is up and answers in time. */
  readonly withAwaited: number;
  /** A quorum is up, however long its answers take. */
  readonly withAll: number;
}

/** The recommended settings in a run of their own, after the sweep. */
export interface Confirmation {
  readonly point: TunePoint;
  /** On one contended key; null when it was not run again. */
  readonly contended: TunePoint | null;
  /** Of the per-node timeout, and of the ttl where one is recommended; the wait is told beside them. */
  readonly isConfirmed: boolean;
  /** What agreed, and what did not. */
  readonly sentences: readonly string[];
}

export interface TuningReport extends SearchReport {
  readonly schemaVersion: typeof TUNING_SCHEMA_VERSION;
  readonly kind: 'tuning';
  readonly network: TunedNetwork;
  /** The success that a recommendation must reach: 0.999. */
  readonly targetSuccess: number;
  readonly stages: readonly TuneStage[];
  /** What was tuned, and nothing else; null when the data allow nothing. */
  readonly recommendation: Partial<LockSettings> | null;
  /** The recommendation as flags: `--node-timeout 45ms --ttl 5s …`. */
  readonly flags: string | null;
  readonly availability: Availability | null;
  readonly confirmation: Confirmation | null;
}
