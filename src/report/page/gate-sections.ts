/**
 * What a gate decided, on its page: the outcome with the sentence why, and the metrics behind it.
 *
 * @module
 */
import type { GateReport, GateRow } from '../../model/gate.js';
import { BESIDE, formatConfidence, formatPValue } from '../effect-words.js';
import { baseOf, gateRows, headOf } from '../gate-rows.js';
import {
  describeCalibration,
  describeGatedThreshold,
  describeGateDesign,
  describeSide,
  formatChange,
  formatSide,
  METRIC_OUTCOME_WORDS,
  MIN_EFFECT_SOURCES,
  formatLimit,
  outcomeEmphasis,
  outcomeHeadline,
  outcomeTone,
  reasonsOf,
} from '../gate-words.js';
import { markup, type Markup } from './markup.js';
import { table, wordTable } from './page-tables.js';

/** The first lines: the outcome and why, what else was found, then what to know before believing it. */
export function outcomeSection(report: GateReport): Markup {
  const { comparison, warnings } = report;
  const { why, others } = reasonsOf(report);
  const sentences = others.map((text) =>
    comparison.violations.includes(text) ? markup`<p><strong>${text}</strong></p>` : markup`<p>${text}</p>`,
  );
  const block = markup`<div class="verdict ${outcomeTone(report)}"><p><strong>${outcomeHeadline(report)}</strong>: ${why}</p>${sentences}</div>`;
  if (warnings.length === 0) return block;
  return markup`${block}<div class="verdict warning"><p><strong>before you believe it</strong></p>${warnings.map((each) => markup`<p>${each}</p>`)}</div>`;
}

/** What was held against what, and what decided, metric by metric. */
export function decisionSection(report: GateReport): Markup {
  const { comparison, base, head } = report;
  const heads = [
    'median of the runs',
    'base',
    'head',
    `change [${formatConfidence(comparison)}]`,
    'p (Holm)',
    comparison.design === 'interleaved' ? 'pairs' : 'runs',
    'counts from',
    'verdict',
  ];
  const rows = gateRows(report);
  const firstBeside = rows.find(({ metric }) => !metric.isPrimary);
  const heading = markup`<tr><th class="faint" colspan="${heads.length}">${BESIDE}</th></tr>`;
  const lines = rows.map((row) => markup`${row === firstBeside ? heading : markup``}${metricRow(report, row)}`);
  return markup`<h2>Decision</h2>${table(heads, lines)}
<p class="faint">Of a share the change is that of its odds.</p>${thresholdSection(report)}${wordTable([
    ['base', describeSide(base)],
    ['head', describeSide(head)],
    ['design', describeGateDesign(report).join(' · ')],
    ['calibrated', describeCalibration(report)],
  ])}`;
}

/** What head was asked to meet, over its runs. */
function thresholdSection({ thresholds }: GateReport): Markup {
  if (thresholds.length === 0) return markup``;
  const rows = thresholds.map(
    (threshold) =>
      markup`<tr><th>${threshold.expression}</th><td>${describeGatedThreshold(threshold)}</td><td class="${threshold.passed ? 'good' : 'bad'}">${threshold.passed ? 'passed' : 'crossed'}</td></tr>`,
  );
  return table(['threshold', 'measured', 'verdict'], rows);
}

/** What a gate asks beyond the rules of a comparison. */
export function ruleSection({ isStrict }: GateReport): Markup {
  return markup`<p>A gate asks less than a comparison: a metric passes, too, when its whole interval leaves out a change for the worse that counts, although no absence of a difference was shown.
Regression: a metric that decides is worse, or the head broke mutual exclusion and the base did not. Invalid: so many runs are left out or disturbed that their figures decide nothing. Inconclusive is everything else${isStrict ? ', and fails because of --strict' : '; with --strict it fails, too'}.</p>`;
}

function metricRow({ comparison }: GateReport, row: GateRow): Markup {
  const { metric, effect, gated, base, head } = row;
  const cells = [
    formatSide(metric, base, baseOf(comparison)),
    formatSide(metric, head, headOf(comparison)),
    formatChange(effect, metric),
    formatPValue(effect.adjustedPValue),
    String(effect.pairs),
    `${formatLimit(metric)} (${MIN_EFFECT_SOURCES[gated.minEffectFrom]})`,
  ].map((cell) => markup`<td>${cell}</td>`);
  return markup`<tr${metric.isPrimary ? markup` class="primary"` : markup``}><th>${metric.label}</th>${cells}<td class="${outcomeEmphasis(row)}">${METRIC_OUTCOME_WORDS[gated.outcome]}</td></tr>`;
}
