/**
 * `calibrate`: the same thing against itself, interleaved, to learn how much this machine differs from itself.
 *
 * @module
 */
import type { Comparison } from '../model/comparison.js';
import { roughPercent } from '../model/figure-text.js';
import { CALIBRATION_SCHEMA_VERSION, type Calibration, type NoiseFloor } from '../model/gate.js';
import { describeHost } from '../model/host.js';
import type { Environment } from '../model/result.js';
import type { Scenario } from '../model/scenario.js';
import { compareArms, type ComparisonPlan, type RunArm } from './compare.js';
import { isDisturbed } from './disturbance.js';
import { describeUnstable } from './gate-calibration.js';
import { leastPairs } from './judge.js';
import { measureNoise } from './noise-floor.js';

const NAMES = ['A', 'A again'] as const;

/** Plans A against A. */
export function planCalibration(
  title: string,
  scenario: Scenario,
  { rounds, seed }: Pick<ComparisonPlan, 'rounds' | 'seed'>,
): ComparisonPlan {
  return {
    title,
    factors: [{ name: 'run', levels: NAMES.map((label) => ({ label, input: {} })), isCondition: false }],
    arms: NAMES.map((name) => ({ name, levels: { run: name }, scenario })),
    rounds,
    seed,
    remarks: [],
    minEffect: undefined,
  };
}

/** What came of it; `failure` is what ended it early, and the floors are of what had been measured by then. */
export interface Calibrated {
  readonly calibration: Calibration;
  readonly failure: Error | undefined;
}

/**
 * Runs A against A and reads the noise floors.
 *
 * @throws what `runArm` throws before anything was measured
 */
export async function calibrateArms(plan: ComparisonPlan, runArm: RunArm, signal: AbortSignal): Promise<Calibrated> {
  const { comparison, failure } = await compareArms(plan, runArm, signal);
  return { calibration: readFloors(comparison, describeHost()), failure };
}

/** The floors of an A/A comparison, in figures and in words. */
export function readFloors(comparison: Comparison, environment: Environment): Calibration {
  const floors = measureNoise(comparison);
  const scenario = comparison.arms[0]?.scenario;
  if (scenario === undefined) throw new Error('expected at least one arm that ran, got none');
  return {
    schemaVersion: CALIBRATION_SCHEMA_VERSION,
    kind: 'calibration',
    startedAt: comparison.startedAt,
    status: comparison.status,
    environment,
    scenario,
    floors,
    comparison,
    statements: stateFloors(comparison, floors),
    warnings: [...warnOfFloors(comparison, floors, environment.cores), ...comparison.warnings],
    exitCode: comparison.exitCode,
  };
}

function stateFloors(comparison: Comparison, floors: readonly NoiseFloor[]): string[] {
  const primary = floors.filter(({ isPrimary }) => isPrimary);
  const constant = primary.filter(({ isConstant }) => isConstant);
  const found = primary.flatMap((floor) =>
    floor.smallestDetectable === null ? [] : [{ ...floor, least: floor.smallestDetectable }],
  );
  const pairs = Math.max(0, ...primary.map(({ rounds }) => rounds));
  const noise = primary.flatMap(({ label, halfWidth }) =>
    halfWidth === null ? [] : [`${label} ±${roughPercent(halfWidth)}`],
  );
  return [
    ...comparison.violations,
    ...(found.length === 0 && constant.length < primary.length
      ? ['Too few rounds to say which change would be found: not from this data.']
      : found.length === 0
        ? []
        : [
            `On this machine, ${String(pairs)} rounds of this scenario find, four times of five, a change of ` +
              `${found.map(({ metric, label, least }) => `${label}${metric === 'success' ? ' (its odds)' : ''} of ${roughPercent(least)} or more`).join('; of ')}.`,
          ]),
    ...(noise.length === 0
      ? []
      : [`The same thing, measured twice, agreed within: ${noise.join(', ')} (95 % interval).`]),
    ...constant.map(
      ({ label }) => `Every run had the same ${label}: not from this data which change of it would be found.`,
    ),
    ...(noise.length === 0
      ? []
      : ['gate counts no difference smaller than twice that, or than its own limit, whichever is larger.']),
    'It holds for this machine and this load: not from this data what another one would find.',
  ];
}

function warnOfFloors(comparison: Comparison, floors: readonly NoiseFloor[], cores: number): string[] {
  const effects = comparison.contrasts[0]?.effects ?? [];
  const differing = floors.filter(({ metric, isPrimary }) => {
    const verdict = effects.find((effect) => effect.metric === metric)?.verdict;
    return isPrimary && (verdict === 'better' || verdict === 'worse');
  });
  const busy = disturbedRuns(comparison, cores);
  return [
    ...(differing.length === 0
      ? []
      : [
          `A differs from itself in ${differing.map(({ label }) => label).join(', ')}: the machine changed meanwhile; calibrate again when it is quiet`,
        ]),
    ...describeUnstable(floors.filter(({ isPrimary }) => isPrimary)),
    ...(busy === 0
      ? []
      : [
          `in ${busy === 1 ? '1 run' : `${String(busy)} runs`} other processes were in the way: calibrate when it is quiet`,
        ]),
    ...(comparison.rounds < leastPairs(comparison.metrics)
      ? [`fewer than ${String(leastPairs(comparison.metrics))} rounds say little of the noise: use --rounds 10`]
      : []),
  ];
}

function disturbedRuns({ arms }: Comparison, cores: number): number {
  return arms.flatMap(({ runs }) => runs).filter((run) => isDisturbed(run, cores)).length;
}

/**
 * Why later gates must not believe a calibration, in a phrase; undefined when they may. Half of one, or one of a restless
 * machine, would take the place of a better one.
 */
export function findReasonNotToStore(calibration: Calibration): string | undefined {
  const { comparison, status, exitCode, floors, environment } = calibration;
  if (status !== 'complete') return 'it is not whole';
  if (exitCode !== 0) return `its exit code is ${String(exitCode)}`;
  const missing = floors.filter(
    ({ isPrimary, halfWidth, isConstant }) => isPrimary && halfWidth === null && !isConstant,
  );
  if (missing.length > 0)
    return `it has too few rounds for a noise floor of ${missing.map(({ label }) => label).join(', ')}`;
  const runs = comparison.arms.flatMap((arm) => arm.runs).length;
  const busy = disturbedRuns(comparison, environment.cores);
  if (busy * 2 < runs) return undefined;
  return `in ${String(busy)} of ${String(runs)} runs other processes were in the way`;
}
