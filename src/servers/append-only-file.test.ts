import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { msToNs } from '../model/time.js';
import { AppendOnlyHistory, cutAppendOnlyFiles, measureAppendOnlyFiles } from './append-only-file.js';

const FILE = 'appendonlydir/appendonly.aof.1.incr.aof';

function sizes(atMs: number, bytes: number): { atNs: number; bytesByFile: Map<string, number> } {
  return { atNs: msToNs(atMs), bytesByFile: new Map([[FILE, bytes]]) };
}

describe('what had surely been synced', () => {
  it('is what was there when the server started, for its first 1.2 seconds', () => {
    const history = new AppendOnlyHistory({ ...sizes(0, 7), atNs: Number.NEGATIVE_INFINITY });
    history.add(sizes(1_000, 50));
    expect(history.syncedAt(msToNs(1_100)).get(FILE)).toBe(7);
  });

  it('is what the newest sample saw that is at least 1.2 seconds old', () => {
    const history = new AppendOnlyHistory({ ...sizes(0, 0), atNs: Number.NEGATIVE_INFINITY });
    for (let atMs = 0; atMs <= 5_000; atMs += 100) history.add(sizes(atMs, atMs));
    expect(history.syncedAt(msToNs(5_000)).get(FILE)).toBe(3_800);
    expect(history.syncedAt(msToNs(5_099)).get(FILE)).toBe(3_800);
    expect(history.syncedAt(msToNs(5_100)).get(FILE)).toBe(3_900);
  });

  it('is less, never more, when samples are late', () => {
    const history = new AppendOnlyHistory({ ...sizes(0, 1), atNs: Number.NEGATIVE_INFINITY });
    history.add(sizes(1_000, 10));
    history.add(sizes(4_000, 40));
    expect(history.syncedAt(msToNs(5_000)).get(FILE)).toBe(10);
  });
});

describe('cutting append-only files', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'redlock-bench-test-'));
    mkdirSync(join(folder, 'appendonlydir'));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  it('touches what grows, in the layouts of Redis 7 and of older servers, and nothing else', () => {
    const contents = {
      [FILE]: '0123456789',
      'appendonlydir/appendonly.aof.1.base.rdb': 'base',
      'appendonlydir/appendonly.aof.manifest': 'manifest',
      'appendonly.aof': 'old',
      'server.log': 'log',
    };
    for (const [file, text] of Object.entries(contents)) writeFileSync(join(folder, file), text);
    expect(Object.fromEntries(measureAppendOnlyFiles(folder, 5).bytesByFile)).toEqual({
      [FILE]: 10,
      'appendonly.aof': 3,
    });
    expect(cutAppendOnlyFiles(folder, new Map([[FILE, 4]]))).toBe(9);
    const left = Object.keys(contents).map((file) => readFileSync(join(folder, file), 'utf8'));
    expect(left).toEqual(['0123', 'base', 'manifest', '', 'log']);
  });

  it('lengthens no file that a rewrite has shortened', () => {
    writeFileSync(join(folder, FILE), '0123');
    expect(cutAppendOnlyFiles(folder, new Map([[FILE, 10]]))).toBe(0);
    expect(readFileSync(join(folder, FILE), 'utf8')).toBe('0123');
  });
});
