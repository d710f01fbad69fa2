/**
 * The locks that can be measured, by name.
 *
 * @module
 */
import { isAbsolute, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { toError, UsageError } from '../model/errors.js';
import type { LockAdapter } from './lock-client.js';
import { redlockAdapter } from './redlock.js';

const BUILT_IN: readonly LockAdapter[] = [redlockAdapter];

/** The built-in locks, in the order in which they are listed. */
export function listAdapters(): readonly LockAdapter[] {
  return BUILT_IN;
}

/**
 * Finds a lock by its name, or imports it from a module of the user: `./lock.mjs`, an absolute path or a `file:` URL
 * that exports `adapter: LockAdapter`. Relative paths count from the working directory.
 *
 * @throws UsageError for an unknown name, a module that cannot be imported, or an export that is no adapter
 */
export async function findAdapter(name: string): Promise<LockAdapter> {
  if (isModule(name)) return importAdapter(name);
  const adapter = BUILT_IN.find((one) => one.name === name);
  if (adapter !== undefined) return adapter;
  const known = BUILT_IN.map((one) => one.name).join(', ');
  throw new UsageError([
    `--lock: expected one of ${known}, or a path such as ./my-lock.mjs, got ${name === '' ? 'nothing' : name}`,
  ]);
}

function isModule(name: string): boolean {
  return /^(\.{1,2}[\\/]|file:)/.test(name) || isAbsolute(name);
}

async function importAdapter(name: string): Promise<LockAdapter> {
  const url = name.startsWith('file:') ? name : pathToFileURL(resolve(name)).href;
  let exported: unknown;
  try {
    exported = await import(url);
  } catch (error) {
    throw new UsageError([
      `--lock ${name}: expected a module that can be imported, got: ${toError(error).message}; ` +
        'use a compiled .js or .mjs file',
    ]);
  }
  const adapter = isRecord(exported) ? exported['adapter'] : undefined;
  const problems = checkAdapter(adapter).map((problem) => `--lock ${name}: ${problem}`);
  if (problems.length > 0) throw new UsageError(problems);
  return adapter as LockAdapter;
}

/** Says what keeps a value from being an adapter; what `open` returns shows only when it is opened. */
function checkAdapter(adapter: unknown): string[] {
  if (!isRecord(adapter)) return [`expected an export named adapter, got ${typeof adapter}; see LockAdapter`];
  const problems: string[] = [];
  const check = (isGood: boolean, key: string, expected: string): void => {
    if (!isGood) problems.push(`adapter.${key}: expected ${expected}; see LockAdapter`);
  };
  const { name, description, capabilities, open } = adapter;
  check(typeof name === 'string' && name !== '', 'name', 'a name');
  check(typeof description === 'string', 'description', 'a sentence');
  check(typeof open === 'function', 'open', 'a function that returns a LockClient');
  const { maxMasters, canExtend } = isRecord(capabilities) ? capabilities : {};
  check(typeof maxMasters === 'number' && maxMasters >= 1, 'capabilities.maxMasters', 'a number from 1');
  check(typeof canExtend === 'boolean', 'capabilities.canExtend', 'true or false');
  return problems;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
