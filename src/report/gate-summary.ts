/**
 * A gate for the terminal: its outcome with the sentence why, then the figures behind it.
 *
 * @module
 */
import type { Comparison } from '../model/comparison.js';
import type { GateReport, GateRow } from '../model/gate.js';
import { armLines } from './arm-tables.js';
import { sharedClauses } from './comparison-words.js';
import { closedLoopNotes } from './describe.js';
import { BESIDE, formatConfidence, formatPercent, formatPValue } from './effect-words.js';
import { oneLine } from './exports/plain-text.js';
import { fileLines } from './file-lines.js';
import { wrap } from './figures.js';
import { baseOf, gateRows, headOf } from './gate-rows.js';
import {
  describeCalibration,
  describeGatedThreshold,
  describeGateDesign,
  describeSide,
  formatChange,
  formatSide,
  METRIC_OUTCOME_WORDS,
  isWhole,
  outcomeEmphasis,
  outcomeHeadline,
  outcomeTone,
  reasonsOf,
} from './gate-words.js';
import { alignColumns, labelled, paint, widthOf, type Cell, type Style } from './style.js';
import { header } from './summary-tables.js';

/** The summary of a gate; its first line is the outcome and why. Ends without a line feed. */
export function renderGateSummary(report: GateReport, style: Style, files: readonly string[] = []): string {
  const { comparison, base, head, warnings, thresholds } = report;
  const { arms, violations } = comparison;
  const { why, others } = reasonsOf(report);
  const shared = sharedClauses(comparison);
  const notes = closedLoopNotes(
    arms.map((arm) => arm.scenario),
    'arm',
  );
  return [
    ...wrap(`${outcomeHeadline(report)}: ${why}`, style.columns).map((line) => paint(style, outcomeTone(report), line)),
    ...others.flatMap((text, index) =>
      labelled(index === 0 ? 'findings' : '', text, style, violations.includes(text) ? 'bad' : 'plain'),
    ),
    ...warnings.flatMap((warning, index) => labelled(index === 0 ? 'warning' : '', warning, style, 'warning')),
    ...thresholds.flatMap((threshold, index) =>
      labelled(
        index === 0 ? 'thresholds' : '',
        `${oneLine(threshold.expression)}: ${describeGatedThreshold(threshold)}`,
        style,
        threshold.passed ? 'plain' : 'bad',
      ),
    ),
    ...labelled('base', describeSide(base), style),
    ...labelled('head', describeSide(head), style),
    ...labelled('design', describeGateDesign(report).join(' · '), style, isWhole(report) ? 'plain' : 'warning'),
    ...labelled('calibrated', describeCalibration(report), style),
    ...(shared.length > 0 ? labelled('both with', shared.join(', '), style) : []),
    '',
    ...metricLines(report, style),
    ...armLines(comparison, style),
    ...notes.map((note) => paint(style, 'faint', `(${note})`)),
    ...fileLines(files, style),
  ].join('\n');
}

/** One table: what decides, then what explains and was compared. */
function metricLines(report: GateReport, style: Style): string[] {
  const { comparison } = report;
  const rows = gateRows(report).filter(({ metric, effect }) => metric.isPrimary || effect.ratio !== null);
  if (rows.length === 0) return [];
  const deciding = rows.filter(({ metric }) => metric.isPrimary).length;
  const [head = '', ...lines] = alignColumns(
    narrowed(
      rows.map((row) => cellsOf(comparison, row)),
      formatConfidence(comparison),
      style,
    ),
    1,
    style,
  );
  const notes = [
    'medians of the runs; p after Holm, over the metrics that decide',
    ...(rows.some(({ metric }) => metric.scale === 'odds')
      ? ['share acquired: the medians are shares, the change and what counts are of their odds']
      : []),
  ];
  return [
    head,
    ...lines.slice(0, deciding),
    ...(deciding < rows.length ? [paint(style, 'faint', BESIDE)] : []),
    ...lines.slice(deciding),
    '',
    ...wrap(`(${notes.join('; ')})`, style.columns).map((line) => paint(style, 'faint', line)),
    '',
  ];
}

type MetricCells = Readonly<Record<'name' | 'base' | 'head' | 'change' | 'p' | 'limit' | 'outcome', Cell>>;

function cellsOf(comparison: Comparison, row: GateRow): MetricCells {
  const { metric, effect, gated, base, head } = row;
  const emphasis = metric.isPrimary ? 'strong' : 'plain';
  return {
    name: { text: metric.label, emphasis },
    base: { text: formatSide(metric, base, baseOf(comparison)) },
    head: { text: formatSide(metric, head, headOf(comparison)) },
    change: { text: formatChange(effect, metric), emphasis },
    p: { text: formatPValue(effect.adjustedPValue) },
    limit: { text: formatPercent(metric.minEffect) },
    outcome: { text: METRIC_OUTCOME_WORDS[gated.outcome].padEnd(LONGEST_OUTCOME), emphasis: outcomeEmphasis(row) },
  };
}

/** Words in the last column begin below each other; figures end so. */
const LONGEST_OUTCOME = Math.max(...Object.values(METRIC_OUTCOME_WORDS).map((word) => word.length));

/** The first of these layouts that fits; the last one when none does. */
function narrowed(rows: readonly MetricCells[], confidence: string, style: Style): Cell[][] {
  const change = `change [${confidence}]`;
  const verdict = 'verdict'.padEnd(LONGEST_OUTCOME);
  const layouts: Cell[][][] = [
    [
      header('metric', 'base', 'head', change, 'p (Holm)', 'counts from', verdict),
      ...rows.map((row) => [row.name, row.base, row.head, row.change, row.p, row.limit, row.outcome]),
    ],
    [
      header('metric', 'base', 'head', change, 'from', verdict),
      ...rows.map((row) => [row.name, row.base, row.head, row.change, row.limit, row.outcome]),
    ],
    [
      header('metric', 'base', 'head', change, verdict),
      ...rows.map((row) => [row.name, row.base, row.head, row.change, row.outcome]),
    ],
    [header('metric', change, verdict), ...rows.map((row) => [row.name, row.change, row.outcome])],
  ];
  return layouts.find((layout) => widthOf(layout) <= style.columns) ?? layouts.at(-1) ?? [];
}
