import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { UsageError } from '../../model/errors.js';
import { mutedGate, nastyGate, sampleGate } from '../sample-gate.fixture.js';
import { appendHistoryRow, checkHistory, withHistoryRow } from './history-csv.js';

const HEADER = 'time,commit,load,ratePerSecond,responseP50Ns,responseP99Ns,successShare';
const [pass, invalid, muted, nasty, open] = await Promise.all([
  sampleGate('pass'),
  sampleGate('invalid'),
  mutedGate(),
  nastyGate(),
  sampleGate('pass', { concurrency: undefined, ratePerSecond: 1_000 }),
]);
let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'history-'));
});

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

/** A reader of RFC 4180, for one line. */
function cellsOf(line: string): string[] {
  return [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^",]*))/g)].map(([, quoted, plain]) =>
    quoted === undefined ? (plain ?? '') : quoted.replaceAll('""', '"'),
  );
}

describe('a history', () => {
  it('begins with its header and takes one row a gate: time, commit, the medians of the head', () => {
    const text = withHistoryRow(undefined, 'history.csv', pass);
    const [header, row, end] = text.split('\n');
    expect(header).toBe(HEADER);
    const cells = cellsOf(row!);
    expect(cells.slice(0, 3)).toEqual([pass.startedAt, pass.commit, 'n3/contended']);
    expect(
      cells
        .slice(3)
        .map(Number)
        .every((value) => value > 0),
    ).toBe(true);
    expect(cells).toHaveLength(7);
    expect(end).toBe('');
    expect(withHistoryRow(text, 'history.csv', pass)).toBe(`${text}${row!}\n`);
  });

  it('goes on after a last line without an end, after the line ends of Windows, and in an empty file', () => {
    const row = withHistoryRow(undefined, '', pass).split('\n')[1]!;
    expect(withHistoryRow(HEADER, '', pass)).toBe(`${HEADER}\n${row}\n`);
    expect(withHistoryRow(`\ufeff${HEADER}\r\nx\r\n`, '', pass)).toBe(`\ufeff${HEADER}\r\nx\r\n${row}\n`);
    expect(withHistoryRow('\n', '', pass)).toBe(`${HEADER}\n${row}\n`);
  });

  it('takes no row of a gate that is invalid or lacks a value: its readers stumble over both', () => {
    for (const report of [invalid, muted]) {
      expect(withHistoryRow(undefined, '', report)).toBe(`${HEADER}\n`);
      expect(withHistoryRow(`${HEADER}\nx\n`, '', report)).toBe(`${HEADER}\nx\n`);
    }
  });

  it('refuses other columns, saying which were expected and what to do', () => {
    const refuse = (): string => withHistoryRow(`${HEADER}\n`, 'nightly.csv', open);
    expect(refuse).toThrow(UsageError);
    expect(refuse).toThrow(
      `nightly.csv: expected the header "time,commit,load,responseP50Ns,responseP99Ns,successShare", got "${HEADER}"; name a new file`,
    );
  });

  it('quotes what would end a cell', () => {
    const commit = 'a "quoted", commit\nπ';
    const row = withHistoryRow(undefined, '', { ...nasty, commit }).split('\n');
    expect(row).toHaveLength(3);
    expect(cellsOf(row[1]!)[1]).toBe('a "quoted", commit π');
  });

  it('is appended to in its file, which is made with the folders above it, and says whether there was a row', async () => {
    const file = path.join(folder, 'deep', 'history.csv');
    expect(await appendHistoryRow(file, pass)).toBe(true);
    expect(await appendHistoryRow(file, pass)).toBe(true);
    expect(await appendHistoryRow(file, invalid)).toBe(false);
    const lines = (await readFile(file, 'utf8')).split('\n');
    expect(lines).toHaveLength(4);
    expect(lines[1]).toBe(lines[2]);
    await writeFile(file, 'name,value\n');
    await expect(appendHistoryRow(file, pass)).rejects.toThrow(UsageError);
    expect(await readFile(file, 'utf8')).toBe('name,value\n');
  });

  it('takes no row of another load, which would look like a change', () => {
    const text = withHistoryRow(undefined, '', pass).replace(pass.commit!, '"a, ""b"""');
    expect(withHistoryRow(text, '', pass).split('\n')).toHaveLength(4);
    const other = text.replace('n3/contended', 'n5/contended');
    expect(() => withHistoryRow(other, 'h.csv', pass)).toThrow(
      'h.csv: expected rows of the load "n3/contended", got "n5/contended"',
    );
  });

  it('is looked at before the first run: its place, its columns, its load', async () => {
    const kinds = [pass.comparison.metrics.filter((metric) => metric.isPrimary)];
    const file = path.join(folder, 'before.csv');
    await checkHistory(file, kinds, 'n3/contended');
    await expect(readFile(file)).rejects.toThrow('ENOENT');
    await appendHistoryRow(file, pass);
    await checkHistory(file, kinds, 'n3/contended');
    await checkHistory(file, [[], ...kinds], undefined);
    await expect(checkHistory(file, kinds, 'n5/contended')).rejects.toThrow(
      /expected rows of the load "n5\/contended"/,
    );
    await expect(checkHistory(file, [[]], undefined)).rejects.toThrow(/expected the header "time,commit,load"/);
    for (const wrong of [folder, '', path.join(file, 'below.csv')]) {
      const refusal = checkHistory(wrong, kinds, undefined);
      await expect(refusal).rejects.toThrow(UsageError);
      await expect(refusal).rejects.toThrow(/^--history-csv: expected a f/);
    }
  });
});
