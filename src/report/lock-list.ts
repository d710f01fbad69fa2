/**
 * The list of locks for the terminal.
 *
 * @module
 */
import type { LockListing } from '../model/lock-listing.js';
import { NONE, wrap } from './figures.js';
import { alignColumns, paint, type Cell, type Emphasis, type Style } from './style.js';
import { header } from './summary-tables.js';

/** What a note says, and how loudly. */
interface Note {
  readonly text: string;
  readonly emphasis: Emphasis;
}

const GAP = 2;
/** With less room beside the columns, the notes of a lock stand below it. */
const LEAST_NOTE_COLUMNS = 48;

/** One row for each lock, with what there is to know of it beside or below. Ends without a line feed. */
export function renderLocks(locks: readonly LockListing[], style: Style): string {
  const rows = [header('lock', 'kind', 'masters', 'extend', 'version'), ...locks.map(rowOf)];
  const plain = alignColumns(rows, rows.length, { ...style, color: false });
  const painted = alignColumns(rows, rows.length, style);
  const tableWidth = plain.reduce((most, line) => Math.max(most, line.length), 0);
  const isWide = style.columns - tableWidth - GAP >= LEAST_NOTE_COLUMNS;
  const indent = isWide ? tableWidth + GAP : GAP;
  const lines = painted.flatMap((row, index) => {
    const lock = locks[index - 1];
    const notes = lock === undefined ? [] : noteLines(lock, style.columns - indent, style);
    const margin = ' '.repeat(indent);
    const previous = locks[index - 2];
    // Kinds stand apart.
    const gap = previous === undefined || previous.kind === lock?.kind ? [] : [''];
    if (!isWide) return [...gap, row, ...notes.map((note) => margin + note)];
    const [first = '', ...more] = notes;
    const padding = ' '.repeat(indent - (plain[index]?.length ?? 0));
    return [...gap, `${row}${padding}${first}`.trimEnd(), ...more.map((note) => margin + note)];
  });
  return [...lines, '', ...HINTS].join('\n');
}

const HINTS = [
  'measure one:  redlock-bench run contended --lock NAME --masters 1',
  'your own:     redlock-bench locks --template > my-lock.mjs',
  'a driver:     redlock-bench run contended --lock process:"COMMAND" --masters 1',
];

function rowOf(lock: LockListing): Cell[] {
  const { name, kind, maxMasters, canExtend, waitsFor } = lock;
  const rest: readonly string[] = [kind, maxMasters === 1 ? '1' : 'N', canExtend ? 'yes' : 'no', versionOf(lock)];
  return [
    { text: name, emphasis: waitsFor === null ? 'strong' : 'faint' },
    ...rest.map((text): Cell => ({ text, emphasis: waitsFor === null ? 'plain' : 'faint' })),
  ];
}

function versionOf({ name, version, install, waitsFor }: LockListing): string {
  if (waitsFor !== null) return 'not yet';
  if (install !== null) return 'not installed';
  const [product = '', ...rest] = (version ?? NONE).split(' ');
  // What the name says already need not widen the column.
  return name.includes(product) ? rest.join(' ') : [product, ...rest].join(' ');
}

function noteLines(lock: LockListing, columns: number, style: Style): string[] {
  return notesOf(lock).flatMap(({ text, emphasis }) => wrap(text, columns).map((line) => paint(style, emphasis, line)));
}

function notesOf({ description, flaw, install, waitsFor }: LockListing): Note[] {
  const note = (text: string | null, emphasis: Emphasis, prefix = ''): Note[] =>
    text === null ? [] : [{ text: `${prefix}${text}`, emphasis }];
  return [
    ...note(description, 'faint'),
    ...note(flaw, 'warning', 'unsafe: '),
    ...note(install, 'plain', 'install it: '),
    ...note(waitsFor, 'plain', 'waits for '),
  ];
}
