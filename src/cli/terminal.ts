/**
 * What the terminal can show.
 *
 * @module
 */
import type { WriteStream } from 'node:tty';
import type { Style } from '../report/style.js';

const DEFAULT_COLUMNS = 80;

/** Colour on a terminal unless NO_COLOR says otherwise; 80 columns where none are known. */
export function styleOf(stream: NodeJS.WriteStream, environment: NodeJS.ProcessEnv): Style {
  const isColored = isTerminal(stream) && (environment['NO_COLOR'] ?? '') === '' && environment['TERM'] !== 'dumb';
  // A pty may report 0 columns.
  const columns = (stream as Partial<WriteStream>).columns ?? 0;
  return { color: isColored, columns: columns > 0 ? columns : DEFAULT_COLUMNS };
}

/** The style of what a command prints. */
export function stdoutStyle(): Style {
  return styleOf(process.stdout, process.env);
}

/** Whether lines can be rewritten in place: a real terminal, not a log. */
export function isLive(stream: NodeJS.WriteStream, environment: NodeJS.ProcessEnv): boolean {
  return isTerminal(stream) && environment['TERM'] !== 'dumb' && (environment['CI'] ?? '') === '';
}

function isTerminal(stream: NodeJS.WriteStream): boolean {
  return (stream as Partial<WriteStream>).isTTY === true;
}
