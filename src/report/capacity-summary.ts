/**
 * A search for capacity for the terminal: the answer, what limits it, and every step.
 *
 * @module
 */
import type { CapacityReport, CapacityStep } from '../model/capacity.js';
import { formatRate, formatShare } from '../model/figure-text.js';
import { formatNs } from '../model/time.js';
import {
  capacityFacts,
  describeAnswer,
  describeBusiest,
  describeConfirmations,
  describeNoAnswer,
  describeSearch,
  SHORT_PURPOSES,
  STEP_EMPHASIS,
  toneOfCapacity,
} from './capacity-words.js';
import { fileLines } from './file-lines.js';
import { isSupported, NONE } from './figures.js';
import { alignColumns, fitNames, labelled, type Cell, type Style } from './style.js';
import { header } from './summary-tables.js';
import { findingLines } from './told-findings.js';

/** The summary of a search; a broken promise stands in its first line, otherwise the answer. Ends without a line feed. */
export function renderCapacitySummary(report: CapacityReport, style: Style, files: readonly string[] = []): string {
  return [
    ...violationLines(report, style),
    ...answerLines(report, style),
    ...findingLines(
      { ...report, statements: report.statements.filter(isNot(report.violations)), violations: [] },
      style,
    ),
    ...labelled('search', describeSearch(report), style, report.status === 'complete' ? 'plain' : 'warning'),
    ...stepLines(report, style),
    ...factLines(report, style),
    ...fileLines(files, style),
  ].join('\n');
}

function isNot(others: readonly string[]): (text: string) => boolean {
  return (text) => !others.includes(text);
}

function violationLines({ violations }: CapacityReport, style: Style): string[] {
  return violations.flatMap((text, index) => labelled(index === 0 ? 'violation' : '', text, style, 'bad'));
}

function answerLines(report: CapacityReport, style: Style): string[] {
  const tone = toneOfCapacity(report);
  return [
    ...labelled('capacity', describeAnswer(report), style, tone === 'bad' ? 'warning' : 'strong'),
    ...[describeConfirmations(report), describeNoAnswer(report)].flatMap((text) =>
      text === undefined ? [] : labelled('', text, style),
    ),
  ];
}

function stepLines({ steps }: CapacityReport, style: Style): string[] {
  if (steps.length === 0) return [];
  const names = header('step', 'rate', 'workers', 'verdict', 'p50', 'p99', 'acquired', 'CPU');
  const rows = [names, ...steps.map(stepCells)];
  const isAsked = steps.some((step) => step.masterCpu.some((share) => share !== null));
  const note = 'CPU: the busiest master and its share of a core';
  return ['', ...alignColumns(fitNames(rows, style), 1, style), ...(isAsked ? labelled('', note, style, 'faint') : [])];
}

function stepCells(step: CapacityStep): Cell[] {
  const { response, safety } = step;
  const quantile = (share: number, ns: number): string => (isSupported(share, response.count) ? formatNs(ns) : NONE);
  return [
    { text: `${String(step.number)} ${SHORT_PURPOSES[step.purpose]}` },
    { text: formatRate(step.ratePerSecond) },
    { text: `${String(step.workers)}${step.transport === 'wire' ? ' wire' : ''}` },
    safety === 'violation'
      ? { text: 'VIOLATED', emphasis: 'bad' }
      : { text: step.verdict, emphasis: STEP_EMPHASIS[step.verdict] },
    { text: quantile(0.5, response.p50Ns) },
    { text: quantile(0.99, response.p99Ns), emphasis: 'strong' },
    { text: formatShare(step.successRatio), emphasis: step.successRatio < 1 ? 'warning' : 'plain' },
    { text: describeBusiest(step) },
  ];
}

function factLines(report: CapacityReport, style: Style): string[] {
  const lines = capacityFacts(report).flatMap(([name, text]) => labelled(name, text, style));
  return lines.length === 0 ? [] : ['', ...lines];
}
