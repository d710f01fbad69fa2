/**
 * Noise floors as bars: how much a metric differs from itself, and the smallest change that can be found above it.
 *
 * @module
 */
import type { Calibration } from '../../model/gate.js';
import {
  describeStability,
  floorRows,
  formatDetectable,
  formatFloor,
  formatScatter,
  nameFloor,
  type FloorRow,
} from '../calibration-words.js';
import { formatPercent } from '../effect-words.js';
import { composeChart, emptyChart, type Chart, type PositionFieldDef, type Row } from './chart.js';
import { comparisonFrame } from './comparison-frame.js';
import { having, nameLayer, rowAxis, sayingLayers, textTooltip } from './rows.js';

const ROW_PX = 46;
const KINDS = ['noise floor', 'smallest change found'] as const;
/** Both read on white and on black. */
const COLOURS = ['#4f8fc0', '#e06000'];
const LIMIT_COLOUR = '#9b3bff';

/** The metrics that decide, those whose odds are compared by themselves, and the others; each where it has a floor. */
export function noiseFloors(calibration: Calibration): Chart[] {
  const rows = floorRows(calibration).filter(({ floor }) => floor.halfWidth !== null);
  const deciding = rows.filter(({ floor, metric }) => floor.isPrimary && metric.scale === 'ratio');
  const odds = rows.filter(({ metric }) => metric.scale === 'odds');
  const beside = rows.filter(({ floor, metric }) => !floor.isPrimary && metric.scale === 'ratio');
  return [
    noiseChart(calibration, 'noise-floors', 'What can be found on this machine, and what cannot', deciding),
    ...(odds.length === 0 ? [] : [noiseChart(calibration, 'noise-floors-of-odds', 'Success: noise of the odds', odds)]),
    ...(beside.length === 0
      ? []
      : [noiseChart(calibration, 'noise-floors-beside', 'Noise of what decides nothing', beside)]),
  ];
}

function noiseChart(calibration: Calibration, name: string, title: string, shown: readonly FloorRow[]): Chart {
  const frame = comparisonFrame(calibration.comparison, name, title, [
    'blue: half of the 95 % interval of A over A; orange: the change that as many rounds find four times of five',
    'tick: the smallest difference that counts by itself; a gate counts from twice the noise floor on where that is more',
  ]);
  if (shown.length === 0) return emptyChart(frame, 'Too few rounds for an interval, so there is no noise floor.');
  const rows = shown.flatMap((row, index) => rowsOf(row, index));
  const most = rows.reduce((max, { to, limit }) => Math.max(max, to ?? 0, limit ?? 0), 0);
  const x = (field: string): PositionFieldDef => ({
    field,
    type: 'quantitative',
    scale: { domain: [0, most * 1.04], nice: false },
    axis: { title: 'change, as a share of the value', format: '.3~%', tickCount: 6 },
  });
  const length = shown.length;
  const tooltip = textTooltip(['metric', ...KINDS, 'run to run', 'rounds', 'verdict']);
  return composeChart(frame, {
    heightPx: ROW_PX * length,
    rows,
    layers: [
      {
        transform: having('to'),
        mark: { type: 'rect', clip: true },
        encoding: {
          x: x('zero'),
          x2: { field: 'to' },
          y: rowAxis('fromY', length),
          y2: { field: 'toY' },
          color: {
            field: 'kind',
            type: 'nominal',
            scale: { domain: [...KINDS], range: COLOURS },
            legend: { columns: 2, symbolType: 'square' },
          },
          tooltip,
        },
      },
      {
        transform: having('limit'),
        mark: { type: 'rule', strokeWidth: 2.5, color: LIMIT_COLOUR, clip: true },
        encoding: { x: x('limit'), y: rowAxis('fromY', length), y2: { field: 'toY' } },
      },
      nameLayer(length),
      ...sayingLayers(length),
    ],
  });
}

type FloorMark = Row & { readonly to?: number | null; readonly limit?: number };

/** The name with what is said of it, a bar for either kind, and the tick across both. */
function rowsOf(row: FloorRow, top: number): FloorMark[] {
  const { floor, metric } = row;
  const said = `noise ${formatFloor(row)} · finds ${formatDetectable(row)}`;
  const stability = describeStability(row).text;
  const texts = {
    metric: nameFloor(row),
    [KINDS[0]]: formatFloor(row),
    [KINDS[1]]: formatDetectable(row),
    'run to run': formatScatter(row),
    rounds: String(floor.rounds),
    verdict: stability,
  };
  const bar = (kind: number, to: number | null): FloorMark => ({
    ...texts,
    kind: KINDS[kind] ?? '',
    zero: 0,
    to,
    fromY: top + (kind === 0 ? 0.44 : 0.66),
    toY: top + (kind === 0 ? 0.64 : 0.86),
  });
  return [
    {
      nameY: top + 0.24,
      name: nameFloor(row),
      said: floor.isStable ? said : `${said} · ${stability}`,
      saidShortly: formatDetectable(row),
    },
    bar(0, floor.halfWidth),
    bar(1, floor.smallestDetectable),
    { limit: metric.minEffect, fromY: top + 0.4, toY: top + 0.9, counts: formatPercent(metric.minEffect) },
  ];
}
