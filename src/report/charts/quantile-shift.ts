/**
 * Where a distribution moved: the head's quantiles over those of the base, with intervals over the rounds.
 *
 * @module
 */
import type { Comparison, MetricName } from '../../model/comparison.js';
import { runsIn } from '../arm-figures.js';
import { effectOn } from '../comparison-words.js';
import { formatConfidence, formatEffect, formatPercent } from '../effect-words.js';
import { formatMedian } from '../metric-words.js';
import { composeChart, emptyChart, type Chart, type Row } from './chart.js';
import { comparedLatencyNotes, comparisonFrame } from './comparison-frame.js';
import { ratioAxis, ratios } from './ratio-axis.js';
import { having, textTooltip } from './rows.js';

const QUANTILES: readonly { readonly name: MetricName; readonly label: string }[] = [
  { name: 'responseP50', label: 'p50' },
  { name: 'responseP90', label: 'p90' },
  { name: 'responseP99', label: 'p99' },
  { name: 'responseP999', label: 'p99.9' },
];
/** Both read on white and on black. */
const ROUND_COLOUR = '#8a96a3';
const SHIFT_COLOUR = '#e06000';
const HEIGHT_PX = 300;

/** The shift of the response time from the first arm to the second, quantile by quantile. */
export function quantileShift(comparison: Comparison): Chart {
  const points = QUANTILES.flatMap((quantile) => pointOf(comparison, quantile));
  const rounds = roundRows(comparison);
  const frame = comparisonFrame(comparison, 'quantile-shift', 'Where the response time moved: head over base', [
    `point: estimate of Hodges and Lehmann; band and line: its ${formatConfidence(comparison)} interval`,
    ...(rounds.length > 0 ? ['thin lines: single rounds'] : []),
    'shaded across: too small to count, where the percentile decides; below 1 head is faster',
    ...(points.length === 0 ? [] : missingNote(points)),
    ...comparedLatencyNotes(comparison),
  ]);
  if (points.length === 0) return emptyChart(frame, 'No percentile has a value on both sides, so there is no shift.');
  const rows: Row[] = [...points, ...rounds];
  const axis = ratioAxis(
    rows.flatMap((row) =>
      ['ratio', 'low', 'high', 'bandLow', 'bandHigh', 'roundRatio'].flatMap((field) => {
        const value = row[field];
        return typeof value === 'number' ? [value] : [];
      }),
    ),
  );
  const y = (field: string) => ratios(field, 'head over base (1 = the same)', axis);
  const x = {
    field: 'quantile',
    type: 'ordinal',
    scale: { type: 'point', domain: points.map(({ quantile }) => quantile), padding: 0.5 },
    axis: { title: 'percentile of the response time', labelAngle: 0, grid: false },
  } as const;
  return composeChart(frame, {
    heightPx: HEIGHT_PX,
    rows,
    encoding: { x },
    layers: [
      {
        transform: having('bandLow'),
        mark: { type: 'bar', color: ROUND_COLOUR, opacity: 0.18, size: 64, clip: true },
        encoding: { y: y('bandLow'), y2: { field: 'bandHigh' } },
      },
      {
        data: { values: [{ one: 1 }] },
        mark: { type: 'rule', color: ROUND_COLOUR, strokeWidth: 1 },
        // One rule over the whole width, which no percentile has a place on.
        encoding: { x: { value: 0 }, x2: { value: 'width' }, y: y('one') },
      },
      {
        transform: having('roundRatio'),
        mark: { type: 'line', color: ROUND_COLOUR, strokeWidth: 1, opacity: 0.6, clip: true },
        encoding: { y: y('roundRatio'), detail: { field: 'round', type: 'nominal' } },
      },
      {
        transform: having('low'),
        mark: { type: 'area', color: SHIFT_COLOUR, opacity: 0.16, clip: true },
        encoding: { y: y('low'), y2: { field: 'high' } },
      },
      {
        transform: having('low'),
        mark: { type: 'rule', color: SHIFT_COLOUR, strokeWidth: 2.5, clip: true },
        encoding: { y: y('low'), y2: { field: 'high' } },
      },
      {
        transform: having('ratio'),
        mark: { type: 'line', color: SHIFT_COLOUR, strokeWidth: 2, clip: true },
        encoding: { y: y('ratio') },
      },
      {
        transform: having('ratio'),
        mark: { type: 'point', color: SHIFT_COLOUR, filled: true, opacity: 1, size: 80, clip: true },
        encoding: { y: y('ratio'), tooltip: textTooltip(['percentile', 'base', 'head', 'head over base', 'pairs']) },
      },
    ],
  });
}

type PointRow = Row & { readonly quantile: string };

function pointOf(comparison: Comparison, { name, label }: (typeof QUANTILES)[number]): PointRow[] {
  const contrast = comparison.contrasts[0];
  const metric = comparison.metrics.find((each) => each.name === name);
  if (contrast === undefined || metric === undefined) return [];
  const effect = effectOn(contrast, metric);
  if (effect === undefined || effect.ratio === null) return [];
  return [
    {
      quantile: label,
      ratio: effect.ratio,
      low: effect.low,
      high: effect.high,
      bandLow: metric.isPrimary ? 1 / (1 + metric.minEffect) : null,
      bandHigh: metric.isPrimary ? 1 + metric.minEffect : null,
      percentile: metric.isPrimary ? `${label}, decides from ${formatPercent(metric.minEffect)} on` : label,
      base: formatMedian(metric, comparison.arms[contrast.baseline]),
      head: formatMedian(metric, comparison.arms[contrast.arm]),
      'head over base': formatEffect(effect, metric),
      pairs: effect.pairs,
    },
  ];
}

/** The quotients of the runs that were made in one round; none for stored runs. */
function roundRows({ arms, contrasts }: Comparison): Row[] {
  const [arm, baseline] = [arms[contrasts[0]?.arm ?? -1], arms[contrasts[0]?.baseline ?? -1]];
  if (arm === undefined || baseline === undefined) return [];
  return runsIn(arm).flatMap(({ round, metrics }) => {
    const partner = round === null ? undefined : runsIn(baseline).find((run) => run.round === round);
    return QUANTILES.flatMap(({ name, label }): Row[] => {
      const [of, against] = [metrics[name], partner?.metrics[name] ?? null];
      if (of === null || against === null || against === 0) return [];
      return [{ quantile: label, round, roundRatio: of / against }];
    });
  });
}

function missingNote(points: readonly PointRow[]): string[] {
  const missing = QUANTILES.filter(({ label }) => points.every(({ quantile }) => quantile !== label));
  return missing.length === 0 ? [] : [`${missing.map(({ label }) => label).join(', ')}: too few records to tell`];
}
