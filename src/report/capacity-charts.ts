/**
 * The charts of a search for capacity.
 *
 * @module
 */
import type { CapacityReport } from '../model/capacity.js';
import { cpuOverLoad } from './charts/capacity-cpu.js';
import { latencyAgainstLoad } from './charts/capacity-load.js';
import { scalingCharts } from './charts/capacity-scaling.js';
import { searchSteps } from './charts/capacity-search.js';
import type { Chart } from './charts/chart.js';

/** The charts that answer most come first. */
export function chartsOfCapacity(report: CapacityReport): Chart[] {
  return [latencyAgainstLoad(report), searchSteps(report), cpuOverLoad(report), ...scalingCharts(report)];
}
