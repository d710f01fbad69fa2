/**
 * What a calibration and a gate leave: the shapes of `calibration.json` and `gate.json`.
 *
 * @module
 */
import type { Comparison, Effect, Metric, MetricName } from './comparison.js';
import type { Environment } from './result.js';
import type { Scenario } from './scenario.js';

export const CALIBRATION_SCHEMA_VERSION = 1;
export const GATE_SCHEMA_VERSION = 1;

/** How much a metric differs between runs of the same thing on one machine. */
export interface NoiseFloor {
  readonly metric: MetricName;
  readonly label: string;
  readonly isPrimary: boolean;
  readonly rounds: number;
  /**
   * Half of the 95 % interval of the ratio of A to A, as a share: 0.03 is ±3 %. Null with too few rounds, and where every
   * run had the same value.
   */
  readonly halfWidth: number | null;
  /** Every run had the same value, mostly because all of it was acquired: nothing can be learned about its noise. */
  readonly isConstant: boolean;
  /**
   * The smallest change that a gate of as many rounds finds four times of five, as a share: never less than what it counts
   * from. Null with too few rounds, and where every run had the same value.
   */
  readonly smallestDetectable: number | null;
  /** Half the interquartile range of the runs over their median. */
  readonly spread: number | null;
  /** False when the runs scatter by more than a tenth. */
  readonly isStable: boolean;
}

/** A/A runs of one scenario on one machine. */
export interface Calibration {
  readonly schemaVersion: typeof CALIBRATION_SCHEMA_VERSION;
  readonly kind: 'calibration';
  readonly startedAt: string;
  readonly status: 'complete' | 'interrupted';
  readonly environment: Environment;
  readonly scenario: Scenario;
  readonly floors: readonly NoiseFloor[];
  /** The A/A comparison itself. */
  readonly comparison: Comparison;
  readonly statements: readonly string[];
  readonly warnings: readonly string[];
  readonly exitCode: number;
}

/** `settings` of this build, a `checkout` beside it, a `command` that prints a result, or a `baseline` of stored runs. */
export type SideKind = 'settings' | 'checkout' | 'command' | 'baseline';

/** One of the two builds. */
export interface GateSide {
  readonly kind: SideKind;
  /** As it was written on the command line, without passwords. */
  readonly text: string;
  /** Version of the tool that ran it, and the lock that it measured; null when it never ran. */
  readonly tool: string | null;
  readonly lock: string | null;
}

export type GateOutcome = 'pass' | 'regression' | 'inconclusive' | 'invalid';

/** A metric as the gate decided it. */
export interface GatedMetric {
  readonly metric: MetricName;
  /** Of a metric that is only for information, what it would be. */
  readonly outcome: 'pass' | 'improvement' | 'regression' | 'inconclusive' | 'not-compared';
  /** The smallest difference that counted, and whether the calibration or the user raised it. */
  readonly minEffect: number;
  readonly minEffectFrom: 'metric' | 'user' | 'calibration';
}

/** A threshold that head was asked to meet. */
export interface GatedThreshold {
  readonly expression: string;
  /** Runs of head that are in and were judged by it, and how many of them crossed it. */
  readonly runs: number;
  readonly crossed: number;
  /** Median over these runs, as in `ThresholdResult`; null where none had a value. */
  readonly value: number | null;
  /** False when more than half of them crossed it. */
  readonly passed: boolean;
}

export interface GateReport {
  readonly schemaVersion: typeof GATE_SCHEMA_VERSION;
  readonly kind: 'gate';
  readonly title: string;
  readonly startedAt: string;
  readonly outcome: GateOutcome;
  readonly isStrict: boolean;
  readonly base: GateSide;
  readonly head: GateSide;
  /** Where the noise floors came from; null without. */
  readonly calibration: { readonly file: string; readonly startedAt: string } | null;
  readonly environment: Environment;
  /** Of the head, as the environment tells it (`GITHUB_SHA`), or as git does; null unknown. */
  readonly commit: string | null;
  /** The arms are base and head, in this order; one contrast. */
  readonly comparison: Comparison;
  readonly metrics: readonly GatedMetric[];
  readonly thresholds: readonly GatedThreshold[];
  /** Rounds that were asked for; fewer were made when it was interrupted. */
  readonly plannedRounds: number;
  /** Seconds from the first run to the last. */
  readonly tookSeconds: number;
  readonly statements: readonly string[];
  readonly warnings: readonly string[];
  readonly exitCode: number;
}

/** A primary metric with its effect; what tables and exports are made of. */
export interface GateRow {
  readonly metric: Metric;
  readonly effect: Effect;
  readonly gated: GatedMetric;
  /** Median over the runs of either side, in the metric's unit; null where it has none. */
  readonly base: number | null;
  readonly head: number | null;
}
