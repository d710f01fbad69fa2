/**
 * A history for tools that look for change points: `time,commit,load,<metric>…`, one row a gate, the head's medians.
 *
 * @module
 */
import { appendFile } from 'node:fs/promises';
import type { Metric } from '../../model/comparison.js';
import type { GateReport } from '../../model/gate.js';
import { UsageError } from '../../model/errors.js';
import { writeInto } from '../durable-file.js';
import { decidingRows } from '../gate-rows.js';
import { readIfPresent } from '../stored-json.js';
import { headFigures, loadName } from './head-figures.js';
import { requireWritableFile } from '../writable-file.js';
import { oneLine } from './plain-text.js';

export const TIME_COLUMN = 'time';
export const COMMIT_COLUMN = 'commit';
export const LOAD_COLUMN = 'load';

const UNIT_SUFFIXES: Readonly<Record<Metric['unit'], string>> = {
  perSecond: 'PerSecond',
  ns: 'Ns',
  nsPerAcquisition: 'NsPerAcquisition',
  count: '',
  share: 'Share',
};

/** The column of a metric: `responseP99Ns`. */
export function historyColumn({ name, unit }: Pick<Metric, 'name' | 'unit'>): string {
  return `${name}${UNIT_SUFFIXES[unit]}`;
}

/**
 * The text of a history with this gate as its last row; begins one, with its header, where there is none. An invalid
 * gate adds no row, because its figures are those of its load generator; nor does one that is not whole, or one without a value in some column: Apache
 * Otava refuses an empty cell, and a single `nan` hides every change point from it.
 *
 * @param file its path, for the message
 * @throws UsageError when the history has other columns, or rows of another load: a step between two loads is no change
 */
export function withHistoryRow(text: string | undefined, file: string, report: GateReport): string {
  const header = headerOf(decidingRows(report).map(({ metric }) => metric));
  const row = rowOf(report);
  if (text === undefined || text.trim() === '') return `${header}\n${row}`;
  requireHistory(text, file, [header], loadName(report));
  return row === '' ? text : `${text}${text.endsWith('\n') ? '' : '\n'}${row}`;
}

/**
 * Adds a row to the history in a file, which is made where there is none. What stands in it stays as it is.
 *
 * @returns whether this gate had a row to add
 * @throws UsageError when it is no history that this gate belongs to, or cannot be written
 */
export async function appendHistoryRow(file: string, report: GateReport): Promise<boolean> {
  await requireWritableFile('--history-csv', file);
  const text = await readIfPresent(file);
  const whole = withHistoryRow(text, file, report);
  if (text !== undefined && whole.startsWith(text)) await appendFile(file, whole.slice(text.length));
  else await writeInto(file, whole);
  return rowOf(report) !== '';
}

/**
 * Makes sure, before anything is run, that a row can be added to a history.
 *
 * @param kinds the metrics that will decide; several lists where that is not known yet
 * @param load as in `nameLoad`; undefined where it is not known yet
 * @throws UsageError
 */
export async function checkHistory(
  file: string,
  kinds: readonly (readonly Metric[])[],
  load: string | undefined,
): Promise<void> {
  await requireWritableFile('--history-csv', file);
  const text = await readIfPresent(file);
  if (text === undefined || text.trim() === '') return;
  requireHistory(text, file, kinds.map(headerOf), load);
}

function requireHistory(text: string, file: string, headers: readonly string[], load: string | undefined): void {
  const lines = text
    .replace(/^\ufeff/, '')
    .trimEnd()
    .split(/\r?\n/);
  const [found = '', ...rows] = lines;
  if (!headers.includes(found.trimEnd())) {
    throw new UsageError([
      `${file}: expected the header "${headers.join('" or "')}", got "${oneLine(found)}"; ` +
        'name a new file with --history-csv, or gate the kind of load that this history is of',
    ]);
  }
  const other = rows.map(loadOf).find((each) => each !== undefined && load !== undefined && each !== load);
  if (other === undefined) return;
  throw new UsageError([
    `${file}: expected rows of the load "${load ?? ''}", got "${oneLine(other)}"; a step from one load to another would be taken for a change: ` +
      'name a new file with --history-csv',
  ]);
}

/** The third cell of a line; undefined where there is none. */
function loadOf(line: string): string | undefined {
  const cells = [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^",]*))/g)];
  const [, quoted, plain] = cells[2] ?? [];
  return quoted?.replaceAll('""', '"') ?? plain;
}

function headerOf(metrics: readonly Metric[]): string {
  return [TIME_COLUMN, COMMIT_COLUMN, LOAD_COLUMN, ...metrics.map(historyColumn)].join(',');
}

/** With its line feed; empty when there is none. */
function rowOf(report: GateReport): string {
  const figures = headFigures(report);
  if (figures.length === 0 || figures.length < decidingRows(report).length) return '';
  const values = figures.map(({ spread }) => String(spread.median));
  return `${[report.startedAt, report.commit ?? '', loadName(report), ...values].map(cell).join(',')}\n`;
}

function cell(text: string): string {
  const line = oneLine(text);
  return /[",]/.test(line) ? `"${line.replaceAll('"', '""')}"` : line;
}
