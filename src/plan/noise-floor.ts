/**
 * The noise floor of a machine: how much each metric differs between runs of the same thing.
 *
 * @module
 */
import type { Arm, ArmRun, Comparison, Effect, Metric } from '../model/comparison.js';
import type { NoiseFloor } from '../model/gate.js';
import { smallestDetectable } from './detectable.js';
import { logOf } from './metrics.js';
import { sampleQuantile } from './sample-quantile.js';

/** Beyond this relative spread (half the interquartile range over the median) a metric is not stable. */
const UNSTABLE = 0.1;

/** The noise floor counts twice, because both the calibration and the gate are off by it. */
export const FLOORS = 2;

/** Reads the floor of every metric from a comparison of an arm with itself. */
export function measureNoise({ arms, contrasts, metrics }: Comparison): NoiseFloor[] {
  const [first, again] = arms;
  const effects = contrasts[0]?.effects ?? [];
  // The gate corrects for as many tests, which takes some of its power.
  const tests = metrics.filter(({ isPrimary }) => isPrimary).length;
  return metrics.map((metric) => {
    const effect = effects.find((each) => each.metric === metric.name);
    const differences = first === undefined || again === undefined ? [] : differencesOf(metric, first, again);
    const spread = spreadOf(metric, [first, again]);
    const measured = halfWidthOf(effect);
    const isConstant = measured !== null && isAllTheSame(metric, [first, again]);
    const halfWidth = isConstant ? null : measured;
    const least = smallestDetectable(differences, differences.length, metric.isPrimary ? tests : 1);
    return {
      metric: metric.name,
      label: metric.label,
      isPrimary: metric.isPrimary,
      rounds: differences.length,
      halfWidth,
      isConstant,
      // What does not count is not found either, however quiet the machine is.
      smallestDetectable:
        halfWidth === null || least === null ? null : Math.max(least, metric.minEffect, halfWidth * FLOORS),
      spread,
      isStable: spread === null || spread <= UNSTABLE,
    };
  });
}

/** Half of the interval on the scale of the ratios, so that one from 0.5 to 2 is 100 % either way. */
function halfWidthOf(effect: Effect | undefined): number | null {
  const { low = null, high = null } = effect ?? {};
  return low === null || high === null ? null : Math.sqrt(high / low) - 1;
}

/** Logarithms of A again over A, round by round. */
function differencesOf(metric: Metric, first: Arm, again: Arm): number[] {
  return again.runs.flatMap((run) => {
    const partner = first.runs.find(({ round }) => round === run.round);
    if (partner?.leftOut !== null || run.leftOut !== null) return [];
    const [of, against] = [logOf(metric, run), logOf(metric, partner)];
    return of === null || against === null ? [] : [of - against];
  });
}

/** Fewer runs have no quartiles worth the name. */
const LEAST_RUNS = 4;

function spreadOf(metric: Metric, arms: readonly (Arm | undefined)[]): number | null {
  const values = valuesOf(metric, arms);
  const middle = sampleQuantile(values, 0.5);
  if (values.length < LEAST_RUNS || !(middle > 0)) return null;
  return (sampleQuantile(values, 0.75) - sampleQuantile(values, 0.25)) / 2 / middle;
}

/** Of two runs that agree nothing follows. */
function isAllTheSame(metric: Metric, arms: readonly (Arm | undefined)[]): boolean {
  return new Set(valuesOf(metric, arms)).size === 1;
}

function valuesOf({ name }: Metric, arms: readonly (Arm | undefined)[]): number[] {
  const runs: readonly ArmRun[] = arms.flatMap((arm) => arm?.runs ?? []);
  return runs.flatMap(({ leftOut, metrics }) => {
    const value = leftOut === null ? metrics[name] : null;
    return value === null ? [] : [value];
  });
}
