/**
 * The words of a calibration: noise floors and what they allow to be found.
 *
 * @module
 */
import type { Metric } from '../model/comparison.js';
import type { Calibration, NoiseFloor } from '../model/gate.js';
import { describeDesign, sharedClauses } from './comparison-words.js';
import { NONE } from './figures.js';
import type { Cell } from './style.js';

/** A noise floor with the metric that it is of. */
export interface FloorRow {
  readonly floor: NoiseFloor;
  readonly metric: Metric;
}

/** The floors with their metrics, those that decide a gate first. */
export function floorRows({ floors, comparison }: Calibration): FloorRow[] {
  const rows = floors.flatMap((floor): FloorRow[] => {
    const metric = comparison.metrics.find(({ name }) => name === floor.metric);
    return metric === undefined ? [] : [{ floor, metric }];
  });
  return [...rows.filter(({ floor }) => floor.isPrimary), ...rows.filter(({ floor }) => !floor.isPrimary)];
}

/** The metric's name; of a share it is the odds whose noise is told. */
export function nameFloor({ metric }: FloorRow): string {
  return metric.scale === 'odds' ? `${metric.label} (odds)` : metric.label;
}

/** Writes the noise floor: `±3.1 %`. */
export function formatFloor({ floor }: FloorRow): string {
  return floor.halfWidth === null ? NONE : `±${percent(floor.halfWidth)}`;
}

/** Writes the smallest change that is found four times of five: `4.8 %`. */
export function formatDetectable({ floor }: FloorRow): string {
  return floor.smallestDetectable === null ? NONE : percent(floor.smallestDetectable);
}

/** Writes how far the middle half of the runs lies around their median. */
export function formatScatter({ floor }: FloorRow): string {
  return floor.spread === null ? NONE : `±${percent(floor.spread)}`;
}

/** Whether a metric holds still enough to be gated. */
export function describeStability({ floor }: FloorRow): Required<Cell> {
  if (floor.isConstant) return { text: 'always the same', emphasis: 'faint' };
  if (floor.halfWidth === null) return { text: 'too few rounds', emphasis: 'faint' };
  return floor.isStable ? { text: 'stable', emphasis: 'plain' } : { text: 'UNSTABLE', emphasis: 'warning' };
}

/** How it was made, and on what. */
export function describeCalibrationDesign({ comparison, environment, startedAt }: Calibration): string[] {
  const { seed, status } = comparison;
  return [
    describeDesign(comparison),
    ...(seed === null ? [] : [`seed ${String(seed)}`]),
    startedAt.slice(0, DATE_CHARACTERS),
    `${environment.tool.name} ${environment.tool.version}, Node ${environment.node}`,
    `${environment.cpuModel.trim()}, ${String(environment.cores)} cores`,
    ...(status === 'complete' ? [] : [status]),
  ];
}

/** What was run, in one line. */
export function describeCalibrated({ comparison }: Calibration): string {
  return sharedClauses(comparison).join(', ');
}

const DATE_CHARACTERS = 10;

function percent(share: number): string {
  const value = share * 100;
  return `${value.toFixed(value >= 100 ? 0 : value >= 10 ? 1 : 2)} %`;
}
