/**
 * Files and folders that something is written to at the end of a long work, looked at before its beginning.
 *
 * @module
 */
import { constants, existsSync } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import path from 'node:path';
import { toError, UsageError } from '../model/errors.js';

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

/**
 * Makes sure, before anything is started, that a folder can be made where none is yet.
 *
 * @throws UsageError
 */
export async function requireWritable(directory: string, flag = '--out'): Promise<void> {
  let place = path.resolve(directory);
  try {
    if (directory === '') throw new Error('it has no name');
    while (!existsSync(place)) place = path.dirname(place);
    if (!(await stat(place)).isDirectory()) throw new Error(`${place} is no folder`);
    await access(place, constants.W_OK);
  } catch (thrown) {
    throw new UsageError([
      `${flag}: expected a folder that can be written, got "${directory}": ${toError(thrown).message}; choose another one`,
    ]);
  }
}
