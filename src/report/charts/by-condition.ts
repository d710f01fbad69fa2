/**
 * What becomes of a metric as a condition changes: rates over clients, for each lock and each hold.
 *
 * @module
 */
import type { Arm, Comparison, Factor, Metric } from '../../model/comparison.js';
import { runsIn, spreadOf, valuesOf } from '../arm-figures.js';
import { formatMetric } from '../comparison-words.js';
import { composeChart, emptyChart, legendColumns, type Chart, type PositionFieldDef, type Row } from './chart.js';
import { comparedLatencyNotes, comparisonFrame } from './comparison-frame.js';
import { inAxisUnit, metricAxis, metricFileName } from './metric-axis.js';
import { textTooltip } from './rows.js';

/** Charts of the primary metrics over the condition with the most levels; none where nothing but the arms varied. */
export function conditionCharts(comparison: Comparison): Chart[] {
  const conditions = comparison.factors.filter((factor) => factor.isCondition && factor.levels.length > 1);
  const [first, ...others] = [...conditions].sort((a, b) => b.levels.length - a.levels.length);
  if (first === undefined) return [];
  return comparison.metrics
    .filter((metric) => metric.isPrimary)
    .map((metric) => conditionChart(comparison, metric, first, others));
}

const DASHES = [
  [1, 0],
  [7, 3],
  [2, 2],
  [9, 3, 2, 3],
  [1, 4],
  [12, 4],
];

function conditionChart(comparison: Comparison, metric: Metric, x: Factor, others: readonly Factor[]): Chart {
  const name = `by-${x.name.replaceAll(/[^a-z0-9]+/gi, '-')}-${metricFileName(metric)}`;
  const frame = comparisonFrame(comparison, name, `${metric.label} by ${x.name}`, [
    'point: median of the runs that are in; line through them for the eye',
    ...(metric.unit === 'ns' ? comparedLatencyNotes(comparison) : []),
  ]);
  const rows = comparison.arms.flatMap((arm) => conditionRow(comparison, arm, metric, x, others) ?? []);
  if (rows.length === 0) return emptyChart(frame, `No run has a value of ${metric.label}.`);
  const series = [...new Set(rows.map((row) => row.series))];
  const kinds = [...new Set(rows.map((row) => row.kind))];
  const y: PositionFieldDef = metricAxis(
    'value',
    metric,
    rows.map((row) => row.value),
  );
  return composeChart(frame, {
    heightPx: 320,
    rows,
    encoding: {
      x: { field: 'level', type: 'ordinal', sort: [...x.levels], axis: { title: x.name, labelAngle: 0, grid: false } },
      y,
      color: {
        field: 'series',
        type: 'nominal',
        scale: { domain: series },
        legend: { columns: legendColumns(series), symbolType: 'stroke' },
      },
    },
    layers: [
      {
        mark: { type: 'line', clip: true, strokeWidth: 2 },
        encoding: {
          strokeDash: {
            field: 'kind',
            type: 'nominal',
            scale: { domain: kinds, range: kinds.map((_, index) => DASHES[index % DASHES.length] ?? [1, 0]) },
            legend: others.length === 0 ? null : { columns: legendColumns(kinds), symbolType: 'stroke' },
          },
        },
      },
      {
        mark: { type: 'point', filled: true, opacity: 1, size: 40, clip: true },
        encoding: { tooltip: textTooltip(['arm', metric.label, 'least', 'most']) },
      },
    ],
  });
}

type ConditionRow = Row & {
  readonly series: string;
  readonly kind: string;
  readonly value: number;
};

function conditionRow(
  { factors }: Comparison,
  arm: Arm,
  metric: Metric,
  x: Factor,
  others: readonly Factor[],
): ConditionRow | undefined {
  const spread = spreadOf(valuesOf(runsIn(arm), metric.name));
  const value = inAxisUnit(metric, spread?.median);
  if (spread === undefined || value === null) return undefined;
  const levelsOf = (chosen: readonly Factor[]): string =>
    chosen.map((factor) => `${factor.name} ${arm.levels[factor.name] ?? ''}`).join(', ');
  const compared = levelsOf(factors.filter((factor) => !factor.isCondition && factor.levels.length > 1)) || 'all';
  return {
    level: arm.levels[x.name] ?? '',
    series: arm.isUnsafe ? `${compared} (unsafe)` : compared,
    kind: levelsOf(others) || 'all',
    value,
    arm: arm.name,
    [metric.label]: formatMetric(metric, spread.median),
    least: formatMetric(metric, spread.least),
    most: formatMetric(metric, spread.most),
  };
}
