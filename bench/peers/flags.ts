/**
 * The flags of `npm run bench:peers`.
 *
 * @module
 */
import { parseArgs } from 'node:util';
import { toError, UsageError } from '../../src/model/errors.js';

export interface Flags {
  readonly isQuick: boolean;
  readonly rows: readonly string[];
  readonly rounds: number;
  /** Where every report of every round goes, too. */
  readonly jsonFile: string | undefined;
}

export const USAGE = `npm run bench:peers -- [--rows NAME,NAME] [--rounds 5] [--quick] [--json FILE]
  --rows    pairs, yardstick, latency, contended, slow-master, renewal; all without it
  --rounds  how often each is measured; medians of the rounds are compared
  --quick   one short round: shows that it works, its figures mean nothing
  --json    writes every report of every round to a file`;

const DEFAULT_ROUNDS = 5;
const MOST_ROUNDS = 100;

/**
 * @returns undefined when help is asked for
 * @throws UsageError
 */
export function parseFlags(args: readonly string[], rowNames: readonly string[]): Flags | undefined {
  const { values } = parse(args);
  if (values.help) return undefined;
  const rows = values.rows?.split(',') ?? rowNames;
  const rounds = values.rounds === undefined ? (values.quick ? 1 : DEFAULT_ROUNDS) : Number(values.rounds);
  const problems = rows
    .filter((row) => !rowNames.includes(row))
    .map((row) => `--rows: expected some of ${rowNames.join(',')}, got ${row}`);
  if (!Number.isInteger(rounds) || rounds < 1 || rounds > MOST_ROUNDS) {
    problems.push(`--rounds: expected a whole number from 1 to ${String(MOST_ROUNDS)}, got ${String(values.rounds)}`);
  }
  if (problems.length > 0) throw new UsageError(problems);
  return { isQuick: values.quick, rows, rounds, jsonFile: values.json };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        rows: { type: 'string' },
        rounds: { type: 'string' },
        quick: { type: 'boolean', default: false },
        json: { type: 'string' },
        help: { type: 'boolean', default: false },
      },
    });
  } catch (thrown) {
    throw new UsageError([toError(thrown).message]);
  }
}
