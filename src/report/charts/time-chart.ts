/**
 * The frame of every chart whose x axis is time.
 *
 * @module
 */
import type { FaultReceipt } from '../../model/fault.js';
import type { SeriesPoint } from '../../model/result.js';
import {
  composeChart,
  legendColumns,
  type Chart,
  type Frame,
  type Layer,
  type PositionFieldDef,
  type Row,
} from './chart.js';
import { faultLayers } from './fault-bands.js';
import { spanS } from './time-rows.js';

export interface TimeChartParts {
  readonly points: readonly SeriesPoint[];
  readonly rows: readonly Row[];
  /** The last one answers the pointer, so nothing lies over it. */
  readonly layers: readonly Layer[];
  /** Drawn behind the layers; none where the chart is of several runs, whose faults were not the same. */
  readonly faults?: readonly FaultReceipt[];
}

/** Lays marks over an axis of seconds. */
export function composeTimeChart(frame: Frame, { points, rows, layers, faults = [] }: TimeChartParts): Chart {
  const endS = points.reduce((end, point) => Math.max(end, spanS(point).toS), 0);
  const { behind, above } = faultLayers(faults, endS);
  return composeChart(frame, {
    heightPx: 240,
    rows,
    encoding: {
      x: {
        field: 'atS',
        type: 'quantitative',
        scale: { domain: [0, endS], nice: false },
        axis: { title: 'time since the start of the measured window (s)', grid: false, format: '~f' },
      },
    },
    layers: [...behind, ...layers.slice(0, -1), ...above, ...layers.slice(-1)],
  });
}

/** Steps for each series, told apart by colour; those of one kind share their dashes. */
export function stepLayer(series: readonly string[], kinds: readonly string[], y: PositionFieldDef): Layer {
  return {
    mark: { type: 'line', clip: true, interpolate: 'step-after', strokeWidth: 2, invalid: 'break-paths-show-domains' },
    encoding: {
      y,
      color: {
        field: 'series',
        type: 'nominal',
        scale: { domain: [...series] },
        legend: series.length > 1 ? { columns: legendColumns(series), symbolType: 'stroke' } : null,
      },
      strokeDash: {
        field: 'kind',
        type: 'nominal',
        scale: { domain: [...kinds], range: DASHES.slice(0, kinds.length) },
        legend: kinds.length > 1 ? { columns: 2, symbolType: 'stroke' } : null,
      },
    },
  };
}

/** An amount on an axis from zero, up to the largest that the rows hold. */
export function amountFromZero(title: string, rows: readonly Row[]): PositionFieldDef {
  // An axis from zero to zero has no scale.
  const isFlat = rows.every(({ value }) => value === 0 || value === null);
  return {
    field: 'value',
    type: 'quantitative',
    scale: isFlat ? { domain: [0, 1] } : { zero: true, nice: true },
    axis: { title, format: ',~f', tickCount: 6 },
  };
}

const DASHES = [
  [1, 0],
  [6, 3],
];
