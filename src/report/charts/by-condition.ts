/**
 * What becomes of a metric as a condition changes: rates over clients, for each lock and each hold.
 *
 * @module
 */
import type { Arm, Comparison, Factor, Metric } from '../../model/comparison.js';
import { runsIn, spreadOf, valuesOf } from '../arm-figures.js';
import { formatFound, isLowerBound, LOWER_BOUND_NOTE } from '../metric-words.js';
import {
  composeChart,
  emptyChart,
  legendColumns,
  type Chart,
  type Layer,
  type PositionFieldDef,
  type Row,
} from './chart.js';
import { comparedLatencyNotes, comparisonFrame } from './comparison-frame.js';
import { inAxisUnit, metricAxis, metricFileName } from './metric-axis.js';
import { textTooltip } from './rows.js';
import { SERIES_DASHES, SERIES_SHAPES } from './theme.js';

/** Charts of the primary metrics over the condition with the most levels; none where nothing but the arms varied. */
export function conditionCharts(comparison: Comparison): Chart[] {
  const conditions = comparison.factors.filter((factor) => factor.isCondition && factor.levels.length > 1);
  // Named scenarios have no order, so nothing is drawn over them where something else can be.
  const [first, ...others] = [...conditions].sort(
    (a, b) => Number(hasNoOrder(a)) - Number(hasNoOrder(b)) || b.levels.length - a.levels.length,
  );
  if (first === undefined) return [];
  return comparison.metrics
    .filter((metric) => metric.isPrimary)
    .map((metric) => conditionChart(comparison, metric, first, others));
}

function hasNoOrder({ name }: Factor): boolean {
  return name === 'scenario';
}

function conditionChart(comparison: Comparison, metric: Metric, x: Factor, others: readonly Factor[]): Chart {
  const name = `by-${x.name.replaceAll(/[^a-z0-9]+/gi, '-')}-${metricFileName(metric)}`;
  const isJoined = !hasNoOrder(x);
  const frame = comparisonFrame(comparison, name, `${metric.label} by ${x.name}`, [
    `point: median of the runs that are in${isJoined ? '; line through them for the eye' : ''}`,
    ...(comparison.arms.some((arm) => isLowerBound(metric, runsIn(arm))) ? [LOWER_BOUND_NOTE] : []),
    ...(metric.unit === 'ns' ? comparedLatencyNotes(comparison) : []),
  ]);
  const rows = comparison.arms.flatMap((arm) => conditionRow(comparison, arm, metric, x, others) ?? []);
  if (rows.length === 0) return emptyChart(frame, `No run has a value of ${metric.label}.`);
  const series = [...new Set(rows.map((row) => row.series))];
  // With one condition the dashes have nothing else to say, so they tell the series apart like the colours.
  const dashed = others.length === 0 ? 'series' : 'kind';
  const dashes = [...new Set(rows.map((row) => row[dashed]))];
  // The outline of a symbol would be drawn in the dashes of its line.
  const legend = { columns: legendColumns(series), symbolStrokeWidth: 0 };
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
        legend,
      },
    },
    layers: [
      ...(isJoined ? [lineLayer(dashed, dashes)] : []),
      {
        mark: { type: 'point', filled: true, opacity: 1, size: 60, clip: true },
        encoding: {
          shape: {
            field: 'series',
            type: 'nominal',
            scale: {
              domain: series,
              range: series.map((_, index) => SERIES_SHAPES[index % SERIES_SHAPES.length] ?? 'circle'),
            },
            legend,
          },
          tooltip: textTooltip(['arm', metric.label, 'least', 'most']),
        },
      },
    ],
  });
}

function lineLayer(field: string, values: readonly string[]): Layer {
  return {
    mark: { type: 'line', clip: true, strokeWidth: 2 },
    encoding: {
      strokeDash: {
        field,
        type: 'nominal',
        scale: {
          domain: [...values],
          range: values.map((_, index) => SERIES_DASHES[index % SERIES_DASHES.length] ?? [1, 0]),
        },
        legend: {
          columns: legendColumns(values),
          ...(field === 'kind' ? { symbolType: 'stroke' } : { symbolStrokeWidth: 0 }),
        },
      },
    },
  };
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
  const runs = runsIn(arm);
  const spread = spreadOf(valuesOf(runs, metric.name));
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
    [metric.label]: formatFound(metric, runs, spread.median),
    least: formatFound(metric, runs, spread.least),
    most: formatFound(metric, runs, spread.most),
  };
}
