/**
 * Effects: every contrast on every metric as a ratio with its interval, metric below metric on one axis around 1.
 *
 * @module
 */
import type { Comparison, Contrast, Metric } from '../../model/comparison.js';
import { effectOn, nameContrast, nameInList, sharedBaseline } from '../comparison-words.js';
import {
  describeVerdict,
  formatConfidence,
  formatEffect,
  formatPercent,
  formatPValue,
  VERDICT_WORDS,
  formatRatio,
} from '../effect-words.js';
import { NONE } from '../figures.js';
import { formatMedian } from '../metric-words.js';
import { composeChart, emptyChart, type Chart, type Row } from './chart.js';
import { comparisonFrame } from './comparison-frame.js';
import { ratioAxis, ratios } from './ratio-axis.js';
import { having, headingLayer, nameLayer, rowAxis, rowName, sayingLayers, textTooltip } from './rows.js';
import { VERDICT_MARKS } from './verdict-marks.js';

const ROW_PX = 34;
const BAND_COLOUR = '#8a96a3';
/** A longer list of what decides nothing is left to the tables. */
const MOST_ROWS_BESIDE = 64;

/**
 * The effects that decide. Ratios of odds are often far larger than ratios of times, so they have a chart of their own,
 * where there are any; the first chart always stands, and says why where it is empty.
 *
 * @param notes what else a reader must know of these charts
 */
export function decisiveEffects(comparison: Comparison, notes: readonly string[] = []): Chart[] {
  const compared = comparedMetrics(comparison).filter((metric) => metric.isPrimary);
  const ofTimes = compared.filter((metric) => metric.scale === 'ratio');
  const ofShares = compared.filter((metric) => metric.scale === 'odds');
  return [
    effectsChart(comparison, 'effects', 'What differs, by how much, and how sure that is', ofTimes, notes),
    ...(ofShares.length === 0
      ? []
      : [effectsChart(comparison, 'effects-on-odds', 'Success: ratio of the odds', ofShares, notes)]),
  ];
}

/** The effects that explain and decide nothing; no chart where there are none, or too many to be read. */
export function effectsBeside(comparison: Comparison): Chart[] {
  const compared = comparedMetrics(comparison).filter((metric) => !metric.isPrimary);
  const rows = compared.length * (comparison.contrasts.length + 1);
  if (rows === 0 || rows > MOST_ROWS_BESIDE) return [];
  return [effectsChart(comparison, 'effects-beside', 'What else differs: it explains and decides nothing', compared)];
}

function comparedMetrics({ metrics, contrasts }: Comparison): Metric[] {
  return metrics.filter((metric) => contrasts.some((contrast) => (effectOn(contrast, metric)?.ratio ?? null) !== null));
}

function effectsChart(
  comparison: Comparison,
  name: string,
  title: string,
  compared: readonly Metric[],
  notes: readonly string[] = [],
): Chart {
  const { contrasts, design } = comparison;
  const baseline = sharedBaseline(comparison);
  const frame = comparisonFrame(comparison, name, title, [
    `point: estimate of Hodges and Lehmann over ${design === 'interleaved' ? 'pairs of runs of one round' : 'all pairs of runs'}; line: its ${formatConfidence(comparison)} interval`,
    ...describeBands(compared),
    ...(baseline === undefined ? [] : [`each row: an arm against ${baseline}`]),
    ...(hasNoInterval(comparison, compared) ? ['no line: too few runs for an interval'] : []),
    ...notes,
  ]);
  if (contrasts.length === 0)
    return emptyChart(frame, 'There is nothing to hold an arm against, so there is no effect.');
  if (compared.length === 0)
    return emptyChart(frame, 'No contrast has a pair of runs with a value, so there is no effect.');
  const rows = compared.flatMap((metric, index) =>
    metricRows(comparison, metric, index * (contrasts.length + 1), contrasts),
  );
  const length = compared.length * (contrasts.length + 1);
  const axis = ratioAxis(
    rows.flatMap((row) => [row.ratio, row.low, row.high, row.bandLow, row.bandHigh].filter((each) => each !== null)),
  );
  const isOfOdds = compared.every((metric) => metric.scale === 'odds');
  const x = (field: string) =>
    ratios(field, `${isOfOdds ? 'odds of ' : ''}arm over baseline: 1 is the same, 2 is twice as much`, axis);
  const isDeciding = compared.some((metric) => metric.isPrimary);
  const verdicts = [...new Set(rows.flatMap((row) => row.verdict ?? []))];
  const marks = Object.entries(VERDICT_MARKS)
    .map(([verdict, mark]) => ({
      word: VERDICT_WORDS[verdict as keyof typeof VERDICT_MARKS],
      shape: mark.shape,
      colour: isDeciding ? mark.colour : VERDICT_MARKS['not-compared'].colour,
    }))
    .filter(({ word }) => verdicts.includes(word));
  const colour = {
    field: 'verdict',
    type: 'nominal',
    scale: { domain: marks.map(({ word }) => word), range: marks.map((mark) => mark.colour) },
    legend: { columns: 5 },
  } as const;
  return composeChart(frame, {
    heightPx: ROW_PX * length,
    rows,
    layers: [
      {
        transform: having('bandLow'),
        mark: { type: 'rect', color: BAND_COLOUR, opacity: 0.22, clip: true },
        encoding: {
          x: x('bandLow'),
          x2: { field: 'bandHigh' },
          y: rowAxis('bandY', length),
          y2: { field: 'bandEndY' },
        },
      },
      {
        transform: having('bandLow'),
        mark: { type: 'rule', color: BAND_COLOUR, strokeWidth: 1 },
        encoding: { x: x('one'), y: rowAxis('bandY', length), y2: { field: 'bandEndY' } },
      },
      {
        transform: having('low'),
        mark: { type: 'rule', strokeWidth: 2.5, clip: true },
        encoding: { x: x('low'), x2: { field: 'high' }, y: rowAxis('markY', length), color: colour },
      },
      {
        transform: having('ratio'),
        mark: { type: 'point', filled: true, opacity: 1, size: 64, clip: true },
        encoding: {
          x: x('ratio'),
          y: rowAxis('markY', length),
          color: colour,
          shape: {
            field: 'verdict',
            type: 'nominal',
            scale: { domain: marks.map(({ word }) => word), range: marks.map((mark) => mark.shape) },
            legend: { columns: 5 },
          },
          tooltip: [
            ...textTooltip(['metric', 'contrast', 'baseline', 'arm']),
            { field: 'ratioText', type: 'nominal', title: 'ratio' },
            ...textTooltip(['p', 'p (Holm)', 'pairs', 'verdict']),
          ],
        },
      },
      headingLayer(length),
      nameLayer(length),
      ...sayingLayers(length),
    ],
  });
}

