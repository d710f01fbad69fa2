/**
 * What the head reached, metric by metric: the figures that histories of other tools keep.
 *
 * @module
 */
import type { Metric } from '../../model/comparison.js';
import type { GateReport, GateRow } from '../../model/gate.js';
import type { Spread } from '../arm-figures.js';
import { decidingRows, headOf, spreadOn } from '../gate-rows.js';
import { isWhole } from '../gate-words.js';
import { clip, nameLoad } from './load-name.js';

/** A metric that decides and has a value. */
export interface HeadFigure extends GateRow {
  /** The same in every gate of this scenario: no seed and no commit is in it. */
  readonly name: string;
  /** Of the head's runs that are in, in the metric's unit. */
  readonly spread: Spread;
}

/**
 * The metrics that decide and have a value; none of an invalid gate, whose figures are those of its load generator, and none
 * of one that is not whole.
 */
export function headFigures(report: GateReport): HeadFigure[] {
  if (report.outcome === 'invalid' || !isWhole(report)) return [];
  return decidingRows(report).flatMap((row): HeadFigure[] => {
    const spread = spreadOn(headOf(report.comparison), row.metric.name);
    return spread === undefined ? [] : [{ ...row, name: figureName(report, row.metric), spread }];
  });
}

/** The name of the scenario that both sides ran, in one line. */
export function scenarioName({ comparison }: GateReport): string {
  return clip(comparison.arms[0]?.scenario.name ?? '') || 'custom';
}

/** The load that head was under. */
export function loadName({ comparison }: GateReport): string {
  const scenario = (headOf(comparison) ?? comparison.arms[0])?.scenario;
  return scenario === undefined ? 'custom' : nameLoad(scenario);
}

/** How a metric of a load is called in every file: `n3/contended/p99 response`. */
function figureName(report: GateReport, { label }: Metric): string {
  return `${loadName(report)}/${label}`;
}
