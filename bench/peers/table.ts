/**
 * What the benchmark prints: a table of contenders for each group of rows, and the table of targets.
 *
 * @module
 */
import type { RowGroup, Verdict } from './row-group.js';

/** One group: its title, a line for each contender, its notes. */
export function describeGroup({ title, columns, lines, notes }: RowGroup): string {
  const list = notes.length === 0 ? [] : ['', ...notes.map((note) => `- ${note}`)];
  return [`## ${title}`, '', layOut(columns, lines), ...list, ''].join('\n');
}

const TARGET_COLUMNS = ['measured', 'ours', 'against the best', 'ratio', 'target', 'verdict'];

/** Every target, and how many were met. */
export function describeTargets(verdicts: readonly Verdict[]): string {
  const met = verdicts.filter((verdict) => verdict.isMet).length;
  return [
    '## Targets',
    '',
    layOut(TARGET_COLUMNS, verdicts.map(describeVerdict)),
    '',
    `${String(met)} of ${String(verdicts.length)} met. A ratio is the median over the rounds of ours divided by the`,
    'best peer of the same round; the figures beside it are medians of their own.',
  ].join('\n');
}

function describeVerdict({ measured, ours, against, figure, target, isMet }: Verdict): string[] {
  const isRatio = target.unit === 'x';
  const ratio = isRatio && !Number.isNaN(figure) ? `${figure.toFixed(2)}x` : '-';
  return [measured, ours, against, ratio, `${target.relation} ${String(target.value)}${target.unit}`, verdictOf(isMet)];
}

const verdictOf = (isMet: boolean): string => (isMet ? 'pass' : 'FAIL');

/** A table as Markdown writes it: the first column to the left, figures to the right. */
export function layOut(columns: readonly string[], lines: readonly (readonly string[])[]): string {
  const all = [columns, ...lines];
  const widths = columns.map((_, index) => Math.max(3, ...all.map((line) => (line[index] ?? '').length)));
  const write = (cells: readonly string[]): string =>
    widths
      .map((width, index) => (index === 0 ? (cells[index] ?? '').padEnd(width) : (cells[index] ?? '').padStart(width)))
      .join(' | ')
      .trimEnd();
  const rule = widths
    .map((width, index) => (index === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`))
    .join(' | ');
  return [write(columns), rule, ...lines.map(write)].join('\n');
}
