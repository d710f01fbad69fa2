/**
 * `npm run bench:peers`: our client side by side with its npm peers, and against the targets.
 *
 * @module
 */
import { writeFileSync } from 'node:fs';
import { EXIT_CODES } from '../../src/check/exit-code.js';
import { interruptible } from '../../src/cli/interrupt.js';
import { EnvironmentError, UsageError } from '../../src/model/errors.js';
import { FIELD } from './contenders.js';
import { parseFlags, USAGE, type Flags } from './flags.js';
import type { RowGroup } from './row-group.js';
import { measureRows, ROW_NAMES } from './rows.js';
import { describeGroup, describeTargets } from './table.js';

try {
  const flags = parseFlags(process.argv.slice(2), ROW_NAMES);
  if (flags === undefined) print(USAGE);
  else await interruptible((signal) => run(flags, signal));
} catch (thrown) {
  if (!(thrown instanceof UsageError || thrown instanceof EnvironmentError)) throw thrown;
  announce(thrown.message);
  process.exitCode = EXIT_CODES.usage;
}

/** Measures row after row, prints each when it is done, and the targets at the end: also when it is interrupted. */
async function run({ isQuick, rows, rounds, jsonFile }: Flags, signal: AbortSignal): Promise<void> {
  const groups: RowGroup[] = [];
  try {
    for await (const group of measureRows(rows, { signal, rounds, isQuick, announce })) {
      if (typeof group !== 'string') groups.push(group);
      print(typeof group === 'string' ? `${group}\n` : describeGroup(group));
    }
  } catch (thrown) {
    if (!signal.aborted) throw thrown;
    process.exitCode = EXIT_CODES.interrupted;
  }
  print(describeTargets(groups.flatMap(({ verdicts }) => verdicts)));
  print(`\n${describeField()}`);
  if (isQuick) print('\n--quick: shows that it works; its figures mean nothing.');
  if (jsonFile !== undefined) writeJson(jsonFile, { isQuick, rounds, groups });
}

/** The fine print: who was given what. */
function describeField(): string {
  const lines = FIELD.map(({ name, given }) => `- ${name}: ${given}`);
  return [`Node ${process.versions.node}; masters without persistence on 127.0.0.1`, ...lines].join('\n');
}

function writeJson(file: string, result: object): void {
  const contenders = FIELD.map(({ name, given }) => ({ name, given }));
  // JSON knows no Infinity: that of a PING without an answer becomes null.
  writeFileSync(file, `${JSON.stringify({ node: process.versions.node, contenders, ...result }, undefined, 2)}\n`);
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

function announce(line: string): void {
  process.stderr.write(`bench:peers: ${line}\n`);
}
