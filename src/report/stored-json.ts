/**
 * JSON files that an earlier command wrote, perhaps of another version of this tool.
 *
 * @module
 */
import { readFile } from 'node:fs/promises';
import { toError, UsageError } from '../model/errors.js';

/**
 * Reads a file; undefined when there is none, or no such folder.
 *
 * @throws UsageError when it cannot be read
 */
export async function readIfPresent(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (thrown) {
    const { code } = toError(thrown) as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw new UsageError([
      `${file}: expected a file that can be read, got ${toError(thrown).message}; make it readable`,
    ]);
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

/** What a stored report must be to be shown again. */
export interface StoredKind {
  /** For messages: `a comparison`. */
  readonly noun: string;
  readonly kind: string;
  readonly schemaVersion: number;
  /** Keys whose value must be a list: without these nothing can be shown. `comparison.arms` is a key of a key. */
  readonly lists: readonly string[];
  /** Which command writes it. */
  readonly command: string;
}

/**
 * Reads a report that a command of this tool wrote; undefined when there is none.
 *
 * @throws UsageError when it is damaged, of another kind, or of another version of this tool
 */
export async function readStoredReport(file: string, expected: StoredKind): Promise<object | undefined> {
  const text = await readIfPresent(file);
  if (text === undefined) return undefined;
  const { noun, kind, schemaVersion, lists, command } = expected;
  const parsed = parseStoredJson(file, text, schemaVersion) as Readonly<Record<string, unknown>>;
  const lacking = lists.filter((key) => !isWholeList(valueAt(parsed, key)));
  if (parsed['kind'] === kind && lacking.length === 0) return parsed;
  const got = lacking.length > 0 ? `one without ${lacking.join(', ')}` : `kind ${JSON.stringify(parsed['kind'])}`;
  throw new UsageError([
    `${file}: expected ${noun} of this tool, got ${got}; write it anew with redlock-bench ${command}`,
  ]);
}

function isWholeList(value: unknown): boolean {
  return Array.isArray(value) && value.every((each) => each !== null && !Array.isArray(each));
}

function valueAt(parsed: unknown, key: string): unknown {
  return key
    .split('.')
    .reduce((value: unknown, each) => (value as Readonly<Record<string, unknown>> | null | undefined)?.[each], parsed);
}

function parseJson(file: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (thrown) {
    throw new UsageError([`${file}: expected JSON, got ${toError(thrown).message}`]);
  }
}
