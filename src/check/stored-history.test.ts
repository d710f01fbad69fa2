import { mkdir, mkdtemp, readdir, readlink, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { expect, it } from 'vitest';
import { segmentName } from '../model/history.js';
import { openSegments } from './stored-history.js';

/** The files that this process has open. */
async function openFiles(): Promise<string[]> {
  const handles = await readdir('/proc/self/fd');
  return await Promise.all(handles.map((handle) => readlink(`/proc/self/fd/${handle}`).catch(() => '')));
}

it.skipIf(process.platform !== 'linux')('closes a segment that cannot be read, and says why', async () => {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'redlock-bench-test-'));
  try {
    const unreadable = path.join(folder, segmentName(0));
    await mkdir(unreadable);
    await using stored = await openSegments(folder);
    expect(stored.segments).toEqual([]);
    expect(stored.problems).toEqual([expect.stringMatching(/^worker-0\.history: EISDIR/)]);
    expect(await openFiles()).not.toContain(unreadable);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
