/**
 * A file that something is written to at the end of a long work, looked at before its beginning.
 *
 * @module
 */
import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import path from 'node:path';
import { toError, UsageError } from '../model/errors.js';
import { requireWritable } from './run-folder.js';

/**
 * Makes sure that a file can be written, or made where there is none yet.
 *
 * @param flag that named it, for the message
 * @throws UsageError
 */
export async function requireWritableFile(flag: string, file: string): Promise<void> {
  const present = await stat(file).catch(() => undefined);
  try {
    if (file.trim() === '') throw new Error('it has no name');
    if (present !== undefined && !present.isFile()) throw new Error('it is no file');
    if (present !== undefined) await access(file, constants.W_OK);
  } catch (thrown) {
    throw new UsageError([
      `${flag}: expected a file that can be written, got "${file}": ${toError(thrown).message}; choose another one`,
    ]);
  }
  if (present === undefined) await requireWritable(path.dirname(file), flag);
}
