/**
 * Reads a run's folder: its result, or what a killed run left.
 *
 * @module
 */
import path from 'node:path';
import { UsageError } from '../model/errors.js';
import { SCHEMA_VERSION, type Manifest, type RunResult } from '../model/result.js';
import { readFaultLog } from './fault-log.js';
import { readIntervalLog } from './interval-log.js';
import { partialResult } from './partial-result.js';
import { compileResultCheck } from './result-schema.js';
import { FAULTS_FILE, INTERVALS_FILE, MANIFEST_FILE, RESULT_FILE } from './run-folder.js';
import { parseStoredJson, readIfPresent } from './stored-json.js';

export interface StoredRun {
  readonly directory: string;
  /** `intervals` when the run was killed before it wrote its result. */
  readonly source: 'result' | 'intervals';
  readonly result: RunResult;
}

/**
 * Reads the folder of a run.
 *
 * @throws UsageError when the folder is none, or its result is of another version of this tool or damaged
 */
export async function readStoredRun(directory: string): Promise<StoredRun> {
  const result = await readIfPresent(path.join(directory, RESULT_FILE));
  if (result !== undefined) return { directory, source: 'result', result: await parseResult(directory, result) };
  const manifest = await readIfPresent(path.join(directory, MANIFEST_FILE));
  if (manifest === undefined) {
    throw new UsageError([
      `${directory}: expected the folder of a run, got one without ${RESULT_FILE} and ${MANIFEST_FILE}; ` +
        'name a folder that `redlock-bench run` wrote, usually one in results/',
    ]);
  }
  const log = readIntervalLog((await readIfPresent(path.join(directory, INTERVALS_FILE))) ?? '');
  const faults = readFaultLog((await readIfPresent(path.join(directory, FAULTS_FILE))) ?? '');
  const partial = partialResult(parseManifest(directory, manifest), log);
  return { directory, source: 'intervals', result: { ...partial, faults } };
}

async function parseResult(directory: string, text: string): Promise<RunResult> {
  const parsed = parseStoredJson(path.join(directory, RESULT_FILE), text, SCHEMA_VERSION);
  const check = await compileResultCheck();
  const violations = check(parsed);
  if (violations.length > 0) {
    const shown = violations.slice(0, SHOWN_VIOLATIONS).join('; ');
    const more =
      violations.length > SHOWN_VIOLATIONS ? `; and ${String(violations.length - SHOWN_VIOLATIONS)} more` : '';
    throw new UsageError([
      `${path.join(directory, RESULT_FILE)}: expected a result of this tool, got: ${shown}${more}`,
    ]);
  }
  // The schema describes RunResult key by key, and a test holds the two together.
  return parsed as RunResult;
}

function parseManifest(directory: string, text: string): Manifest {
  // Written whole or not at all, by a tool with this version of the schema.
  return parseStoredJson(path.join(directory, MANIFEST_FILE), text, SCHEMA_VERSION) as Manifest;
}

const SHOWN_VIOLATIONS = 3;
