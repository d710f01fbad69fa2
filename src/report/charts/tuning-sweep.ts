/**
 * A setting swept: what was measured at each value, what was predicted, and where the masters' round trips lie.
 *
 * @module
 */
import { nsToMs, formatDurationMs } from '../../model/time.js';
import type { TunePoint, TuneStage, TuningReport } from '../../model/tuning.js';
import { hasQuantile, nameSetting, settingMs } from '../tuning-words.js';
import { logAxisMs, logTimes, placeOn, type LogAxis } from './axes.js';
import { composeChart, emptyChart, type Chart, type Layer, type PositionFieldDef, type Row } from './chart.js';
import { having, textTooltip } from './rows.js';
import {
  bySetting,
  drawnAxis,
  pointTips,
  roledPoints,
  SUCCESS,
  tipNames,
  tuningFrame,
  type RoledPoint,
} from './tuning-frame.js';

const HEIGHT_PX = 280;
const RULE_COLOUR = '#7d8792';
const RECOMMENDED_COLOUR = '#1f9d5b';
const PREDICTED_NOTE = 'predicted: order statistics of the measured round trips, masters taken as independent';
const KINDS = ['measured', 'predicted', 'recommendation, run again', 'left out'] as const;
type Kind = (typeof KINDS)[number];
const DASHES: Readonly<Record<Kind, number[]>> = {
  measured: [1, 0],
  predicted: [4, 3],
  'recommendation, run again': [1, 0],
  'left out': [1, 0],
};
const SHAPES: Readonly<Record<Kind, string>> = {
  measured: 'circle',
  predicted: 'triangle-down',
  'recommendation, run again': 'triangle-up',
  'left out': 'cross',
};

/** The success over the setting, with its interval. */
export function successOverSetting(report: TuningReport, stage: TuneStage): Chart {
  const series = [
    {
      name: 'success',
      measuredOf: SUCCESS.valueOf,
      predictedOf: SUCCESS.predictedOf,
      intervalOf: SUCCESS.intervalOf,
    },
  ];
  return sweepChart(report, stage, {
    name: 'success',
    title: `Success by ${stage.label}`,
    notes: ['bar: 95 % interval (Wilson)'],
    series,
    axisOf: (values) => drawnAxis(SUCCESS, values).field,
  });
}

/** The median and the 99th percentile of the response over the setting. */
export function latencyOverSetting(report: TuningReport, stage: TuneStage): Chart {
  const quantile = (name: string, share: number, key: 'p50Ns' | 'p99Ns'): Series => ({
    name,
    measuredOf: (point) => (hasQuantile(point, share) ? nsToMs(point[key]) : null),
    predictedOf: ({ predicted }) => {
      const ns = predicted?.[key] ?? 0;
      return ns > 0 && Number.isFinite(ns) ? nsToMs(ns) : null;
    },
    intervalOf: () => null,
  });
  return sweepChart(report, stage, {
    name: 'latency',
    title: `Response time by ${stage.label}`,
    notes: ['of what was acquired; what was not stands in the success'],
    series: [quantile('p50', 0.5, 'p50Ns'), quantile('p99', 0.99, 'p99Ns')],
    axisOf: (values) => {
      const axis = logAxisMs(values);
      return (field) => logTimes(field, 'response (ms)', axis);
    },
  });
}

interface Series {
  readonly name: string;
  readonly measuredOf: (point: TunePoint) => number | null;
  readonly predictedOf: (point: TunePoint) => number | null;
  readonly intervalOf: (point: TunePoint) => readonly [number, number] | null;
}

interface Sweep {
  readonly name: string;
  readonly title: string;
  readonly notes: readonly string[];
  readonly series: readonly Series[];
  readonly axisOf: (values: readonly number[]) => (field: string) => PositionFieldDef;
}

type MarkRow = Row & { readonly value: number; readonly low: number | null; readonly high: number | null };

