/**
 * What a run leaves: the shape of `result.json`, described for other tools by `results/result.schema.json`.
 *
 * @module
 */
import type { FaultReceipt } from './fault.js';
import type { LatencySummary, QuantitySummary } from './histogram.js';
import type { MeasuredLock } from './measured-lock.js';
import type { OperationStatus, ReleaseStatus } from './operation.js';
import type { Scenario } from './scenario.js';
import type { Ns } from './time.js';

export const SCHEMA_VERSION = 1;

/** Written and synced before the first operation, so that even a killed run says what it was. */
export interface Manifest {
  readonly schemaVersion: typeof SCHEMA_VERSION;
  readonly runId: string;
  /** ISO 8601, wall clock. */
  readonly startedAt: string;
  /** Passwords are removed from its endpoints. */
  readonly scenario: Scenario;
  readonly lock: MeasuredLock;
  readonly environment: Environment;
  readonly masters: readonly MasterIdentity[];
}

export interface Environment {
  readonly tool: { readonly name: string; readonly version: string };
  readonly node: string;
  readonly platform: string;
  readonly kernel: string;
  readonly cpuModel: string;
  readonly cores: number;
  readonly memoryBytes: number;
  /** Versions of the client libraries on the hot path. */
  readonly libraries: Readonly<Record<string, string>>;
}

/** What a master says of itself, and what it was pinned to. */
export interface MasterIdentity {
  /** Without password. */
  readonly endpoint: string;
  /** `redis`, `valkey`, `keydb`, as far as INFO tells. */
  readonly server: string;
  readonly version: string;
  readonly runId: string;
  readonly spawned: boolean;
  /** The settings that change what a lock does, as CONFIG GET reports them; absent where it is forbidden. */
  readonly config: Readonly<Record<string, string>>;
}

export interface MasterResult extends MasterIdentity {
  /** Write of a SET to its reply, seen from the workers. */
  readonly roundTrip: LatencySummary;
  /** Votes that came after the attempt was settled by its deadline, or never. */
  readonly timeouts: number;
  readonly errors: number;
  /** The server process's user + system CPU between the two INFO samples; 0 when it could not be asked. */
  readonly cpuSeconds: number;
  /** Calls per command between the two INFO samples, from commandstats. */
  readonly commands: Readonly<Record<string, number>>;
  /** Largest used_memory seen. */
  readonly peakMemoryBytes: number;
  /** False when the master could not be asked after the run. */
  readonly reachableAtEnd: boolean;
}

export type HealthVerdict = 'valid' | 'overloaded' | 'suspect' | 'invalid';
export type SafetyVerdict = 'none-observed' | 'violation' | 'unknown';

export interface Health {
  readonly verdict: HealthVerdict;
  /** One sentence each, with the figure, the limit and what to do. */
  readonly reasons: readonly string[];
  /** Share of time that the event loop was busy, spinning for a start excluded; the busiest worker. */
  readonly eventLoopUtilization: number;
  /** Delay of the event loop beyond its timer, all workers. */
  readonly eventLoopDelay: { readonly p50Ns: Ns; readonly p99Ns: Ns; readonly maxNs: Ns };
  /** Share of the measured time that the busiest worker spent collecting garbage. */
  readonly gcShare: number;
  readonly generatorCpuSeconds: number;
  readonly serverCpuSeconds: number;
  /**
   * CPU that processes of this machine used that are not of this run, in the same time and on the cores that the run may
   * use; null where it cannot be read, which is everywhere but on Linux, and under a CPU quota.
   */
  readonly otherCpuSeconds: number | null;
  /** The time over which the CPU of generator, servers and others was read: the measured window, and the drain after it. */
  readonly cpuSpanSeconds: number;
  /** Open loop: starts made over starts intended. 1 in a closed loop. */
  readonly achievedOverOffered: number;
  /** The generator or the machine was the limit of a closed loop, so that the locks may be faster than the rate says. */
  readonly isRateLowerBound: boolean;
}

/** Two holders of one key at once, seen by the witness. */
export interface Overlap {
  readonly keyIndex: number;
  /** `worker.slot` of the holder that was inside, and of the one that entered. */
  readonly holder: string;
  readonly intruder: string;
  /** Since the barrier. */
  readonly atNs: Ns;
  /** How long the holder's promise would still have lasted; negative for an overrun. */
  readonly promiseLeftNs: Ns;
}

/** Overlaps that a result lists one by one; beyond it they are only counted. */
export const MOST_LISTED_OVERLAPS = 100;

