/**
 * The configuration with which Apache Otava reads a history of gates: columns, and which direction is better.
 *
 * Source: https://otava.apache.org (docs/CSV.md): `tests.<name>` of `type: csv` with `file`, `time_column`, `attributes` and,
 * for each metric, `column`, `direction` (1: higher is better, −1: lower is) and `scale`.
 *
 * @module
 */
import type { GateReport } from '../../model/gate.js';
import { decidingRows } from '../gate-rows.js';
import { scenarioName } from './head-figures.js';
import { COMMIT_COLUMN, historyColumn, LOAD_COLUMN, TIME_COLUMN } from './history-csv.js';

/** Writes the configuration for a history of this kind of gate. */
export function renderOtavaConfig(report: GateReport, file: string): string {
  const metrics = decidingRows(report).flatMap(({ metric }) => [
    `      ${quoted(metric.label)}:`,
    `        column: ${quoted(historyColumn(metric))}`,
    `        direction: ${metric.better === 'higher' ? '1' : '-1'}`,
    '        scale: 1',
  ]);
  const name = testName(report);
  return [
    '# One row says nothing of a change: keep a history with --history-csv, and name its file below.',
    `# otava analyze ${name} --config-file otava.yaml`,
    'tests:',
    `  ${quoted(name)}:`,
    '    type: csv',
    `    file: ${quoted(file)}`,
    `    time_column: ${quoted(TIME_COLUMN)}`,
    `    attributes: [${quoted(COMMIT_COLUMN)}, ${quoted(LOAD_COLUMN)}]`,
    ...(metrics.length === 0 ? ['    metrics: {}'] : ['    metrics:', ...metrics]),
    '',
  ].join('\n');
}

/** A name that needs no quotes on a command line. */
function testName(report: GateReport): string {
  const word = scenarioName(report)
    .normalize('NFKD')
    .replace(/[^A-Za-z0-9_-]+/g, '-')
    .replace(/^-+|-+$/g, '');
  return `redlock-bench.${word === '' ? 'gate' : word}`;
}

/** A string of JSON is one of YAML, too. */
function quoted(text: string): string {
  return JSON.stringify(text);
}