function sweepChart(report: TuningReport, stage: TuneStage, sweep: Sweep): Chart {
  const { series, axisOf, name, title, notes } = sweep;
  const all = roledPoints(report, stage);
  const rows = series.flatMap((each) => all.flatMap((roled) => markRows(report, stage, each, roled)));
  const isPredicted = rows.some((row) => row['kind'] === 'predicted');
  const settings = logAxisMs(bySetting(stage, stage.points).map((point) => settingMs(stage.name, point.settings)));
  const trips = stage.name === 'node-timeout' ? roundTripRows(report, stage, settings) : [];
  const frame = tuningFrame(report, stage, name, title, [
    ...notes,
    ...(isPredicted ? [PREDICTED_NOTE] : []),
    ...(trips.length > 0 ? ['dotted: round trips of the masters within the timeouts that were tried'] : []),
  ]);
  if (rows.length === 0) {
    return emptyChart(
      frame,
      stage.points.length === 0 ? `There is nothing to draw: ${stage.load}.` : 'No point has such a figure.',
    );
  }
  const x = (field: string): PositionFieldDef =>
    logTimes(field, `${stage.label}${stage.name === 'retry' ? ', middle' : ''} (ms)`, settings);
  const y = axisOf(rows.flatMap(({ value, low, high }) => [value, low ?? value, high ?? value]));
  const kinds = KINDS.filter((kind) => rows.some((row) => row['kind'] === kind));
  const names = series.map((each) => each.name);
  const color = {
    field: 'series',
    type: 'nominal',
    scale: { domain: names },
    legend: names.length > 1 ? { symbolType: 'stroke', columns: 3 } : null,
  } as const;
  const marked = {
    color,
    shape: {
      field: 'kind',
      type: 'nominal',
      scale: { domain: kinds, range: kinds.map((kind) => SHAPES[kind]) },
      // The marks have the colour of their line, which this legend does not know.
      legend:
        kinds.length > 1
          ? { columns: 3, symbolOpacity: 1, symbolFillColor: RULE_COLOUR, symbolStrokeColor: RULE_COLOUR }
          : null,
    },
    tooltip: textTooltip(tipNames(stage)),
  } as const;
  return composeChart(frame, {
    heightPx: HEIGHT_PX,
    rows: [...rows, ...trips, ...recommendedRows(stage)],
    layers: [
      ...tripLayers(x),
      ...recommendedLayers(x, isRecommendedRight(stage, settings)),
      {
        transform: having('low'),
        mark: { type: 'rule', strokeWidth: 2, opacity: 0.7, clip: true },
        encoding: { x: x('at'), y: y('low'), y2: { field: 'high' }, color },
      },
      ...(['measured', 'predicted'] as const).map((kind) => ({
        transform: [{ filter: `datum.kind === '${kind}'` }],
        mark: {
          type: 'line',
          strokeWidth: kind === 'measured' ? 2 : 1.5,
          strokeDash: DASHES[kind],
          clip: true,
        } as const,
        encoding: { x: x('at'), y: y('value'), color },
      })),
      {
        transform: [{ filter: `datum.kind === 'measured'` }],
        mark: { type: 'point', filled: true, opacity: 1, size: 64, clip: true },
        encoding: { x: x('at'), y: y('value'), ...marked },
      },
      {
        transform: [{ filter: `isValid(datum.kind) && datum.kind !== 'measured'` }],
        mark: { type: 'point', filled: false, opacity: 1, size: 90, strokeWidth: 1.8, clip: true },
        encoding: { x: x('at'), y: y('value'), ...marked },
      },
    ],
  });
}

function markRows(report: TuningReport, stage: TuneStage, series: Series, roled: RoledPoint): MarkRow[] {
  const { point, role } = roled;
  const [measured, predicted] = [series.measuredOf(point), series.predictedOf(point)];
  const interval = series.intervalOf(point);
  const kind: Kind =
    role === 'confirmation' ? 'recommendation, run again' : role === 'left-out' ? 'left out' : 'measured';
  const shared = {
    series: series.name,
    at: settingMs(stage.name, point.settings),
    ...pointTips(report, stage, roled),
  };
  return [
    ...(measured === null
      ? []
      : [{ ...shared, kind, value: measured, low: interval?.[0] ?? null, high: interval?.[1] ?? null }]),
    ...(predicted === null || kind !== 'measured'
      ? []
      : [{ ...shared, kind: KINDS[1], what: KINDS[1], value: predicted, low: null, high: null }]),
  ];
}

