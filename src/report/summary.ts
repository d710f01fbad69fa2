/**
 * A run, or several, for the terminal: what a person reads in ten seconds.
 *
 * @module
 */
import { formatAmount, formatCount, formatShare, formatThings } from '../model/figure-text.js';
import type { RunResult } from '../model/result.js';
import { masterCount } from '../model/scenario.js';
import { msToS } from '../model/time.js';
import { closedLoopNotes, describeKeysShortly, describeScenario } from './describe.js';
import { describeMargins } from './fault-words.js';
import { faultLines } from './fault-tables.js';
import { fileLines } from './file-lines.js';
import { isSupported, NONE, shorten, wrap } from './figures.js';
import { nameLockAmong, nameRuns } from './run-names.js';
import { alignColumns, labelled, paint, type Cell, type Style } from './style.js';
import { header, latencyRows, masterRows, quantileCells } from './summary-tables.js';
import {
  describeEvidence,
  describeExpiredGrants,
  describeFlaw,
  describeHealth,
  describeHistory,
  describeLeaks,
  describeRate,
  describeSafety,
  describeSuccess,
  describeThresholdValue,
  warningsOf,
} from './verdicts.js';

/** The summary of one run; its first line says whether the run can be believed. Ends without a line feed. */
export function renderSummary(result: RunResult, style: Style, files: readonly string[] = []): string {
  const safety = describeSafety(result);
  return [
    ...healthLines(result, style),
    ...flawLines(result, style),
    ...labelled('exclusion', safety.text, style, safety.tone),
    ...describeExpiredGrants(result).flatMap(({ text, tone }) => labelled('expired', text, style, tone)),
    ...describeHistory(result).flatMap(({ text, tone }) => labelled('history', text, style, tone)),
    ...labelled('scenario', describeScenario(result), style),
    ...result.incidents.flatMap((incident) => labelled('incident', incident, style, 'warning')),
    '',
    ...labelled('rate', `${describeRate(result)} acquired over ${seconds(result)}`, style, 'strong'),
    ...labelled('outcome', describeSuccess(result), style),
    '',
    ...alignColumns(latencyRows(result), 1, style),
    ...closedLoopNotes([result.scenario]).map((note) => paint(style, 'faint', `(${note})`)),
    '',
    ...labelled('attempts', describeAttempts(result), style),
    ...labelled('validity', describeValidity(result), style),
    ...marginLines(result, style),
    ...fairnessLines(result, style),
    ...leakLines(result, style),
    '',
    ...alignColumns(masterRows(result, style), 1, style),
    ...faultLines(result, style),
    ...thresholdLines(result, style),
    ...fileLines(files, style),
  ].join('\n');
}

/** Several runs, one row each: first what they reached, then what stands beside it. Ends without a line feed. */
export function renderComparison(results: readonly RunResult[], style: Style): string {
  const room = Math.max(16, style.columns - COMPARED_WIDTH);
  const labels = labelsOf(results).map((label) => shorten(label, room));
  const names = nameRuns(results).map(({ label }, index) => `${String(index + 1)} ${label}`);
  const notes = closedLoopNotes(results.map((result) => result.scenario));
  return [
    ...alignColumns(
      [header('response', 'rate', 'p50', 'p90', 'p99', 'p99.9', 'max'), ...reachedRows(results, labels)],
      1,
      style,
    ),
    '',
    ...alignColumns(
      [header('beside it', 'acquired', 'gave up', 'unfinished', 'attempts', 'split'), ...besideRows(results, labels)],
      1,
      style,
    ),
    ...notes.flatMap((note) => ['', paint(style, 'faint', `(${note})`)]),
    '',
    ...results.flatMap((result, index) => verdictLines(result, names[index] ?? '', style)),
  ].join('\n');
}

/** What the figures of a comparison need beside the label of a run. */
const COMPARED_WIDTH = 55;

/**
 * The runs in few words. Several locks come first and leave out what all runs share; the mark of an unsafe one stands at the
 * end, where shortening leaves it.
 */
function labelsOf(results: readonly RunResult[]): string[] {
  const isVarying = (aspect: (result: RunResult) => string): boolean => new Set(results.map(aspect)).size > 1;
  const lock = (result: RunResult): string => nameLockAmong(result, results);
  const masters = ({ scenario }: RunResult): string => `N=${String(masterCount(scenario))}`;
  const keys = ({ scenario }: RunResult): string => describeKeysShortly(scenario.keys);
  const aspects = isVarying(lock) ? [lock, ...[masters, keys].filter(isVarying)] : [masters, keys];
  return results.map((result, index) =>
    [String(index + 1), ...aspects.map((aspect) => aspect(result)), ...(result.lock.isUnsafe ? ['(unsafe)'] : [])].join(
      ' ',
    ),
  );
}

