/**
 * A folder of pictures beside a page: nobody else's files are in it, and none of an earlier report.
 *
 * @module
 */
import { mkdir, readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { toError, UsageError } from '../model/errors.js';
import { writeDurably } from './durable-file.js';
import { toJson } from './json-text.js';
import { readIfPresent } from './stored-json.js';

/** Names the pictures that this tool wrote there, because a picture does not say whose it is. */
const LIST_FILE = 'pictures.json';

/**
 * Makes sure that a folder of pictures is new, or holds only what this tool listed there.
 *
 * @throws UsageError
 */
export async function requirePictureFolder(directory: string): Promise<void> {
  const ours = [LIST_FILE, ...(await listed(directory))];
  const foreign = (await namesIn(directory)).find((name) => !ours.includes(name));
  if (foreign === undefined) return;
  throw new UsageError([
    `--png: expected a new folder, or one with pictures of an earlier report only, got ${directory}, which holds ${foreign}; name another page with --out`,
  ]);
}

/** Lists the pictures that are about to be written, and removes those of an earlier report. */
export async function claimPictureFolder(directory: string, names: readonly string[]): Promise<void> {
  await requirePictureFolder(directory);
  const stale = (await listed(directory)).filter((name) => !names.includes(name));
  try {
    await mkdir(directory, { recursive: true });
    for (const name of stale) await rm(path.join(directory, name), { force: true });
    await writeDurably(path.join(directory, LIST_FILE), toJson(names));
  } catch (thrown) {
    throw new UsageError([
      `--png: expected a folder that can be written, got ${directory}: ${toError(thrown).message}; choose another place with --out`,
    ]);
  }
}

async function namesIn(directory: string): Promise<string[]> {
  try {
    return await readdir(directory);
  } catch (thrown) {
    const { code, message } = toError(thrown) as NodeJS.ErrnoException;
    if (code === 'ENOENT') return [];
    throw new UsageError([`--png: expected a folder for pictures, got ${directory}: ${message}; choose another --out`]);
  }
}

/** Only plain names: what was tampered with must not remove anything elsewhere. */
async function listed(directory: string): Promise<string[]> {
  const text = await readIfPresent(path.join(directory, LIST_FILE));
  if (text === undefined) return [];
  try {
    const names: unknown = JSON.parse(text);
    return Array.isArray(names) ? names.map(String).filter((name) => /^[\w-]+\.png$/.test(name)) : [];
  } catch {
    return [];
  }
}
