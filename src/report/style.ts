/**
 * How the terminal is written to: colour, width, aligned columns.
 *
 * @module
 */
import { styleText } from 'node:util';
import { wrap } from './figures.js';
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
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach(({ text }, column) => (widths[column] = Math.max(widths[column] ?? 0, visibleWidth(text))));
  }
  return rows.map((row) =>
    row
      .map(({ text, emphasis = 'plain' }, column) => {
        const padding = ' '.repeat((widths[column] ?? 0) - visibleWidth(text));
        const painted = paint(style, emphasis, text);
        return column < leftAligned ? painted + padding : padding + painted;
      })
      .join('  ')
      .trimEnd(),
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

function visibleWidth(text: string): number {
  return [...text].length;
}
