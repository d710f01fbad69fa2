/**
 * `locks`: what can be measured, and a lock to begin one's own with.
 *
 * @module
 */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { EXIT_CODES } from '../check/exit-code.js';
import { listLocks } from '../locks/registry.js';
import { UsageError } from '../model/errors.js';
import { toJson } from '../report/json-text.js';
import { renderLocks } from '../report/lock-list.js';
import type { RawArguments } from './options.js';
import { stdoutStyle } from './terminal.js';

/** Prints the list, or the template. */
export async function locksCommand(raw: RawArguments): Promise<number> {
  process.stdout.write(await textOf(raw['json'] === true, raw['template'] === true));
  return EXIT_CODES.ok;
}

async function textOf(isJson: boolean, isTemplate: boolean): Promise<string> {
  if (isJson && isTemplate) throw new UsageError(['locks: expected --json or --template, got both; drop one']);
  if (isTemplate) return readTemplate();
  const locks = listLocks();
  return isJson ? toJson(locks) : `${renderLocks(locks, stdoutStyle())}\n`;
}

function readTemplate(): Promise<string> {
  // By the name under which the package exports it: the same file from the sources, from dist and when installed.
  const file = createRequire(import.meta.url).resolve('redlock-bench/my-lock.template.mjs');
  return readFile(file, 'utf8');
}
