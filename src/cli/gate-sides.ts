/**
 * The two sides of a gate, as they are written: settings of this build, a checkout, or any command that measures.
 *
 * @module
 */
import { accessSync, constants, existsSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { splitWords } from '../model/command-words.js';
import { redactCredentials } from '../model/endpoint.js';
import { toError, UsageError } from '../model/errors.js';
import type { ScenarioInput } from '../model/scenario.js';
import { findOnPath } from '../servers/locate.js';
import { readOptions, RUN_OPTIONS } from './options.js';

/** A side, read; its text is for people and files, and without passwords. */
export type Side =
  | { readonly kind: 'settings'; readonly text: string; readonly input: ScenarioInput }
  /** The words that start its command line. */
  | { readonly kind: 'checkout'; readonly text: string; readonly directory: string; readonly words: readonly string[] }
  | { readonly kind: 'command'; readonly text: string; readonly words: readonly string[] };

/**
 * Binds what follows `--base` and `--head` to them: a text that begins with dashes would be taken for a flag of the gate.
 */
export function bindSides(words: readonly string[]): string[] {
  // The command is the first word that is no flag: --quiet may stand before it.
  if (words.find((word) => !word.startsWith('-')) !== 'gate') return [...words];
  return words.flatMap((word, index) => {
    if (isSideFlag(words[index - 1])) return [];
    const next = words[index + 1];
    return isSideFlag(word) && next !== undefined ? [`${word}=${next}`] : [word];
  });
}

function isSideFlag(word: string | undefined): boolean {
  return word === '--base' || word === '--head';
}

/** What belongs to the gate itself, and not to one side of it; containers are started for the whole of it. */
const OF_THE_GATE: ReadonlySet<string> = new Set(['out', 'json', 'quiet', 'seed', 'threshold', 'compose']);

/**
 * Reads `--base` or `--head`. Without a text it is this build with the scenario as it is; a blank one is a variable that
 * nobody set, and would hold a build against itself.
 *
 * @throws UsageError
 */
export function readSide(flag: 'base' | 'head', given?: string): Side {
  if (given?.trim() === '') {
    throw new UsageError([
      `--${flag}: expected settings, a folder or a command, got a blank text; is a variable not set? Leave --${flag} out for this build as it is`,
    ]);
  }
  const raw = given ?? '';
  const text = redactCredentials(raw);
  const words = splitWords(raw);
  if (words === undefined) {
    throw new UsageError([`--${flag}: expected a text with closed quotes, got ${text}; close the quote`]);
  }
  if (raw.trimStart().startsWith('--') || words.length === 0) {
    return { kind: 'settings', text, input: readSettings(flag, words) };
  }
  const directory = path.resolve(raw);
  if (isFolder(directory)) {
    return { kind: 'checkout', text, directory, words: [process.execPath, findBin(flag, directory)] };
  }
  checkProgram(flag, words);
  return { kind: 'command', text, words };
}

/** A folder that is not there, or a misspelt program, would be found out after the other side had run. */
function checkProgram(flag: string, [program = '', ...rest]: readonly string[]): void {
  const isPath = program.includes('/') || program.includes(path.sep);
  const isThere = isPath ? isProgram(program) : findOnPath(program, process.env) !== undefined;
  if (isThere) return;
  const shown = redactCredentials(program);
  throw new UsageError([
    isPath && rest.length === 0
      ? `--${flag}: expected a folder or a program that is there, got ${shown}; check the path, which counts from ${process.cwd()}`
      : `--${flag}: expected settings, a folder or a command, got the program ${shown}, which ${isPath ? 'cannot be run' : 'is not on PATH'}; ` +
        'give settings such as "--lock ./my-lock.mjs", a folder such as ../main, or the path of a program',
  ]);
}

function readSettings(flag: string, words: readonly string[]): ScenarioInput {
  const options = Object.fromEntries(
    RUN_OPTIONS.filter((option) => !OF_THE_GATE.has(option.flag)).map((option) => {
      const type: 'boolean' | 'string' = option.placeholder === undefined ? 'boolean' : 'string';
      return [option.flag, { type, multiple: true }] as const;
    }),
  );
  try {
    const { values } = parseArgs({ args: [...words], options, strict: true, allowPositionals: false });
    return readOptions(values);
  } catch (thrown) {
    const problems = thrown instanceof UsageError ? thrown.problems : [toError(thrown).message];
    throw new UsageError(
      problems.map(
        (problem) =>
          `--${flag}: expected flags of run such as "--lock npm:redlock@4 --transport wire", got: ${redactCredentials(problem)}`,
      ),
    );
  }
}

/** The program of a checkout, of an installed package, or of a folder into which the package was installed. */
function findBin(flag: string, directory: string): string {
  const places = [directory, path.join(directory, 'node_modules', 'redlock-bench')];
  for (const place of places) {
    const bin = binOf(place);
    if (bin === undefined) continue;
    const file = path.join(place, bin);
    if (existsSync(file)) return file;
    throw new UsageError([
      `--${flag}: expected a checkout of redlock-bench that was built, got ${directory} without ${bin}; run npm ci and npm run build in it`,
    ]);
  }
  throw new UsageError([
    `--${flag}: expected a checkout or an installed package of redlock-bench, got the folder ${directory}, which is neither; ` +
      'give settings such as "--lock ./my-lock.mjs", or a command that prints a result',
  ]);
}

function binOf(directory: string): string | undefined {
  const file = path.join(directory, 'package.json');
  if (!existsSync(file)) return undefined;
  try {
    const { name, bin } = JSON.parse(readFileSync(file, 'utf8')) as {
      readonly name?: unknown;
      readonly bin?: string | Readonly<Record<string, string>>;
    };
    if (name !== 'redlock-bench') return undefined;
    return typeof bin === 'string' ? bin : bin?.['redlock-bench'];
  } catch (thrown) {
    throw new UsageError([`${file}: expected JSON, got ${toError(thrown).message}`]);
  }
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return !isFolder(file);
  } catch {
    return false;
  }
}

function isFolder(directory: string): boolean {
  return statSync(directory, { throwIfNoEntry: false })?.isDirectory() === true;
}
