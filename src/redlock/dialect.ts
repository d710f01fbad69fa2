/**
 * Which commands a server has for comparing and changing a key in one step.
 *
 * Redis has `DELEX key IFEQ token` from 8.4, Valkey `DELIFEQ key token` from 9.0 (and `DELEX` from 9.2); both have
 * `SET key token IFEQ token PX ttl` by then, which gives a held key a new ttl and creates none. They save the script
 * engine. A lock of several resources goes by script everywhere: one script is atomic over them, and no server has a
 * command that compares several keys.
 *
 * @module
 */
import type { Commands } from '../model/scenario.js';
import type { RespValue } from './resp-reader.js';

export const COMMAND_CHOICES: readonly unknown[] = ['auto', 'native', 'lua'] satisfies Commands[];

/** How one connection releases and extends a single resource; chosen when it is made, and narrowed by refusals. */
export interface Dialect {
  readonly release: 'delex' | 'delifeq' | 'script';
  readonly extend: 'setIfEqual' | 'script';
}

export const SCRIPTS_ONLY: Dialect = { release: 'script', extend: 'script' };

/** The words of the question whose answer `readDialect` reads. */
export const DIALECT_QUESTION = ['COMMAND', 'INFO', 'DELEX', 'DELIFEQ'] as const;

/**
 * Reads the answer of COMMAND INFO. An error (a server that forbids the question) means no native command.
 *
 * No command tells of SET IFEQ, a mere option of SET. Every release that has DELEX or DELIFEQ has it, save Dragonfly's,
 * whose refusal is dealt with like any other.
 */
export function readDialect(answer: RespValue): Dialect {
  const known = new Set<unknown>();
  if (Array.isArray(answer)) {
    for (const entry of answer as readonly RespValue[]) {
      const [name] = Array.isArray(entry) ? (entry as readonly RespValue[]) : [];
      if (typeof name === 'string') known.add(name.toLowerCase());
    }
  }
  // DELIFEQ first: it parses no option.
  if (known.has('delifeq')) return { release: 'delifeq', extend: 'setIfEqual' };
  if (known.has('delex')) return { release: 'delex', extend: 'setIfEqual' };
  return SCRIPTS_ONLY;
}

/** Says what `native` misses on a server; undefined when nothing is missing. */
export function describeLack({ release }: Dialect): string | undefined {
  if (release !== 'script') return undefined;
  return (
    'expected native commands, got a server with neither DELEX (Redis from 8.4) nor DELIFEQ (Valkey from 9.0), or one ' +
    "that forbids COMMAND INFO; use a newer server, or commands: 'auto'"
  );
}

/** Whether an error says that the server has no such command or forbids it, rather than what became of the key. */
export function isCommandRefused(message: string): boolean {
  return /^(?:NOPERM.* run the .*command|ERR unknown command|ERR syntax error|ERR wrong number of arguments)/i.test(
    message,
  );
}

/** Whether an error says that memory is full, which keeps SET from writing, but not the script's PEXPIRE. */
export function isOutOfMemory(message: string): boolean {
  return message.startsWith('OOM');
}
