/**
 * What the terminal can show.
 *
 * @module
 */
import type { WriteStream } from 'node:tty';
import type { Style } from '../report/style.js';
import { ASCII_GLYPHS, UNICODE_GLYPHS, type Glyphs } from './sparkline.js';

const DEFAULT_COLUMNS = 80;
const DEFAULT_ROWS = 24;

/**
 * Colour on a terminal, and elsewhere where FORCE_COLOR asks for it, unless NO_COLOR says otherwise; 80 columns where none
 * are known.
 */
export function styleOf(stream: NodeJS.WriteStream, environment: NodeJS.ProcessEnv): Style {
  return { color: isColored(stream, environment), columns: sizeOf(stream).columns };
}

/** The style of what a command prints. */
export function stdoutStyle(): Style {
  return styleOf(process.stdout, process.env);
}

/** How large the terminal is at this moment, in characters. */
export function sizeOf(stream: NodeJS.WriteStream): { readonly columns: number; readonly rows: number } {
  // A pty may report 0 columns.
  const { columns = 0, rows = 0 } = stream as Partial<WriteStream>;
  return { columns: columns > 0 ? columns : DEFAULT_COLUMNS, rows: rows > 0 ? rows : DEFAULT_ROWS };
}

/** Whether lines can be rewritten in place: a real terminal, not a log. `CI=false` and `CI=0` are no CI. */
export function isLive(stream: NodeJS.WriteStream, environment: NodeJS.ProcessEnv): boolean {
  const isInCi = !['', '0', 'false'].includes(environment['CI'] ?? '');
  return isTerminal(stream) && environment['TERM'] !== 'dumb' && !isInCi;
}

/** The characters that the locale has: blocks where it is one of UTF-8. */
export function glyphsOf(environment: NodeJS.ProcessEnv): Glyphs {
  const locale = ['LC_ALL', 'LC_CTYPE', 'LANG'].map((name) => environment[name] ?? '').find((value) => value !== '');
  return /utf-?8/i.test(locale ?? '') ? UNICODE_GLYPHS : ASCII_GLYPHS;
}

export function isTerminal(stream: NodeJS.WriteStream): boolean {
  return (stream as Partial<WriteStream>).isTTY === true;
}

function isColored(stream: NodeJS.WriteStream, environment: NodeJS.ProcessEnv): boolean {
  const { NO_COLOR: no = '', FORCE_COLOR: force = '' } = environment;
  if (no !== '' || ['0', 'false'].includes(force)) return false;
  return force !== '' || (isTerminal(stream) && environment['TERM'] !== 'dumb');
}
