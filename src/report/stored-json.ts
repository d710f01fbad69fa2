/**
 * JSON files that an earlier command wrote, perhaps of another version of this tool.
 *
 * @module
 */
import { readFile } from 'node:fs/promises';
import { toError, UsageError } from '../model/errors.js';

/** Reads a file; undefined when there is none, or no such folder. */
export async function readIfPresent(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (thrown) {
    const { code } = toError(thrown) as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw thrown;
  }
}

/**
 * Parses what was written with a version of its schema.
 *
 * @throws UsageError when the text is damaged, or of another version
 */
export function parseStoredJson(file: string, text: string, schemaVersion: number): unknown {
  const parsed = parseJson(file, text);
  const version = (parsed as { schemaVersion?: unknown } | null)?.schemaVersion;
  if (version === schemaVersion) return parsed;
  throw new UsageError([
    `${file}: expected schemaVersion ${String(schemaVersion)}, got ${version === undefined ? 'none' : JSON.stringify(version)}; ` +
      'read it with the version of redlock-bench that wrote it',
  ]);
}

function parseJson(file: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (thrown) {
    throw new UsageError([`${file}: expected JSON, got ${toError(thrown).message}`]);
  }
}
