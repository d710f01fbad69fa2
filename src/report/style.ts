/**
 * How the terminal is written to: colour, width, aligned columns.
 *
 * @module
 */
import { styleText } from 'node:util';
import { shortenWords, wrap } from './figures.js';
import type { Tone } from './verdicts.js';

export interface Style {
  readonly color: boolean;
  /** Width of the terminal in characters. */
  readonly columns: number;
}

export type Emphasis = Tone | 'faint' | 'strong' | 'plain';

export interface Cell {
  readonly text: string;
  readonly emphasis?: Emphasis;
}

const FORMATS = { good: 'green', warning: 'yellow', bad: 'red', faint: 'dim', strong: 'bold' } as const;

/** Colours a text where the style allows it. */
export function paint(style: Style, emphasis: Emphasis, text: string): string {
  if (!style.color || emphasis === 'plain') return text;
  // The caller has decided about colour; the stream must not be asked again.
  return styleText(FORMATS[emphasis], text, { validateStream: false });
}

/** Lays rows out in columns: the first `leftAligned` to the left, the others, which hold figures, to the right. */
export function alignColumns(rows: readonly (readonly Cell[])[], leftAligned: number, style: Style): string[] {
  const widths = columnWidths(rows);
  return rows.map((row) =>
    row
      .map(({ text, emphasis = 'plain' }, column) => {
        const padding = ' '.repeat((widths[column] ?? 0) - visibleWidth(text));
        const painted = paint(style, emphasis, text);
        return column < leftAligned ? painted + padding : padding + painted;
      })
      .join(GAP)
      .trimEnd(),
  );
}

/** How many characters wide the columns are that rows are laid out in. */
export function widthOf(rows: readonly (readonly Cell[])[]): number {
  const widths = columnWidths(rows);
  return widths.reduce((sum, width) => sum + width, 0) + GAP.length * Math.max(0, widths.length - 1);
}

const LEAST_NAME = 14;

/** Shortens the first cells, which are names, until the rows fit. */
export function fitNames(rows: readonly (readonly Cell[])[], style: Style): Cell[][] {
  const excess = widthOf(rows) - style.columns;
  const longest = rows.reduce((most, [name]) => Math.max(most, visibleWidth(name?.text ?? '')), 0);
  const limit = excess <= 0 ? longest : Math.max(LEAST_NAME, longest - excess);
  return rows.map((row) =>
    row.map((cell, column) => (column === 0 ? { ...cell, text: shortenWords(cell.text, limit) } : cell)),
  );
}

/** A label and its text, wrapped and indented so that all texts begin in one column. */
export function labelled(label: string, text: string, style: Style, emphasis: Emphasis = 'plain'): string[] {
  const room = Math.max(20, style.columns - LABEL_WIDTH);
  const lines = text.split('\n').flatMap((line) => wrap(line, room));
  return lines.map((line, index) => {
    const margin = (index === 0 ? label : '').padEnd(LABEL_WIDTH);
    return `${paint(style, 'faint', margin)}${paint(style, emphasis, line)}`;
  });
}

const LABEL_WIDTH = 11;
const GAP = '  ';

function columnWidths(rows: readonly (readonly Cell[])[]): number[] {
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach(({ text }, column) => (widths[column] = Math.max(widths[column] ?? 0, visibleWidth(text))));
  }
  return widths;
}

function visibleWidth(text: string): number {
  return [...text].length;
}
