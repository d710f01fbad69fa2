/**
 * A gate as Markdown, for the summary of a GitHub job (`GITHUB_STEP_SUMMARY`) and for a comment on a pull request.
 *
 * @module
 */
import { formatThings } from '../../model/figure-text.js';
import type { GateReport, GateRow } from '../../model/gate.js';
import { findingsOf, foldFindings } from '../comparison-words.js';
import { formatConfidence, formatPValue } from '../effect-words.js';
import { baseOf, decidingRows, gateRows, headOf } from '../gate-rows.js';
import {
  describeCalibration,
  describeGatedThreshold,
  describeGateDesign,
  describeSide,
  formatChange,
  formatSide,
  formatLimit,
  METRIC_OUTCOME_WORDS,
  outcomeHeadline,
  outcomeTone,
  reasonsOf,
} from '../gate-words.js';
import { oneLine } from './plain-text.js';

/** Words beside the signs, which not everybody sees. */
const SIGNS = { pass: '✅', regression: '❌', inconclusive: '❔', invalid: '⚠️' } as const;

/** Writes the summary: the verdict and why, what decided, what else was found; warnings and the rest folded. */
export function renderStepSummary(report: GateReport): string {
  const { outcome, comparison, warnings } = report;
  const { why, others } = reasonsOf(report);
  const findings = findingsOf({ ...comparison, statements: others });
  const { shown } = foldFindings(findings);
  const told = comparison.violations.filter((violation) => !report.statements.includes(violation));
  const beside = gateRows(report).filter(({ metric, effect }) => !metric.isPrimary && effect.ratio !== null);
  return [
    `## ${outcomeTone(report) === 'bad' && outcome !== 'invalid' ? '❌' : SIGNS[outcome]} redlock-bench gate: ${outcomeHeadline(report)}`,
    '',
    markdown(why),
    '',
    ...told.flatMap((violation) => [`**${markdown(violation)}**`, '']),
    ...tableLines(report, decidingRows(report)),
    ...thresholdLines(report),
    ...shown.map(({ text, isViolation }) => (isViolation ? `- **${markdown(text)}**` : `- ${markdown(text)}`)),
    ...(shown.length > 0 ? [''] : []),
    `base: <code>${markdown(describeSide(report.base))}</code>  `,
    `head: <code>${markdown(describeSide(report.head))}</code>`,
    '',
    ...(warnings.length === 0
      ? []
      : folded(
          formatThings(warnings.length, 'warning'),
          warnings.map((each) => `- ${markdown(each)}`),
        )),
    ...(beside.length === 0 ? [] : folded('metrics that decide nothing', tableLines(report, beside))),
    ...folded('how it was made', [
      `- ${markdown(describeGateDesign(report).join(', '))}`,
      `- calibration: ${markdown(describeCalibration(report))}`,
      `- the run is the unit of analysis: medians of the runs, the estimate of Hodges and Lehmann with its ${formatConfidence(comparison)} interval, p after Holm`,
    ]),
  ].join('\n');
}

function tableLines(report: GateReport, rows: readonly GateRow[]): string[] {
  if (rows.length === 0) return [];
  const [base, head] = [baseOf(report.comparison), headOf(report.comparison)];
  return [
    `| metric | base | head | change [${formatConfidence(report.comparison)}] | p | counts from | verdict |`,
    '| :-- | --: | --: | --: | --: | --: | :-- |',
    ...rows.map((row) => {
      const { metric, effect, gated } = row;
      const verdict = METRIC_OUTCOME_WORDS[gated.outcome];
      const cells = [
        markdown(metric.label),
        formatSide(metric, row.base, base),
        formatSide(metric, row.head, head),
        formatChange(effect, metric),
        formatPValue(effect.adjustedPValue ?? effect.pValue),
        formatLimit(metric),
      ].map((figure, index) => (index === 0 ? figure : figure.replaceAll('<', '&lt;')));
      return `| ${[...cells, gated.outcome === 'regression' && metric.isPrimary ? `**${verdict}**` : verdict].join(' | ')} |`;
    }),
    '',
  ];
}

function thresholdLines({ thresholds }: GateReport): string[] {
  if (thresholds.length === 0) return [];
  return [
    '| threshold | measured | verdict |',
    '| :-- | :-- | :-- |',
    ...thresholds.map((threshold) => {
      const cells = [markdown(threshold.expression), markdown(describeGatedThreshold(threshold))];
      return `| ${cells.join(' | ')} | ${threshold.passed ? 'passed' : '**crossed**'} |`;
    }),
    '',
  ];
}

/** Blank lines around it, or its content would be shown as it is written. */
function folded(title: string, lines: readonly string[]): string[] {
  return [
    '<details>',
    `<summary>${markdown(title)}</summary>`,
    '',
    ...lines,
    ...(lines.at(-1) === '' ? [] : ['']),
    '</details>',
    '',
  ];
}

/** A text that stands for itself: in one line, with nothing in it that Markdown or HTML would act on. */
function markdown(text: string): string {
  return oneLine(text)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replace(/[\\`*_[\]|~#@]/g, (character) => `&#${String(character.charCodeAt(0))};`);
}
