/**
 * Reads the flags of a command one by one, and gathers what is wrong with them, so that all of it is told at once.
 *
 * @module
 */
import { UsageError } from '../model/errors.js';
import type { Parsed } from './option-values.js';
import type { RawArguments } from './options.js';

/** What yargs hands over, while it is read. */
export class WordReader {
  /** One sentence each; the command throws them when it has read everything. */
  readonly problems: string[] = [];
  readonly #raw: RawArguments;

  constructor(raw: RawArguments) {
    this.#raw = raw;
  }

  /**
   * A text that was given once; yargs hands over a list when it was given more often.
   *
   * @param advice what to do then
   */
  once(flag: string, advice = 'keep one'): string | undefined {
    const given = this.#raw[flag];
    if (!Array.isArray(given)) return typeof given === 'string' ? given : undefined;
    this.problems.push(`--${flag}: expected once, got ${String(given.length)} times; ${advice}`);
    return undefined;
  }

  /** The value of a flag; undefined where it was not given, or wrong, which is a problem then. */
  value<Value>(flag: string, parse: (text: string) => Parsed<Value>): Value | undefined {
    const text = this.once(flag);
    if (text === undefined) return undefined;
    const parsed = parse(text);
    if ('value' in parsed) return parsed.value;
    const problems = 'problems' in parsed ? parsed.problems : [`expected ${parsed.expected}, got "${text}"`];
    this.problems.push(...problems.map((problem) => `--${flag}: ${problem}`));
    return undefined;
  }

  /** Collects what would be thrown. */
  attempt<Value>(work: () => Value): Value | undefined {
    try {
      return work();
    } catch (thrown) {
      if (!(thrown instanceof UsageError)) throw thrown;
      this.problems.push(...thrown.problems);
      return undefined;
    }
  }

  /** Refuses flags of `run` that the command sets itself; each with what to use instead. */
  refuse(command: string, flags: Readonly<Record<string, string>>): void {
    for (const [flag, fix] of Object.entries(flags)) {
      if (!isGiven(this.#raw[flag])) continue;
      this.problems.push(`--${flag}: expected not to be given, because ${command} varies or sets it; ${fix}`);
    }
  }
}

function isGiven(value: unknown): boolean {
  return value !== undefined && value !== false && (!Array.isArray(value) || value.length > 0);
}
