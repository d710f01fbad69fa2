/**
 * What a power loss leaves of an append-only file: which of its bytes were surely on the disk.
 *
 * A machine that loses its power cannot be had for a test. But what a server that is killed leaves is known: everything
 * that it wrote, for the kernel keeps it. A power loss would have left what was synced.
 *
 * @module
 */
import { readdirSync, statSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { msToNs, type Ns } from '../model/time.js';

/** The sizes of the files that a server appends to, by their paths in its folder, at one instant. */
export interface FileSizes {
  readonly atNs: Ns;
  readonly bytesByFile: ReadonlyMap<string, number>;
}

/**
 * `everysec` begins to sync once a second, from a timer that is called ten times a second: what is older than this was
 * on its way to the disk, and is taken to have arrived. Whatever is younger may have been lost, and so it is.
 */
const SYNCED_AFTER_MS = 1_200;

/** Sizes over time, from which is told how much had surely been synced. */
export class AppendOnlyHistory {
  /** From the newest that is old enough on; all before it say nothing more. */
  #samples: FileSizes[];

  /** @param first what was there when the server started, which had outlived everything so far */
  constructor(first: FileSizes) {
    this.#samples = [first];
  }

  add(sizes: FileSizes): void {
    this.#samples.push(sizes);
    const firstKept = this.#samples.findLastIndex(({ atNs }) => isSynced(atNs, sizes.atNs));
    if (firstKept > 0) this.#samples = this.#samples.slice(firstKept);
  }

  /** The sizes that the files surely had on the disk at an instant. A file that is not in it had nothing there. */
  syncedAt(nowNs: Ns): ReadonlyMap<string, number> {
    const synced = this.#samples.findLast(({ atNs }) => isSynced(atNs, nowNs)) ?? this.#samples[0];
    return synced?.bytesByFile ?? new Map();
  }
}

function isSynced(atNs: Ns, nowNs: Ns): boolean {
  return nowNs - atNs >= msToNs(SYNCED_AFTER_MS);
}

/** Measures the append-only files in a server's folder. */
export function measureAppendOnlyFiles(folder: string, nowNs: Ns): FileSizes {
  const bytesByFile = new Map<string, number>();
  for (const file of appendedFiles(folder)) {
    const size = statSync(join(folder, file), { throwIfNoEntry: false })?.size;
    // A rewrite removes the file that it replaces.
    if (size !== undefined) bytesByFile.set(file, size);
  }
  return { atNs: nowNs, bytesByFile };
}

/**
 * Cuts the files of a server that is gone back to what they had on the disk. A command may be torn: servers drop such an
 * end when they load it, as after a real power loss.
 *
 * @returns how many bytes are lost
 */
export function cutAppendOnlyFiles(folder: string, synced: ReadonlyMap<string, number>): number {
  let lostBytes = 0;
  for (const [file, bytes] of measureAppendOnlyFiles(folder, 0).bytesByFile) {
    const kept = Math.min(bytes, synced.get(file) ?? 0);
    if (kept < bytes) truncateSync(join(folder, file), kept);
    lostBytes += bytes - kept;
  }
  return lostBytes;
}

/** Since Redis 7.0 a folder, in which only the increments grow; before, one file. */
function appendedFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => APPENDED.test(file));
}

const APPENDED = /(^appendonly\.aof|\.incr\.aof)$/;
