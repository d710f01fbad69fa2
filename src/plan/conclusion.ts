/**
 * From the runs of all arms to what is concluded from them.
 *
 * @module
 */
import { EXIT_CODES, firstExitCode } from '../check/exit-code.js';
import {
  COMPARISON_SCHEMA_VERSION,
  type Arm,
  type ArmRun,
  type Comparison,
  type Contrast,
  type Effect,
  type Metric,
} from '../model/comparison.js';
import type { ArmRecord } from './arm-runs.js';
import type { PlannedContrast } from './design.js';
import { SIGNIFICANCE } from './judge.js';
import { declareMetrics, type MinEffect } from './metrics.js';
import { predictQuorums } from './predictions.js';
import { stateFindings, stateViolations, stateWarnings } from './statements.js';

/** What is judged of an arm: its record, or what stands for one that was stored. */
export type JudgedArm = Pick<ArmRecord, 'identity' | 'services' | 'summarize'>;

/** What is known of a comparison before it is judged. */
export interface Material extends Pick<
  Comparison,
  'title' | 'startedAt' | 'status' | 'design' | 'seed' | 'rounds' | 'factors'
> {
  readonly records: readonly JudgedArm[];
  readonly contrasts: readonly PlannedContrast[];
  /** Holds the runs of an arm against those of its baseline. */
  readonly judge: (metrics: readonly Metric[], arm: readonly ArmRun[], baseline: readonly ArmRun[]) => Effect[];
  /** The smallest difference that matters, as a share, instead of the metrics' own. */
  readonly minEffect: MinEffect;
  /** What else to know: why an arm did not run, or why the rest did not. One sentence each. */
  readonly remarks: readonly string[];
}

/** Judges every contrast, and says in words what came out. */
export function conclude(material: Material): Comparison {
  const { records, contrasts: planned, judge, minEffect, remarks, ...known } = material;
  const arms = records.map((record) => record.summarize());
  const metrics = declareMetrics(arms.every(isOpenLoop), minEffect);
  const contrasts = planned.map((contrast): Contrast => ({
    ...contrast,
    effects: judge(metrics, arms[contrast.arm]?.runs ?? [], arms[contrast.baseline]?.runs ?? []),
  }));
  const judged = { ...known, metrics, arms, contrasts };
  return {
    schemaVersion: COMPARISON_SCHEMA_VERSION,
    kind: 'comparison',
    ...judged,
    significance: SIGNIFICANCE,
    predictions: predictQuorums(records),
    violations: stateViolations(arms),
    statements: stateFindings(judged),
    warnings: [...remarks, ...stateWarnings(judged)],
    exitCode: exitCodeOf(arms, known.status),
  };
}

/** As it was run: what is asked of a command that measures is known to the command alone. */
export function isOpenLoop({ scenario }: Pick<Arm, 'scenario'>): boolean {
  return (scenario.ratePerSecond ?? null) !== null;
}

/** A violation in any run; an interruption; or an arm whose runs were all invalid, so that nothing can be said of it. */
function exitCodeOf(arms: readonly Arm[], status: Comparison['status']): number {
  const codes = arms.flatMap(({ runs }) => {
    const isInvalid = runs.length > 0 && runs.every((run) => run.exitCode === EXIT_CODES.invalidRun);
    return runs.map((run) => run.exitCode).filter((code) => isInvalid || code !== EXIT_CODES.invalidRun);
  });
  return firstExitCode([...codes, status === 'interrupted' ? EXIT_CODES.interrupted : EXIT_CODES.ok]);
}
