/**
 * Runs side by side: N=1, 3 and 5, contended and uncontended.
 *
 * @module
 */
import type { RunResult } from '../../model/result.js';
import { LOWER_BOUND_NOTE } from '../metric-words.js';
import { logAxisMs, logTimes } from './axes.js';
import {
  composeChart,
  emptyChart,
  frameOf,
  latencyNotes,
  legendColumns,
  type Chart,
  type LayeredSpec,
  type PositionFieldDef,
} from './chart.js';
import { listedLatencies, listedRates } from './compared-list.js';
import { COMPARED_TOOLTIP, comparedRows, membersOf, type ComparedRow } from './compared-rows.js';
import { isCrowd } from './many-series.js';

const ROW_PX = 36;
const LINE_PX = 15;

/** The rate of acquisitions of each run. */
export function comparedRates(results: readonly RunResult[]): Chart {
  const rows = comparedRows(results);
  const most = results.reduce((max, result) => Math.max(max, result.acquire.ratePerSecond), 0);
  const isBounded = results.some((result) => result.health.isRateLowerBound);
  const frame = frameOf(
    results,
    'compared-rates',
    'Locks acquired per second, side by side',
    isBounded ? [LOWER_BOUND_NOTE] : [],
  );
  if (isCrowd(membersOf(rows).length)) return listedRates(frame, rows);
  return composeChart(frame, {
    heightPx: heightOf(rows),
    rows,
    encoding: placesOf(rows),
    layers: [
      {
        mark: { type: 'bar' },
        encoding: {
          x: {
            field: 'rate',
            type: 'quantitative',
            // Room for the figure at the end of the longest bar.
            scale: { domain: [0, most === 0 ? 1 : most * 1.35], nice: false },
            axis: { title: 'locks acquired per second (1/s)', format: ',~f', tickCount: 6 },
          },
          color: memberColour(rows),
          tooltip: COMPARED_TOOLTIP,
        },
      },
      {
        mark: { type: 'text', align: 'left', dx: 5, fontSize: 11 },
        encoding: { x: { field: 'rate', type: 'quantitative' }, text: { field: 'rateText', type: 'nominal' } },
      },
    ],
  });
}

/** Median and 99th percentile of the response time of each run, with the share that succeeded beside them. */
export function comparedLatencies(results: readonly RunResult[]): Chart {
  const rows = comparedRows(results);
  const frame = frameOf(results, 'compared-latencies', 'Response time, side by side', [
    'circle p50, diamond p99; on the right the share of operations that acquired',
    ...latencyNotes(results),
  ]);
  const known = rows.flatMap(({ p50, p99 }) => [p50, p99].filter((value) => value !== null));
  if (known.length === 0) return emptyChart(frame, 'No acquisition succeeded, so there is no latency to show.');
  if (isCrowd(membersOf(rows).length)) return listedLatencies(frame, rows);
  const axis = logAxisMs(known);
  const x = (field: string): PositionFieldDef => logTimes(field, 'response time (ms)', axis);
  return composeChart(frame, {
    heightPx: heightOf(rows),
    rows,
    encoding: { ...placesOf(rows), tooltip: COMPARED_TOOLTIP },
    layers: [
      {
        mark: { type: 'rule', strokeWidth: 2, clip: true },
        encoding: { x: x('p50'), x2: { field: 'p99' }, color: memberColour(rows) },
      },
      {
        mark: { type: 'point', shape: 'circle', filled: true, opacity: 1, size: 90, clip: true },
        encoding: { x: x('p50'), color: memberColour(rows) },
      },
      {
        mark: { type: 'point', shape: 'diamond', filled: true, opacity: 1, size: 110, clip: true },
        encoding: { x: x('p99'), color: memberColour(rows) },
      },
      {
        mark: { type: 'text', align: 'right', fontSize: 11, dx: -2, dy: -13 },
        encoding: { x: { value: 'width' }, text: { field: 'successText', type: 'nominal' } },
      },
    ],
  });
}

/** Groups on the axis, members as offsets within them: one view, so that a page can still give it any width. */
function placesOf(rows: readonly ComparedRow[]): NonNullable<LayeredSpec['encoding']> {
  return {
    y: {
      field: 'group',
      type: 'nominal',
      sort: null,
      scale: { paddingInner: 0.2, paddingOuter: 0.15 },
      axis: { title: null, ticks: false, domain: false, labelLimit: 0, labelExpr: "split(datum.label, ', ')" },
    },
    yOffset: { field: 'member', type: 'nominal', sort: null, scale: { domain: membersOf(rows), paddingInner: 0.1 } },
  };
}

/** Every group is as high as the largest needs for its members, and the longest for the lines of its label. */
function heightOf(rows: readonly ComparedRow[]): number {
  const groups = [...new Set(rows.map((row) => row.group))];
  const lines = groups.reduce((most, group) => Math.max(most, group.split(', ').length), 0);
  return groups.length * Math.max(ROW_PX * (membersOf(rows).length + 0.5), LINE_PX * (lines + 1));
}

function memberColour(rows: readonly ComparedRow[]) {
  return {
    field: 'member',
    type: 'nominal',
    scale: { domain: membersOf(rows) },
    legend: { columns: legendColumns(membersOf(rows)), symbolType: 'square' },
  } as const;
}
