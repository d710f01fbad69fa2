/**
 * Values of metrics as they are written, for a run and for the runs of an arm.
 *
 * @module
 */
import type { Arm, ArmRun, Metric } from '../model/comparison.js';
import { formatAmount, formatShare } from '../model/figure-text.js';
import { formatNs } from '../model/time.js';
import { runsIn, spreadOf, valuesOf } from './arm-figures.js';
import { NONE } from './figures.js';

type Written = Pick<Metric, 'name' | 'unit'>;

/** Writes a value of a metric in its unit. */
export function formatMetric({ name, unit }: Written, value: number | null | undefined): string {
  if (value === null || value === undefined) return NONE;
  if (unit === 'ns' || unit === 'nsPerAcquisition') return formatNs(value);
  if (unit === 'perSecond') return `${formatAmount(value)}/s`;
  if (unit === 'count') return formatAmount(value);
  return name === 'jain' ? value.toFixed(3) : formatShare(value);
}

/** Stands beside figures of which one or more begin with `≥`. */
export const LOWER_BOUND_NOTE = '≥ marks a lower bound: the load generator or the machine was the limit';

/** Whether a rate of these runs is a lower bound: the generator or the machine was the limit in one or more of them. */
export function isLowerBound({ name }: Pick<Metric, 'name'>, runs: readonly ArmRun[]): boolean {
  return name === 'rate' && runs.some((run) => run.isRateLowerBound);
}

/** Writes what these runs say of a metric together; with `≥` where it is a lower bound. */
export function formatFound(metric: Written, runs: readonly ArmRun[], value: number | null | undefined): string {
  const text = formatMetric(metric, value);
  return text !== NONE && isLowerBound(metric, runs) ? `≥ ${text}` : text;
}

/** Writes the median of the runs of an arm that are in. */
export function formatMedian(metric: Written, arm: Arm | undefined): string {
  if (arm === undefined) return NONE;
  const runs = runsIn(arm);
  return formatFound(metric, runs, spreadOf(valuesOf(runs, metric.name))?.median);
}

/** Writes the least and the most rate of the runs of an arm that are in: `1,404–1,677`. */
export function formatRates(arm: Arm): string {
  const runs = runsIn(arm);
  const rate = spreadOf(valuesOf(runs, 'rate'));
  if (rate === undefined) return NONE;
  const bound = isLowerBound({ name: 'rate' }, runs) ? '≥ ' : '';
  return `${bound}${formatAmount(rate.least)}–${formatAmount(rate.most)}`;
}
