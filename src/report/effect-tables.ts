/**
 * The effects of a comparison as tables for the terminal, as wide as it allows.
 *
 * @module
 */
import type { Comparison, Contrast, Effect, Metric } from '../model/comparison.js';
import { formatThings } from '../model/figure-text.js';
import { effectOn, nameContrast, orderedMetrics } from './comparison-words.js';
import {
  BESIDE,
  describeVerdict,
  formatConfidence,
  formatEffect,
  formatPValue,
  formatRatio,
  verdictEmphasis,
  VERDICT_WORDS,
} from './effect-words.js';
import { NONE, wrap } from './figures.js';
import { formatMedian } from './metric-words.js';
import { alignColumns, paint, widthOf, type Cell, type Style } from './style.js';
import { header } from './summary-tables.js';

/** With more contrasts than these a terminal shows only what decides. */
const MOST_WHOLE_CONTRASTS = 4;
/** With more than these, only one row for each. */
const MOST_TABLED_CONTRASTS = 12;

/** One table for each contrast, those of a factor together, all with the same columns. */
export function effectLines(comparison: Comparison, style: Style): string[] {
  const { contrasts, factors } = comparison;
  if (contrasts.length === 0) return [paint(style, 'faint', 'effects: nothing to hold an arm against'), ''];
  if (contrasts.length > MOST_TABLED_CONTRASTS) return overviewLines(comparison, style);
  const isWhole = contrasts.length <= MOST_WHOLE_CONTRASTS;
  const shown = orderedMetrics(comparison).filter(
    (metric) =>
      metric.isPrimary ||
      (isWhole && contrasts.some((contrast) => (effectOn(contrast, metric)?.ratio ?? null) !== null)),
  );
  const deciding = shown.filter((metric) => metric.isPrimary).length;
  const hidden = comparison.metrics.length - shown.length;
  const ordered = factors.flatMap(({ name }) => contrasts.filter((contrast) => contrast.factor === name));
  const titles = ordered.map((contrast) => titleOf(comparison, contrast));
  const rows = ordered.map((contrast) => shown.map((metric) => effectRow(comparison, contrast, metric)));
  const [head = '', ...lines] = alignColumns(narrowed(rows.flat(), formatConfidence(comparison), style), 1, style);
  const notes = [
    'medians of the runs; p after Holm, over the metrics that decide, which come first',
    ...(shown.some((metric) => metric.scale === 'odds')
      ? ['share acquired: the medians are shares, the ratio is of their odds']
      : []),
    ...(rows.flat().some((row) => row.word.text === VERDICT_WORDS['not-compared'])
      ? ['not compared: no runs on both sides had enough to say it']
      : []),
    ...(hidden > 0 && !isWhole ? [`${formatThings(hidden, 'other metric')} of each contrast: see the page`] : []),
  ];
  return [
    ...titles.flatMap((title, index) => [
      ...wrap(title, style.columns).map((line) => paint(style, 'strong', line)),
      head,
      ...lines.slice(index * shown.length, index * shown.length + deciding),
      ...(deciding < shown.length ? [paint(style, 'faint', BESIDE)] : []),
      ...lines.slice(index * shown.length + deciding, (index + 1) * shown.length),
      '',
    ]),
    ...wrap(`(${notes.join('; ')})`, style.columns).map((line) => paint(style, 'faint', line)),
    '',
  ];
}

/** One row for each contrast: the ratio on what decides, and the verdict as a sign. */
function overviewLines(comparison: Comparison, style: Style): string[] {
  const primary = comparison.metrics.filter((metric) => metric.isPrimary);
  const rows = comparison.contrasts.map((contrast): Cell[] => [
    { text: nameContrast(comparison, contrast).label },
    ...primary.map((metric): Cell => {
      const effect = effectOn(contrast, metric);
      const verdict = effect?.verdict ?? 'not-compared';
      const ratio = effect === undefined || effect.ratio === null ? NONE : formatRatio(effect.ratio, metric);
      const medians = [contrast.baseline, contrast.arm].map((place) => formatMedian(metric, comparison.arms[place]));
      // A ratio of odds alone tells nobody how many locks were acquired.
      const figures = metric.scale === 'odds' && ratio !== NONE ? `${medians.join(' → ')}, odds ${ratio}` : ratio;
      return { text: `${figures} ${VERDICT_SIGNS[verdict]}`, emphasis: verdictEmphasis(verdict, metric) };
    }),
  ]);
  const table = [header('arm over baseline', ...primary.map((metric) => metric.label)), ...rows];
  const signs = Object.entries(VERDICT_SIGNS).map(
    ([verdict, sign]) => `${sign} ${VERDICT_WORDS[verdict as keyof typeof VERDICT_WORDS]}`,
  );
  const note = `(ratios; ${signs.join(', ')}; intervals, p and the other metrics: see the page)`;
  return [
    ...(widthOf(table) <= style.columns ? alignColumns(table, 1, style) : stackedLines(table, style)),
    '',
    ...wrap(note, style.columns).map((line) => paint(style, 'faint', line)),
    '',
  ];
}

