/**
 * Parts of a help text that yargs would break in the wrong places: examples, lists of names, exit codes.
 *
 * @module
 */
import { wrap } from '../report/figures.js';

/** The narrowest terminal that is written for. */
const COLUMNS = 80;

/** Exit code 2: why nothing was begun. */
export const REFUSED = 'usage, a guard refused, or no server to be had';

/** A command line, and what it is good for. */
type Example = readonly [line: string, meaning: string];

/** Each command line whole, to be copied, with its meaning below it. `$0` is this program. */
export function examplesText(examples: readonly Example[]): string {
  return ['Examples:', ...examples.flatMap(([line, meaning]) => [`  $0 ${line}`, `      ${meaning}`])].join('\n');
}

/** Names and what they mean, side by side, every line of the meaning under the one before. */
export function listText(title: string, entries: readonly { name: string; description: string }[]): string {
  const names = Math.max(...entries.map(({ name }) => name.length)) + 2;
  const lines = entries.flatMap(({ name, description }) =>
    wrap(description, COLUMNS - names - 2).map((line, index) => `  ${(index === 0 ? name : '').padEnd(names)}${line}`),
  );
  return [`${title}:`, ...lines].join('\n');
}

/** One code a line. */
export function exitCodesText(codes: Readonly<Record<string, string>>): string {
  return listText(
    'Exit codes',
    Object.entries(codes).map(([name, description]) => ({ name, description })),
  );
}

/** The parts one below another. */
export function epilogueOf(...parts: readonly string[]): string {
  return parts.join('\n\n');
}

/** What exit codes mean for every command that makes many runs and compares them. */
export const COMPARED_EXIT_CODES: Readonly<Record<string, string>> = {
  0: 'done',
  1: 'a run crashed',
  2: REFUSED,
  3: 'mutual exclusion violated in any run',
  96: 'all runs of an arm were invalid',
  99: 'a threshold crossed in any run',
  130: 'interrupted; what there is is written',
};
