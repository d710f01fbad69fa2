/**
 * What a comparison of runs leaves: the shape of `comparison.json`.
 *
 * @module
 */
import type { LatencySummary } from './histogram.js';
import type { HealthVerdict, SafetyVerdict } from './result.js';
import type { Scenario } from './scenario.js';
import type { Ns } from './time.js';

export const COMPARISON_SCHEMA_VERSION = 1;

/** Every figure that runs are compared by. One value a run: the run is the unit of analysis, never the request. */
export const METRIC_NAMES = [
  'rate',
  'responseP50',
  'responseP99',
  'success',
  'responseP90',
  'responseP999',
  'longestWait',
  'handoffP50',
  'attempts',
  'jain',
  'generatorCpu',
  'serverCpu',
] as const;

export type MetricName = (typeof METRIC_NAMES)[number];

/** A metric, as people and judges know it. */
export interface Metric {
  readonly name: MetricName;
  /** As in a table: `p99 response`. */
  readonly label: string;
  readonly unit: 'perSecond' | 'ns' | 'nsPerAcquisition' | 'count' | 'share';
  readonly better: 'higher' | 'lower';
  /** Declared before the runs: only these decide, and Holm's correction counts them. */
  readonly isPrimary: boolean;
  /** How two values are held against each other: as a ratio, or, for shares, as a ratio of their odds. */
  readonly scale: 'ratio' | 'odds';
  /** The smallest difference that matters, as a share: 0.05 is 5 %. */
  readonly minEffect: number;
}

/** What differs between the arms: `masters`, `lock`, `transport`; and its values in the order of the command line. */
export interface Factor {
  readonly name: string;
  readonly levels: readonly string[];
  /** A condition is varied too, but never compared: clients and hold times of a preset. */
  readonly isCondition: boolean;
}

/** One run of one arm. */
export interface ArmRun {
  /** From 1. Undefined for stored runs, which were made in no rounds. */
  readonly round: number | null;
  /** Folder of the run, relative to that of the comparison; null when it was not kept. */
  readonly directory: string | null;
  readonly runId: string;
  readonly seed: number;
  readonly health: HealthVerdict;
  /** The generator or the machine was the limit: the locks may be faster than the rate says. */
  readonly isRateLowerBound: boolean;
  readonly safety: SafetyVerdict;
  /** The run's own exit code. */
  readonly exitCode: number;
  /** Why the run is left out of every comparison; null when it is in. */
  readonly leftOut: string | null;
  readonly acquired: number;
  readonly intended: number;
  /** Overlaps within a promise, as many as the witness or the history found. */
  readonly contractCount: number;
  readonly overruns: number;
  readonly leakedKeys: number | null;
  readonly attempts: number;
  readonly splitVotes: number;
  readonly unfinished: number;
  readonly minPerClient: number | null;
  readonly maxPerClient: number | null;
  readonly measuredMs: number;
  /** Cores that processes beside the run kept busy, on average; null where nobody could tell. */
  readonly otherCores: number | null;
  /** Cores of this machine that the run itself kept busy, on average: generator and local masters. */
  readonly usedCores: number;
  /** The thresholds that the run crossed, as they were written. */
  readonly crossed: readonly string[];
  /** In the metric's unit; null where the run had too little to tell. */
  readonly metrics: Readonly<Record<MetricName, number | null>>;
}

/** One thing that is compared: a lock, a topology, a setting, or a combination. */
export interface Arm {
  /** Unique among the arms, says only what differs: `redlock, N=3`. */
  readonly name: string;
  /** Its level of each factor, by the factor's name. */
  readonly levels: Readonly<Record<string, string>>;
  /** The lock with the version that was measured. */
  readonly lock: string;
  readonly isUnsafe: boolean;
  /** What is known to be wrong with its lock, one sentence; null when nothing is. */
  readonly flaw: string | null;
  /** As of its first run. */
  readonly scenario: Scenario;
  readonly runs: readonly ArmRun[];
  /** All responses of all its runs that are in, merged. For pictures; no test is made on it. */
  readonly response: LatencySummary;
  readonly gaveUp: LatencySummary;
}

export type Verdict = 'better' | 'worse' | 'no-difference' | 'inconclusive' | 'not-compared';

/** One metric of an arm against that of its baseline. */
export interface Effect {
  readonly metric: MetricName;
  /** Pairs of runs (interleaved), or runs on both sides together (stored), that have a value. */
  readonly pairs: number;
  /** Hodges-Lehmann estimate of arm over baseline; for a share the ratio of the odds. 1 = the same. Null = not compared. */
  readonly ratio: number | null;
  /** Ends of the confidence interval of the ratio; null where there are too few runs for one. */
  readonly low: number | null;
  readonly high: number | null;
  /** Two-sided, of the Wilcoxon signed rank test (interleaved) or of the Mann-Whitney test (stored). */
  readonly pValue: number | null;
  /** After Holm's correction over the primary metrics of this contrast; null for the others. */
  readonly adjustedPValue: number | null;
  readonly verdict: Verdict;
}

/** An arm held against the one that differs from it in a single factor. */
export interface Contrast {
  readonly factor: string;
  /** Places in `arms`. */
  readonly arm: number;
  readonly baseline: number;
  readonly effects: readonly Effect[];
}

/** What independent masters and order statistics let expect of N masters, from what was measured on one. */
export interface QuorumPrediction {
  readonly arm: number;
  /** The arm with one master that it was computed from; for that arm itself, all three times are the measured one. */
  readonly from: number;
  /** Share of the distribution: 0.5, 0.9, 0.99. */
  readonly quantile: number;
  readonly measuredNs: Ns;
  /** A lock that settles at the quorum-th answer. */
  readonly predictedNs: Ns;
  /** A lock that waits for all N answers. */
  readonly waitForAllNs: Ns;
}

/** A comparison of arms, with everything that was concluded. */
export interface Comparison {
  readonly schemaVersion: typeof COMPARISON_SCHEMA_VERSION;
  readonly kind: 'comparison';
  readonly title: string;
  readonly startedAt: string;
  readonly status: 'complete' | 'interrupted';
  /** `interleaved`: rounds in random order, pairs by round. `stored`: runs made at other times, no pairs. */
  readonly design: 'interleaved' | 'stored';
  /** Draws the order of the arms in each round, and the load of the rounds; null for stored runs. */
  readonly seed: number | null;
  readonly rounds: number;
  /** What a test may wrongly call a difference: 0.05. */
  readonly significance: number;
  readonly metrics: readonly Metric[];
  readonly factors: readonly Factor[];
  readonly arms: readonly Arm[];
  readonly contrasts: readonly Contrast[];
  readonly predictions: readonly QuorumPrediction[];
  /** Broken mutual exclusion, one sentence for each arm; these stand first in the statements, too. */
  readonly violations: readonly string[];
  /** In plain words: what the data say, and what they do not say. One sentence each. */
  readonly statements: readonly string[];
  /** What a reader must know before believing any of it. One sentence each. */
  readonly warnings: readonly string[];
  /** The exit code that this comparison stands for. */
  readonly exitCode: number;
}
