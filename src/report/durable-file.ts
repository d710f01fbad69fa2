/**
 * Files that are either whole or absent, whatever kills the process or the machine.
 *
 * @module
 */
import { mkdir, open, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { EnvironmentError, toError } from '../model/errors.js';

/** Writes a file under another name, syncs it, and gives it its name in one step. */
export async function writeDurably(file: string, text: string): Promise<void> {
  const temporary = `${file}.partial`;
  const handle = await open(temporary, 'w');
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(temporary, file);
  await syncFolder(path.dirname(file));
}

/**
 * Writes a file that can be made again, and the folders above it: in no hurry to the disk.
 *
 * @throws EnvironmentError when it cannot be written: the disk is full, or the folder not ours
 */
export async function writeInto(file: string, text: string): Promise<void> {
  try {
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, text);
  } catch (thrown) {
    throw new EnvironmentError(
      `${file}: expected a file that can be written, got ${toError(thrown).message}; make room there, or choose another place`,
      { cause: thrown },
    );
  }
}

/** Syncs the names in a folder; a file's own sync does not keep its name. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
