/**
 * Reads a run's folder: its result, or what a killed run left.
 *
 * @module
 */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { toError, UsageError } from '../model/errors.js';
import { SCHEMA_VERSION, type Manifest, type RunResult } from '../model/result.js';
import { readIntervalLog } from './interval-log.js';
import { partialResult } from './partial-result.js';
import { compileResultCheck } from './result-schema.js';
import { INTERVALS_FILE, MANIFEST_FILE, RESULT_FILE } from './run-folder.js';

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
  return { directory, source: 'intervals', result: partialResult(parseManifest(directory, manifest), log) };
}

async function parseResult(directory: string, text: string): Promise<RunResult> {
  const parsed = parseJson(directory, RESULT_FILE, text);
  requireVersion(directory, RESULT_FILE, parsed);
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
  const parsed = parseJson(directory, MANIFEST_FILE, text);
  requireVersion(directory, MANIFEST_FILE, parsed);
  // Written whole or not at all, by a tool with this version of the schema.
  return parsed as Manifest;
}

const SHOWN_VIOLATIONS = 3;

function parseJson(directory: string, file: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (thrown) {
    throw new UsageError([`${path.join(directory, file)}: expected JSON, got ${toError(thrown).message}`]);
  }
}

function requireVersion(directory: string, file: string, parsed: unknown): void {
  const version = (parsed as { schemaVersion?: unknown } | null)?.schemaVersion;
  if (version === SCHEMA_VERSION) return;
  throw new UsageError([
    `${path.join(directory, file)}: expected schemaVersion ${String(SCHEMA_VERSION)}, got ${version === undefined ? 'none' : JSON.stringify(version)}; ` +
      'read it with the version of redlock-bench that wrote it',
  ]);
}

async function readIfPresent(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (thrown) {
    const { code } = toError(thrown) as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw thrown;
  }
}