export interface Safety {
  readonly verdict: SafetyVerdict;
  /** Overlaps within the first holder's validity: the lock broke its promise. At most 100 are listed. */
  readonly contract: readonly Overlap[];
  readonly contractCount: number;
  /** Overlaps after it: the holder outlived its lease. */
  readonly overruns: number;
  /** Locks whose promise had ended before they were handed out. */
  readonly grantedExpired: number;
  /** Holds that entered the witness cell, warm-up included. */
  readonly witnessed: number;
  /** Keys of this run still present after it, beyond the ttl of what was released; null when nobody could be asked. */
  readonly leakedKeys: number | null;
  /** Those of them without ttl, which never go away by themselves; null when no master told. */
  readonly keysWithoutTtl: number | null;
  /** What the recorded history says; null for a run without one. */
  readonly history: HistoryFindings | null;
  /** Why the verdict is unknown; empty otherwise. */
  readonly reasons: readonly string[];
}

/** What the interval checker found in a recorded history, warm-up included. */
export interface HistoryFindings {
  readonly operations: number;
  /** Of these, the holds that were compared. */
  readonly holds: number;
  readonly contractCount: number;
  readonly overruns: number;
  readonly grantedExpired: number;
  /** Holds that could not be compared, and records that could not be read. */
  readonly unchecked: number;
  /**
   * Whether the witness saw an overlap where the history has one that it must have seen, and none elsewhere. Null where the
   * two could not be compared: nobody entered a witness, it can no longer be asked, or part of the history is missing.
   */
  readonly agreesWithWitness: boolean | null;
}

/** One second of the run. */
export interface SeriesPoint {
  /** Start of the interval since the start of the measured window. */
  readonly atMs: number;
  readonly lengthMs: number;
  readonly counts: Readonly<Record<OperationStatus, number>>;
  readonly ratePerSecond: number;
  /** Attempts in which nobody reached a quorum although every vote was given. */
  readonly splitVotes: number;
  readonly responseP50Ns: Ns;
  readonly responseP99Ns: Ns;
  readonly serviceP50Ns: Ns;
  readonly serviceP99Ns: Ns;
  /** Median round trip of each master, in order; null where it answered nothing. */
  readonly roundTripP50Ns: readonly (Ns | null)[];
  readonly roundTripP99Ns: readonly (Ns | null)[];
}

export interface ThresholdResult {
  readonly expression: string;
  /** Nanoseconds for durations, a ratio for percentages; null when there was nothing to measure it on. */
  readonly value: number | null;
  readonly passed: boolean;
}

/** How many operations were under way at once. */
export interface InFlight {
  readonly mean: number;
  readonly max: number;
}

export interface RunResult {
  readonly schemaVersion: typeof SCHEMA_VERSION;
  readonly runId: string;
  readonly startedAt: string;
  readonly status: 'complete' | 'interrupted' | 'crashed';
  /** What went wrong with workers or outputs, one sentence each. */
  readonly incidents: readonly string[];
  readonly scenario: Scenario;
  /** What was measured, as it named itself. */
  readonly lock: MeasuredLock;
  readonly environment: Environment;
  readonly masters: readonly MasterResult[];
  /** The measured window, warm-up excluded; shorter than planned when interrupted. */
  readonly measuredMs: number;
  readonly acquire: {
    readonly counts: Readonly<Record<OperationStatus, number>>;
    /** Acquired over everything that was intended. */
    readonly successRatio: number;
    /** Acquisitions that were granted within the measured window, per second. */
    readonly ratePerSecond: number;
    readonly response: LatencySummary;
    readonly service: LatencySummary;
    readonly scheduleDelay: LatencySummary;
    /** Response time of the operations that were held, expired, indeterminate or aborted. */
    readonly gaveUp: LatencySummary;
    readonly unfinished: { readonly count: number; readonly oldestNs: Ns };
  };
  readonly release: LatencySummary & { readonly counts: Readonly<Record<ReleaseStatus, number>> };
  readonly hold: LatencySummary;
  readonly handoff: LatencySummary;
  readonly validityMs: QuantitySummary;
  readonly attempts: {
    readonly total: number;
    readonly perAcquisition: QuantitySummary;
    readonly splitVotes: number;
    readonly wakeUps: number;
    /**
     * Grants by their fault margin: the entry at f counts those that f lost keys would have broken, f = k − (N − Q) with k
     * masters that had granted. Null where the lock does not tell its votes.
     */
    readonly margins: readonly number[] | null;
  };
  /**
   * Operations under way, from their actual start to the end of their release, over the measured window: the mean over
   * time, and an upper bound of the most at once (the sum of what each worker had at most within the same second). Null
   * where nobody counted: driver processes report operations only when they are over, and workers that died or were killed
   * did not tell what they had under way in their last second.
   */
  readonly inFlight: InFlight | null;
  /** Closed loop only; null in an open loop, whose operations belong to nobody. */
  readonly fairness: { readonly jain: number; readonly minPerClient: number; readonly maxPerClient: number } | null;
  readonly health: Health;
  readonly safety: Safety;
  readonly thresholds: readonly ThresholdResult[];
  readonly series: readonly SeriesPoint[];
  /** The faults that were injected, in the order of their beginning. */
  readonly faults: readonly FaultReceipt[];
  /** The exit code that this result stands for. */
  readonly exitCode: number;
}
