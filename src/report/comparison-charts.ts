/**
 * The charts of a comparison.
 *
 * @module
 */
import type { Comparison } from '../model/comparison.js';
import { attemptsOfArms } from './charts/arm-attempts.js';
import { outcomesOfArms } from './charts/arm-outcomes.js';
import { runsPerArm } from './charts/arm-runs.js';
import { spectraOfArms } from './charts/arm-spectra.js';
import { conditionCharts } from './charts/by-condition.js';
import type { Chart } from './charts/chart.js';
import { decisiveEffects, effectsBeside } from './charts/effects.js';
import { orderStatisticsCharts } from './charts/order-statistics.js';

/** A list of more rows than these is a table, and stands there. */
const MOST_LISTED = 24;

/** The charts that answer most come first. Where conditions make many arms, lines over a condition replace the lists. */
export function chartsOfComparison(comparison: Comparison): Chart[] {
  const { arms, contrasts, metrics } = comparison;
  const overConditions = conditionCharts(comparison);
  const isReplaced = (rows: number): boolean => rows > MOST_LISTED && overConditions.length > 0;
  return [
    ...(isReplaced(contrasts.length) ? [] : decisiveEffects(comparison)),
    ...overConditions,
    ...orderStatisticsCharts(comparison),
    ...(isReplaced(arms.length)
      ? []
      : [
          ...metrics.filter((metric) => metric.isPrimary).map((metric) => runsPerArm(comparison, metric)),
          spectraOfArms(comparison),
          outcomesOfArms(comparison),
          attemptsOfArms(comparison),
        ]),
    ...effectsBeside(comparison),
  ];
}
