/**
 * The folder of a comparison must be its own.
 *
 * @module
 */
import { readdir } from 'node:fs/promises';
import { UsageError } from '../model/errors.js';
import { MANIFEST_FILE, RESULT_FILE } from '../report/run-folder.js';
import { requireWritable } from '../report/writable-file.js';
import type { RawArguments } from './options.js';
import { readOutput, type Output } from './output.js';

/** What an earlier comparison, experiment or run leaves behind. */
const TRACES = ['comparison.json', 'chaos.json', 'tuning.json', 'node-timeout', 'runs', MANIFEST_FILE, RESULT_FILE];

/**
 * What `readOutput` reads, once it is sure that the folder can be written and is new.
 *
 * @throws UsageError
 */
export async function readNewOutput(raw: RawArguments, name: string): Promise<Output> {
  const output = readOutput(raw, name);
  await requireWritable(output.directory);
  await requireUnused(output.directory);
  return output;
}

/**
 * Makes sure, before anything is started, that a folder holds neither a comparison, nor experiments, nor a run, which would be mixed with
 * this one.
 *
 * @throws UsageError
 */
export async function requireUnused(directory: string): Promise<void> {
  // A folder that cannot be read, mostly because it is not there yet, is the business of whoever writes into it.
  const present = await readdir(directory).catch((): string[] => []);
  const trace = TRACES.find((name) => present.includes(name));
  if (trace === undefined) return;
  throw new UsageError([
    `--out: expected a new folder, got ${directory}, which holds ${trace} of an earlier comparison or run; choose another folder or remove it`,
  ]);
}
