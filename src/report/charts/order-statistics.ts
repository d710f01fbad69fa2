/**
 * N masters beside what order statistics predict from one: what a quorum buys, and what waiting for all would cost.
 *
 * @module
 */
import type { Comparison, QuorumPrediction } from '../../model/comparison.js';
import { masterCount } from '../../model/scenario.js';
import { nsToMs } from '../../model/time.js';
import { nameArm } from '../comparison-words.js';
import { logAxisMs, logTimes } from './axes.js';
import { composeChart, type Chart, type PositionFieldDef, type Row } from './chart.js';
import { comparisonFrame } from './comparison-frame.js';

/** One chart for each arm on one master that others were predicted from; none where nothing was predicted. */
export function orderStatisticsCharts(comparison: Comparison): Chart[] {
  const sources = [...new Set(comparison.predictions.map((prediction) => prediction.from))];
  return sources.map((from, index) =>
    orderStatisticsChart(
      comparison,
      from,
      sources.length === 1 ? 'order-statistics' : `order-statistics-${String(index + 1)}`,
    ),
  );
}

const KINDS = ['measured', 'predicted, quorum-th answer', 'predicted, waiting for all'] as const;
const DASHES = [
  [1, 0],
  [6, 3],
  [1, 3],
];
const SIDE_ROOM = 0.35;

function orderStatisticsChart(comparison: Comparison, from: number, name: string): Chart {
  const { arms, predictions } = comparison;
  const source = arms[from];
  const title = `N masters against order statistics: ${source === undefined ? '' : nameArm(source)}`;
  const isLocal = source?.scenario.endpoints.length === 0;
  const frame = comparisonFrame(comparison, name, title, [
    'predicted: N masters asked all at once, each with the service times of the arm on one master',
    'measured and predicted for every run, then the median of the runs',
    `masters are taken as independent, but share ${isLocal ? 'one client and one machine' : 'one client'}, so N of them are slower than that`,
  ]);
  const rows = predictions
    .filter((prediction) => prediction.from === from)
    .flatMap((prediction) => predictionRows(comparison, prediction));
  const counts = [...new Set(rows.map((row) => row.n))].sort((a, b) => a - b);
  const quantiles = [...new Set(rows.map((row) => row.quantile))];
  const x: PositionFieldDef = {
    field: 'n',
    type: 'quantitative',
    scale: { domain: [(counts[0] ?? 1) - SIDE_ROOM, (counts.at(-1) ?? 1) + SIDE_ROOM], nice: false, zero: false },
    axis: { title: 'masters (N)', values: counts, format: 'd', grid: false },
  };
  const colour = {
    field: 'quantile',
    type: 'nominal',
    scale: { domain: quantiles },
    legend: { columns: 3, symbolType: 'stroke' },
  } as const;
  const tooltip = [
    { field: 'quantile', type: 'nominal', title: 'percentile' },
    { field: 'kind', type: 'nominal', title: 'time' },
    { field: 'n', type: 'quantitative', title: 'N' },
    { field: 'ms', type: 'quantitative', title: 'ms', format: '.4~g' },
  ] as const;
  return composeChart(frame, {
    heightPx: 300,
    rows,
    encoding: { x, y: logTimes('ms', 'service time (ms)', logAxisMs(rows.map((row) => row.ms))), color: colour },
    layers: [
      {
        mark: { type: 'line', clip: true, strokeWidth: 2 },
        encoding: {
          strokeDash: {
            field: 'kind',
            type: 'nominal',
            scale: { domain: [...KINDS], range: DASHES },
            legend: { columns: 3, symbolType: 'stroke' },
          },
        },
      },
      {
        transform: [{ filter: `datum.kind === '${KINDS[0]}'` }],
        mark: { type: 'point', filled: true, opacity: 1, size: 80, clip: true },
        encoding: { tooltip: [...tooltip] },
      },
      {
        transform: [{ filter: `datum.kind !== '${KINDS[0]}'` }],
        mark: { type: 'point', filled: false, opacity: 1, size: 40, strokeWidth: 1.5, clip: true },
        encoding: { tooltip: [...tooltip] },
      },
    ],
  });
}

type PredictionRow = Row & { readonly n: number; readonly ms: number; readonly quantile: string };

function predictionRows({ arms }: Comparison, prediction: QuorumPrediction): PredictionRow[] {
  const { arm, quantile, measuredNs, predictedNs, waitForAllNs } = prediction;
  const scenario = arms[arm]?.scenario;
  if (scenario === undefined) return [];
  return [measuredNs, predictedNs, waitForAllNs].map((ns, index) => ({
    n: masterCount(scenario),
    ms: nsToMs(ns),
    quantile: `p${String(Number((quantile * 100).toPrecision(6)))}`,
    kind: KINDS[index] ?? '',
  }));
}
