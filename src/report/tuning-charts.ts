/**
 * The charts of a tuning.
 *
 * @module
 */
import type { TuneStage, TuningReport } from '../model/tuning.js';
import type { Chart } from './charts/chart.js';
import { frontierOfStage } from './charts/tuning-frontier.js';
import { latencyOverSetting, successOverSetting } from './charts/tuning-sweep.js';

/** The charts of each stage in turn, its frontier first; none of a stage that was not measured. */
export function chartsOfTuning(report: TuningReport): Chart[] {
  return report.stages.flatMap((stage) => chartsOfStage(report, stage));
}

/** The charts of one stage. A ttl is an objective of its own, so that its frontier is its sweep. */
export function chartsOfStage(report: TuningReport, stage: TuneStage): Chart[] {
  if (stage.points.length === 0) return [];
  return [
    frontierOfStage(report, stage),
    ...(stage.name === 'node-timeout' ? [successOverSetting(report, stage)] : []),
    ...(stage.name === 'ttl' ? [] : [latencyOverSetting(report, stage)]),
  ];
}