function hasNoInterval({ contrasts }: Comparison, metrics: readonly Metric[]): boolean {
  return contrasts.some((contrast) =>
    metrics.some((metric) => {
      const effect = effectOn(contrast, metric);
      return effect !== undefined && effect.ratio !== null && effect.low === null;
    }),
  );
}

/** One sentence where all metrics share their smallest difference. */
function describeBands(metrics: readonly Metric[]): string[] {
  if (metrics.length === 0) return [];
  const ofOdds = metrics.every((metric) => metric.scale === 'odds') ? ' of the odds' : '';
  const sizes = [...new Set(metrics.map((metric) => metric.minEffect))].sort((a, b) => a - b);
  const named = sizes.map((size) => {
    const labels = metrics.filter((metric) => metric.minEffect === size).map((metric) => metric.label);
    return sizes.length === 1 ? `${formatPercent(size)}${ofOdds}` : `${formatPercent(size)} for ${labels.join(', ')}`;
  });
  return [`shaded: too small to matter, up to ${named.join('; ')}`];
}

type EffectRow = Row & {
  readonly ratio: number | null;
  readonly low: number | null;
  readonly high: number | null;
  readonly bandLow: number | null;
  readonly bandHigh: number | null;
  readonly verdict: string | null;
};

/** A heading with the band of what is too small to matter, and a row for each contrast. */
function metricRows(comparison: Comparison, metric: Metric, top: number, contrasts: readonly Contrast[]): EffectRow[] {
  const { label, better, scale } = metric;
  const heading: EffectRow = {
    nameY: top + 0.65,
    heading: `${label}${scale === 'odds' ? ' (odds)' : ''} · ${better === 'higher' ? 'better →' : '← better'}`,
    ratio: null,
    low: null,
    high: null,
    bandLow: null,
    bandHigh: null,
    verdict: null,
  };
  return [heading, ...contrasts.map((contrast, index) => effectRow(comparison, metric, contrast, top + 1 + index))];
}

function effectRow(comparison: Comparison, metric: Metric, contrast: Contrast, top: number): EffectRow {
  const effect = effectOn(contrast, metric);
  const { label } = nameContrast(comparison, contrast);
  const [baseline, arm] = [contrast.baseline, contrast.arm].map((place) =>
    formatMedian(metric, comparison.arms[place]),
  );
  const word = VERDICT_WORDS[effect?.verdict ?? 'not-compared'];
  const figures = effect === undefined ? '' : formatEffect(effect, metric);
  // A ratio of odds alone tells nobody how many locks were acquired.
  const shares = `${baseline ?? ''} → ${arm ?? ''}, odds ${figures} · ${word}`;
  return {
    nameY: top + 0.26,
    markY: top + 0.7,
    name: rowName(nameInList(comparison, contrast)),
    said:
      effect === undefined || effect.ratio === null
        ? word
        : metric.scale === 'odds'
          ? shares
          : `${figures} · ${describeVerdict(effect, metric)}`,
    saidShortly: word,
    ratio: effect?.ratio ?? null,
    low: effect?.low ?? null,
    high: effect?.high ?? null,
    // Beside the text above it a band would be hard to read through.
    bandY: top + 0.46,
    bandEndY: top + 0.94,
    one: 1,
    bandLow: 1 / (1 + metric.minEffect),
    bandHigh: 1 + metric.minEffect,
    verdict: word,
    metric: metric.label,
    contrast: label,
    baseline: baseline ?? '',
    arm: arm ?? '',
    ratioText: effect === undefined || effect.ratio === null ? NONE : formatRatio(effect.ratio, metric),
    'p (Holm)': formatPValue(effect?.adjustedPValue ?? null),
    p: formatPValue(effect?.pValue ?? null),
    pairs: effect?.pairs ?? 0,
  };
}
