/**
 * What a connection says first, and what it makes of the answers.
 *
 * @module
 */
import { describeFailure } from '../model/connection-failure.js';
import type { Commands } from '../model/scenario.js';
import { DIALECT_QUESTION, readDialect, SCRIPTS_ONLY, type Dialect } from './dialect.js';
import { ReplyError, type RespValue } from './resp-reader.js';
import { renderCommand } from './resp-writer.js';
import { SCRIPTS } from './scripts.js';

/** How a connection introduces itself. */
export interface Introduction {
  readonly username: string | undefined;
  readonly password: string | undefined;
  readonly database: number;
  readonly commands: Commands;
}

export type Protocol = 2 | 3;

/** `older`: the server knows no RESP3, or does not let us have it; greet it again in RESP2. */
export type GreetingOutcome =
  | { readonly status: 'ready'; readonly dialect: Dialect }
  | { readonly status: 'older' }
  | { readonly status: 'failed'; readonly cause: Error };

type Part = 'hello' | 'auth' | 'select' | 'script' | 'dialect';

/** One greeting: all its commands leave in one write, and `judge` reads all their answers. */
export class Greeting {
  /** The commands, as a byte string. */
  readonly text: string;
  readonly #parts: readonly Part[];
  readonly #password: string | undefined;

  constructor({ username, password, database, commands }: Introduction, protocol: Protocol) {
    const parts: Part[] = [];
    let text = '';
    const say = (part: Part, ...words: readonly (string | number)[]): void => {
      parts.push(part);
      text += renderCommand(...words);
    };
    if (protocol === 3) {
      say('hello', 'HELLO', 3, ...(password === undefined ? [] : ['AUTH', username ?? 'default', password]));
    } else if (password !== undefined) {
      // Servers before Redis 6 know no users.
      say('auth', 'AUTH', ...(username === undefined ? [] : [username]), password);
    }
    if (database !== 0) say('select', 'SELECT', database);
    for (const { body } of SCRIPTS) say('script', 'SCRIPT', 'LOAD', body);
    if (commands !== 'lua') say('dialect', ...DIALECT_QUESTION);
    this.text = text;
    this.#parts = parts;
    this.#password = password;
  }

  /** How many answers it gets. */
  get answers(): number {
    return this.#parts.length;
  }

  /**
   * Judges the answers, in their order. A server that is still loading its data, or a replica without its master, is
   * not ready. One that forbids SCRIPT LOAD or COMMAND INFO is: it gets scripts by EVAL, and no native commands.
   */
  judge(answers: readonly RespValue[]): GreetingOutcome {
    let dialect = SCRIPTS_ONLY;
    let isOlder = false;
    for (const [index, part] of this.#parts.entries()) {
      const answer = answers[index] ?? null;
      if (!(answer instanceof ReplyError)) {
        if (part === 'dialect') dialect = readDialect(answer);
      } else if (
        isUnready(answer.message) ||
        part === 'auth' ||
        (part !== 'hello' && !isOlder && isRefused(part, answer))
      ) {
        return { status: 'failed', cause: this.redact(answer) };
      } else if (part === 'hello') {
        if (/^(?:WRONGPASS|NOAUTH)/.test(answer.message)) return { status: 'failed', cause: this.redact(answer) };
        isOlder = true;
      }
    }
    return isOlder ? { status: 'older' } : { status: 'ready', dialect };
  }

  /** An error without the password, which a server that does not know HELLO or AUTH repeats with its other words. */
  redact(answer: ReplyError): Error {
    const message = describeFailure(answer);
    return new Error(this.#password ? message.replaceAll(this.#password, '(password)') : message);
  }
}

/** LOADING and MASTERDOWN pass. */
function isUnready(message: string): boolean {
  return /^(?:LOADING|MASTERDOWN)/.test(message);
}

/** A database that is not to be had, and a server that wants a password, which none was given for, serve nothing. */
function isRefused(part: Part, { message }: ReplyError): boolean {
  return part === 'select' || message.startsWith('NOAUTH');
}
