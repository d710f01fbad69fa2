/**
 * Files that are either whole or absent, whatever kills the process or the machine.
 *
 * @module
 */
import { open, rename } from 'node:fs/promises';
import path from 'node:path';

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

/** Syncs the names in a folder; a file's own sync does not keep its name. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