function healthLines(result: RunResult, style: Style): string[] {
  const { tone, text } = describeHealth(result);
  return [
    ...labelled('health', text.toUpperCase(), style, tone),
    ...result.health.reasons.flatMap((reason) => labelled('', reason, style)),
    ...labelled('', describeEvidence(result), style, 'faint'),
  ];
}

function flawLines(result: RunResult, style: Style): string[] {
  return describeFlaw(result).flatMap((flaw) => labelled('warning', flaw, style, 'warning'));
}

function seconds(result: RunResult): string {
  return `${formatAmount(Number(msToS(result.measuredMs).toFixed(1)))} s`;
}

function describeAttempts({ attempts }: RunResult): string {
  if (attempts.total === 0) return NONE;
  const { perAcquisition, total, splitVotes, wakeUps } = attempts;
  const p99 = isSupported(0.99, perAcquisition.count) ? formatAmount(perAcquisition.p99) : NONE;
  return [
    `${formatAmount(perAcquisition.mean)} per acquisition (p99 ${p99}, max ${formatCount(perAcquisition.max)})`,
    `${formatCount(total)} in all`,
    `${formatThings(splitVotes, 'split vote')} (${formatShare(splitVotes / total)})`,
    ...(wakeUps > 0 ? [formatThings(wakeUps, 'wake-up')] : []),
  ].join(' · ');
}

function describeValidity({ validityMs }: RunResult): string {
  if (validityMs.count === 0) return NONE;
  const p1 = isSupported(0.99, validityMs.count) ? `p1 ${formatCount(validityMs.p1)} ms, ` : '';
  return `left at the grant: min ${formatCount(validityMs.min)} ms, ${p1}p50 ${formatCount(validityMs.p50)} ms`;
}

function marginLines({ attempts }: RunResult, style: Style): string[] {
  const words = describeMargins(attempts.margins ?? []);
  return words === undefined ? [] : labelled('margin', words, style);
}

function fairnessLines({ fairness }: RunResult, style: Style): string[] {
  if (fairness === null) return [];
  const { jain, minPerClient, maxPerClient } = fairness;
  const text = `Jain ${jain.toFixed(3)}, ${formatCount(minPerClient)} to ${formatCount(maxPerClient)} acquisitions per client`;
  return labelled('fairness', text, style);
}

function leakLines(result: RunResult, style: Style): string[] {
  const leaks = describeLeaks(result);
  return leaks.tone === 'good' ? [] : labelled('leaks', leaks.text, style, leaks.tone);
}

function thresholdLines({ thresholds }: RunResult, style: Style): string[] {
  if (thresholds.length === 0) return [];
  const rows = thresholds.map((threshold): Cell[] => [
    { text: threshold.passed ? 'passed' : 'CROSSED', emphasis: threshold.passed ? 'good' : 'bad' },
    { text: threshold.expression },
    { text: `got ${describeThresholdValue(threshold)}` },
  ]);
  return ['', paint(style, 'faint', 'thresholds'), ...alignColumns(rows, 3, style)];
}

function reachedRows(results: readonly RunResult[], labels: readonly string[]): Cell[][] {
  return results.map((result, index) => [
    { text: labels[index] ?? '' },
    { text: describeRate(result), emphasis: 'strong' },
    ...quantileCells(result.acquire.response),
  ]);
}

function besideRows(results: readonly RunResult[], labels: readonly string[]): Cell[][] {
  return results.map((result, index) => {
    const { acquire, attempts } = result;
    return [
      { text: labels[index] ?? '' },
      { text: formatShare(acquire.successRatio), emphasis: acquire.successRatio < 1 ? 'warning' : 'plain' },
      { text: formatCount(acquire.gaveUp.count) },
      { text: formatCount(acquire.unfinished.count) },
      { text: attempts.total === 0 ? NONE : formatAmount(attempts.perAcquisition.mean) },
      { text: attempts.total === 0 ? NONE : formatShare(attempts.splitVotes / attempts.total) },
    ];
  });
}

function verdictLines(result: RunResult, label: string, style: Style): string[] {
  const safety = describeSafety(result);
  const health = describeHealth(result);
  const reasons = health.tone === 'good' ? '' : ` (${result.health.reasons.join('; ')})`;
  // Wrapped before it is painted, so that the tone covers whole lines.
  const tone = [health.tone, safety.tone].includes('bad') ? 'bad' : warningsOf(result).length > 0 ? 'warning' : 'plain';
  const sentence = [`${label}: ${health.text}${reasons}`, safety.text, ...describeFlaw(result)].join('; ');
  const [first = '', ...more] = wrap(sentence, style.columns - 2);
  return [first, ...more.map((line) => `  ${line}`)].map((line) => paint(style, tone, line));
}