function recommendedRows({ points, recommended, name }: TuneStage): Row[] {
  const point = recommended === null ? undefined : points[recommended];
  if (point === undefined) return [];
  return [
    {
      recommendedAt: settingMs(name, point.settings),
      recommendedLabel: `recommended: ${nameSetting(name, point.settings)}`,
    },
  ];
}

function isRecommendedRight({ points, recommended, name }: TuneStage, axis: LogAxis): boolean {
  const point = recommended === null ? undefined : points[recommended];
  return point !== undefined && placeOn(axis, settingMs(name, point.settings)) > 0.5;
}

/** Its name stands on the side with more room. */
function recommendedLayers(x: (field: string) => PositionFieldDef, isRight: boolean): Layer[] {
  return [
    {
      transform: having('recommendedAt'),
      mark: { type: 'rule', color: RECOMMENDED_COLOUR, strokeWidth: 1.5 },
      encoding: { x: x('recommendedAt') },
    },
    {
      transform: having('recommendedAt'),
      mark: {
        type: 'text',
        align: isRight ? 'right' : 'left',
        baseline: 'bottom',
        dx: isRight ? -5 : 5,
        dy: -5,
        fontSize: 11,
        fontWeight: 'bold',
      },
      encoding: { x: x('recommendedAt'), y: { value: 'height' }, text: { field: 'recommendedLabel', type: 'nominal' } },
    },
  ];
}

/** Each round trip once, with the masters that have it; those outside of what was tried would only stretch the axis. */
function roundTripRows({ network }: TuningReport, { points }: TuneStage, axis: LogAxis): Row[] {
  const timeoutsMs = points.map(({ settings }) => settings.nodeTimeoutMs);
  const [least, most] = [Math.min(...timeoutsMs), Math.max(...timeoutsMs)];
  const distinct = [...new Set(network.roundTrips.map(({ roundTripMs }) => roundTripMs))];
  return distinct
    .filter((ms) => ms >= least && ms <= most)
    .sort((a, b) => a - b)
    .map((ms, index, all) => {
      const previous = all[index - 1];
      const room = placeOn(axis, ms) - (previous === undefined ? 0 : placeOn(axis, previous));
      const masters = network.roundTrips.flatMap(({ roundTripMs }, index) => (roundTripMs === ms ? [index + 1] : []));
      const name = `${masters.length === 1 ? 'master' : 'masters'} ${masters.join(', ')}`;
      return {
        tripAt: ms,
        tripLabel: `${name}: ${formatDurationMs(ms)}`,
        tripShortly: formatDurationMs(ms),
        tripShare: room,
      };
    });
}

/** The whole name where the round trip before it leaves room, else the time alone. */
function tripText(field: string, comparison: '>' | '<=') {
  const test = `width * datum.tripShare ${comparison} 6 * length(datum.tripLabel)`;
  return { condition: { test, field, type: 'nominal' }, value: '' } as const;
}

function tripLayers(x: (field: string) => PositionFieldDef): Layer[] {
  return [
    {
      transform: having('tripAt'),
      mark: { type: 'rule', color: RULE_COLOUR, strokeWidth: 1.5, strokeDash: [2, 3] },
      encoding: { x: x('tripAt') },
    },
    {
      // To the left of its rule: what lies beyond a round trip is what a reader looks at.
      transform: having('tripAt'),
      mark: { type: 'text', align: 'right', baseline: 'bottom', dx: 2, dy: -3, fontSize: 11 },
      encoding: { x: x('tripAt'), y: { value: 0 }, text: tripText('tripLabel', '>') },
    },
    {
      transform: having('tripAt'),
      mark: { type: 'text', align: 'right', baseline: 'bottom', dx: 2, dy: -3, fontSize: 11 },
      encoding: { x: x('tripAt'), y: { value: 0 }, text: tripText('tripShortly', '<=') },
    },
  ];
}
