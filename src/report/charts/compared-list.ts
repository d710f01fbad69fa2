/**
 * More runs side by side than there are colours: a list, group by group, sorted by what it shows, each run with its name
 * above its mark.
 *
 * @module
 */
import { logAxisMs, logTimes } from './axes.js';
import { composeChart, type Chart, type Frame, type PositionFieldDef, type Row } from './chart.js';
import { COMPARED_TOOLTIP, type ComparedRow } from './compared-rows.js';
import { having, headingLayer, nameLayer, rowAxis, rowName, sayingLayers } from './rows.js';

const ROW_PX = 34;
/** It reads on white and on black. */
const MARK_COLOUR = '#4f8fc0';

/** The rate of each run as a bar, the highest of a group first. */
export function listedRates(frame: Frame, compared: readonly ComparedRow[]): Chart {
  const rows = listed(compared, (a, b) => b.rate - a.rate).map((row) => ({
    ...row,
    said: row['rateText'] ?? null,
    saidShortly: row['rateText'] ?? null,
  }));
  const most = compared.reduce((max, row) => Math.max(max, row.rate), 0);
  const x: PositionFieldDef = {
    field: 'rate',
    type: 'quantitative',
    scale: { domain: [0, most === 0 ? 1 : most], nice: true },
    axis: { title: 'locks acquired per second (1/s)', format: ',~f', tickCount: 6 },
  };
  const length = rows.length;
  return composeChart(sorted(frame, 'the highest'), {
    heightPx: ROW_PX * length,
    rows,
    layers: [
      {
        transform: having('rate'),
        mark: { type: 'rect', clip: true, color: MARK_COLOUR },
        encoding: { x, x2: { datum: 0 }, y: rowAxis('fromY', length), y2: { field: 'toY' }, tooltip: COMPARED_TOOLTIP },
      },
      headingLayer(length),
      nameLayer(length),
      ...sayingLayers(length),
    ],
  });
}

/** Median and 99th percentile of each run, the lowest p99 of a group first. */
export function listedLatencies(frame: Frame, compared: readonly ComparedRow[]): Chart {
  const rows = listed(compared, byLatency).map((row) => ({
    ...row,
    ...(row['timesText'] === undefined
      ? {}
      : {
          said: `${String(row['timesText'])} · ${String(row['successText'])}`,
          saidShortly: row['successText'] ?? null,
        }),
  }));
  const axis = logAxisMs(compared.flatMap(({ p50, p99 }) => [p50, p99].filter((value) => value !== null)));
  const x = (field: string): PositionFieldDef => logTimes(field, 'response time (ms)', axis);
  const length = rows.length;
  const y = rowAxis('middleY', length);
  const mark = { type: 'point', filled: true, opacity: 1, clip: true, color: MARK_COLOUR } as const;
  return composeChart(sorted(frame, 'the lowest p99'), {
    heightPx: ROW_PX * length,
    rows,
    layers: [
      {
        transform: having('p50', 'p99'),
        mark: { type: 'rule', strokeWidth: 2, clip: true, color: MARK_COLOUR },
        encoding: { x: x('p50'), x2: { field: 'p99' }, y },
      },
      {
        transform: having('p50'),
        mark: { ...mark, shape: 'circle', size: 70 },
        encoding: { x: x('p50'), y, tooltip: COMPARED_TOOLTIP },
      },
      {
        transform: having('p99'),
        mark: { ...mark, shape: 'diamond', size: 90 },
        encoding: { x: x('p99'), y, tooltip: COMPARED_TOOLTIP },
      },
      headingLayer(length),
      nameLayer(length),
      ...sayingLayers(length),
    ],
  });
}

function sorted(frame: Frame, first: string): Frame {
  return { ...frame, notes: [...frame.notes, `${first} of each group first`] };
}

/** A p50 is no p99: runs with too few operations for one come last, by their medians. */
function byLatency(a: ComparedRow, b: ComparedRow): number {
  return compareKnown(a.p99, b.p99) || compareKnown(a.p50, b.p50);
}

function compareKnown(a: number | null, b: number | null): number {
  if (a === null || b === null) return Number(a === null) - Number(b === null);
  return a - b;
}

/** A heading for each group, and its runs below it in an order. */
function listed(compared: readonly ComparedRow[], order: (a: ComparedRow, b: ComparedRow) => number): Row[] {
  const groups = [...new Set(compared.map((row) => row.group))];
  const lines = groups.flatMap((group): Row[] => [
    { heading: group },
    ...compared
      .filter((row) => row.group === group)
      .sort(order)
      .map((row) => ({ ...row, name: rowName(row.member) })),
  ]);
  return lines.map((line, index) => ({
    ...line,
    nameY: index + ('heading' in line ? 0.65 : 0.26),
    fromY: index + 0.5,
    middleY: index + 0.68,
    toY: index + 0.86,
  }));
}
