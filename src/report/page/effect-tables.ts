/**
 * What a comparison concluded, on its page: statements, warnings, and the effects as tables.
 *
 * @module
 */
import type { Comparison, Contrast } from '../../model/comparison.js';
import { formatThings } from '../../model/figure-text.js';
import {
  effectOn,
  findingsOf,
  foldFindings,
  nameContrast,
  nameInList,
  orderedMetrics,
  sharedBaseline,
  type Finding,
} from '../comparison-words.js';
import {
  BESIDE,
  describeVerdict,
  formatConfidence,
  formatEffect,
  formatPValue,
  formatRatio,
  verdictEmphasis,
  VERDICT_WORDS,
} from '../effect-words.js';
import { NONE } from '../figures.js';
import { formatMedian } from '../metric-words.js';
import { markup, type Markup } from './markup.js';
import { table } from './page-tables.js';

/** On a page the tables and charts come right after these, and say the rest. */
const MOST_SENTENCES = 10;
/** As many warnings are seen at once. */
const MOST_WARNINGS = 6;

/** The first lines: what the data say and what they do not say, then what to know before believing it. */
export function findingsSection(comparison: Comparison): Markup {
  const { warnings, status } = comparison;
  const findings = findingsOf(comparison);
  const isViolated = findings.some((finding) => finding.isViolation);
  const isDoubtful = warnings.length > 0 || status !== 'complete' || comparison.contrasts.length === 0;
  const tone = isViolated ? 'bad' : isDoubtful ? 'warning' : 'good';
  const sentencesOf = (some: readonly Finding[]): Markup[] =>
    some.map(({ text, isViolation }) =>
      isViolation ? markup`<p><strong>${text}</strong></p>` : markup`<p>${text}</p>`,
    );
  const { shown, folded } = foldFindings(findings, MOST_SENTENCES);
  const more =
    folded.length === 0
      ? markup``
      : markup`<details><summary>${formatThings(folded.length, 'more finding')}</summary>${sentencesOf(folded)}</details>`;
  const sentences = shown.length > 0 ? sentencesOf(shown) : markup`<p>nothing was concluded</p>`;
  const interrupted = status === 'complete' ? markup`` : markup`<p><strong>${status}</strong></p>`;
  const block = markup`<div class="verdict ${tone}">${interrupted}${sentences}${more}</div>`;
  if (warnings.length === 0) return block;
  const { seen, rest } = shownWarnings(warnings);
  const moreWarnings =
    rest.length === 0
      ? markup``
      : markup`<details><summary>${formatThings(rest.length, 'more warning')}</summary>${paragraphs(rest)}</details>`;
  return markup`${block}<div class="verdict warning"><p><strong>before you believe it</strong></p>${paragraphs(seen)}${moreWarnings}</div>`;
}

/** What takes runs out of the comparison, or the trust in them, is never folded and comes first. */
const GRAVE = /left out|invalid|unknown|ended early/i;

/** The warnings that are seen at once, and those in the fold. */
export function shownWarnings(warnings: readonly string[]): {
  readonly seen: readonly string[];
  readonly rest: readonly string[];
} {
  const grave = warnings.filter((warning) => GRAVE.test(warning));
  const ordered = [...grave, ...warnings.filter((warning) => !grave.includes(warning))];
  const most = Math.max(MOST_WARNINGS, grave.length);
  return { seen: ordered.slice(0, most), rest: ordered.slice(most) };
}

function paragraphs(texts: readonly string[]): Markup[] {
  return texts.map((text) => markup`<p>${text}</p>`);
}

/** The effects: one row a contrast with what decides, then every metric of every contrast. */
export function effectSection(comparison: Comparison): Markup {
  const { contrasts, factors } = comparison;
  if (contrasts.length === 0) {
    return markup`<h2>Effects</h2><p>There is nothing to hold an arm against, so nothing was compared.</p>`;
  }
  const named = factors.filter((factor) => contrasts.some((contrast) => contrast.factor === factor.name));
  const details = named.map(({ name }) => {
    const tables = contrasts
      .filter((contrast) => contrast.factor === name)
      .map((contrast) => contrastTable(comparison, contrast));
    return markup`<details><summary>every metric, by ${name}</summary>${tables}</details>`;
  });
  return markup`<h2>Effects</h2>${overview(comparison)}${details}`;
}

function overview(comparison: Comparison): Markup {
  const primary = comparison.metrics.filter((metric) => metric.isPrimary);
  const rows = comparison.contrasts.map((contrast) => {
    const cells = primary.map((metric) => {
      const effect = effectOn(contrast, metric);
      const medianOf = (place: number): string => formatMedian(metric, comparison.arms[place]);
      if (effect?.ratio === null || effect === undefined)
        return markup`<td class="faint">${VERDICT_WORDS['not-compared']}</td>`;
      const ratio = formatRatio(effect.ratio, metric);
      // A ratio of odds alone tells nobody how many locks were acquired.
      const figures =
        metric.scale === 'odds' ? `${medianOf(contrast.baseline)} → ${medianOf(contrast.arm)}, odds ${ratio}` : ratio;
      return markup`<td class="${verdictEmphasis(effect.verdict, metric)}">${figures} ${VERDICT_WORDS[effect.verdict]}</td>`;
    });
    return markup`<tr><th>${nameInList(comparison, contrast)}</th>${cells}</tr>`;
  });
  const odds = primary
    .filter((metric) => metric.scale === 'odds')
    .map((metric) => `${metric.label}: the medians of the baseline and of the arm, then the ratio of their odds`);
  const baseline = sharedBaseline(comparison);
  return markup`${table([baseline === undefined ? 'arm over baseline' : `over ${baseline}`, ...primary.map((metric) => metric.label)], rows)}${odds.map((note) => markup`<p class="faint">${note}</p>`)}`;
}

function contrastTable(comparison: Comparison, contrast: Contrast): Markup {
  const { arm, baseline, label } = nameContrast(comparison, contrast);
  const counted = comparison.design === 'interleaved' ? 'pairs' : 'runs';
  const heads = [
    'median of the runs',
    baseline,
    arm,
    `ratio [${formatConfidence(comparison)}]`,
    'p',
    'p (Holm)',
    counted,
    'verdict',
  ];
  const ordered = orderedMetrics(comparison);
  const firstBeside = ordered.find((metric) => !metric.isPrimary);
  const rows = ordered.map((metric) => {
    const effect = effectOn(contrast, metric);
    const cells = [
      formatMedian(metric, comparison.arms[contrast.baseline]),
      formatMedian(metric, comparison.arms[contrast.arm]),
      effect === undefined ? NONE : formatEffect(effect, metric),
      formatPValue(effect?.pValue ?? null),
      formatPValue(effect?.adjustedPValue ?? null),
      String(effect?.pairs ?? 0),
    ].map((cell) => markup`<td>${cell}</td>`);
    const verdict = effect?.verdict ?? 'not-compared';
    const words = effect === undefined ? VERDICT_WORDS[verdict] : describeVerdict(effect, metric);
    const name = `${metric.label}${metric.scale === 'odds' ? ' (odds)' : ''}`;
    const heading =
      metric === firstBeside ? markup`<tr><th class="faint" colspan="${heads.length}">${BESIDE}</th></tr>` : markup``;
    return markup`${heading}<tr${metric.isPrimary ? markup` class="primary"` : markup``}><th>${name}</th>${cells}<td class="${verdictEmphasis(verdict, metric)}">${words}</td></tr>`;
  });
  return markup`<h3>${label}</h3>${table(heads, rows)}`;
}