/** Names on lines of their own, above their figures: cut short, many of them would read the same. */
function stackedLines(table: readonly (readonly Cell[])[], style: Style): string[] {
  const figures = alignColumns(
    table.map((row) => row.slice(1)),
    0,
    style,
  );
  return table.flatMap(([name], index) => [
    ...wrap(name?.text ?? '', style.columns).map((line) => paint(style, name?.emphasis ?? 'plain', line)),
    `  ${figures[index] ?? ''}`,
  ]);
}

const VERDICT_SIGNS = {
  better: '+',
  worse: '−',
  'no-difference': '=',
  inconclusive: '?',
  'not-compared': '·',
} as const;

function titleOf(comparison: Comparison, contrast: Contrast): string {
  const { arm, baseline, shared } = nameContrast(comparison, contrast);
  return `${contrast.factor}: ${arm} against the baseline ${baseline}${shared === '' ? '' : `, ${shared}`}`;
}

/** What a row can say; the layouts choose from it. */
interface EffectRow {
  readonly name: Cell;
  readonly baseline: Cell;
  readonly arm: Cell;
  readonly ratio: Cell;
  readonly p: Cell;
  readonly word: Cell;
  readonly verdict: Cell;
}

function effectRow(comparison: Comparison, contrast: Contrast, metric: Metric): EffectRow {
  const effect = effectOn(contrast, metric);
  const emphasis = metric.isPrimary ? 'strong' : 'plain';
  const medianOf = (place: number): Cell => ({ text: formatMedian(metric, comparison.arms[place]) });
  return {
    name: { text: metric.label, emphasis },
    baseline: medianOf(contrast.baseline),
    arm: medianOf(contrast.arm),
    ratio: { text: effect === undefined ? NONE : formatEffect(effect, metric), emphasis },
    p: { text: formatPValue(effect?.adjustedPValue ?? null) },
    ...verdictCells(effect, metric),
  };
}

function verdictCells(effect: Effect | undefined, metric: Metric): Pick<EffectRow, 'word' | 'verdict'> {
  const verdict = effect?.verdict ?? 'not-compared';
  const emphasis = verdictEmphasis(verdict, metric);
  const word = VERDICT_WORDS[verdict];
  return {
    word: { text: word, emphasis },
    verdict: { text: effect === undefined ? word : describeVerdict(effect, metric), emphasis },
  };
}

/** The first of these layouts that fits; the last one when none does. */
function narrowed(rows: readonly EffectRow[], confidence: string, style: Style): Cell[][] {
  const ratio = `ratio [${confidence}]`;
  const layouts = [
    [
      header('metric', 'baseline', 'arm', ratio, 'p (Holm)', 'verdict'),
      ...rows.map((row) => [row.name, row.baseline, row.arm, row.ratio, row.p, row.verdict]),
    ],
    [
      header('metric', 'baseline', 'arm', ratio, 'p', 'verdict'),
      ...rows.map((row) => [row.name, row.baseline, row.arm, row.ratio, row.p, row.word]),
    ],
    [
      header('metric', 'baseline', 'arm', ratio, 'verdict'),
      ...rows.map((row) => [row.name, row.baseline, row.arm, row.ratio, row.word]),
    ],
    [header('metric', ratio, 'verdict'), ...rows.map((row) => [row.name, row.ratio, row.word])],
  ];
  return readable(layouts.find((layout) => widthOf(layout) <= style.columns) ?? layouts.at(-1) ?? []);
}

/** Words in the last column begin below each other; figures end so. */
function readable(rows: readonly (readonly Cell[])[]): Cell[][] {
  const longest = rows.reduce((most, row) => Math.max(most, row.at(-1)?.text.length ?? 0), 0);
  return rows.map((row) =>
    row.map((cell, column) => (column === row.length - 1 ? { ...cell, text: cell.text.padEnd(longest) } : cell)),
  );
}
