import { mkdtemp, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { SegmentDecoder } from '../model/history-decoder.js';
import { blankOperation, type Operation } from '../model/operation.js';
import { HistoryWriter } from './history-writer.js';

const disk = vi.hoisted(() => ({ isFull: false }));

vi.mock('node:fs', async (original) => {
  const fs = await original<typeof import('node:fs')>();
  return {
    ...fs,
    writeSync: (handle: number, bytes: Uint8Array, offset: number) => {
      if (disk.isFull) throw new Error('ENOSPC: no space left on device');
      return fs.writeSync(handle, bytes, offset);
    },
  };
});

const HEADER = { runId: 'test', worker: 0, keys: 1, epochNs: 0 };

let folder: string;
let file: string;

beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'redlock-bench-test-'));
  file = path.join(folder, 'worker-0.history');
});

afterEach(async () => {
  disk.isFull = false;
  await rm(folder, { recursive: true, force: true });
});

/** What stands in the file now: each record's kind and the instant that matters about it. */
async function written(): Promise<(readonly [string, number])[]> {
  const decoder = new SegmentDecoder();
  decoder.push(await readFile(file));
  const records: (readonly [string, number])[] = [];
  for (let kind = decoder.next(); kind !== 'starved'; kind = decoder.next()) {
    if (kind === 'damaged') throw new Error('expected a whole segment, got a damaged one');
    const { releaseInvokedNs, returnedNs } = decoder.operation;
    if (kind === 'watermark') records.push([kind, decoder.watermarkNs]);
    else if (kind !== 'header') records.push([kind, releaseInvokedNs ?? returnedNs]);
  }
  return records;
}

function acquired(returnedNs: number, releaseInvokedNs?: number): Operation {
  return { ...blankOperation(0, 0), keyIndex: 0, status: 'acquired', returnedNs, releaseInvokedNs };
}

describe('HistoryWriter', () => {
  it('hands over at every flush what it has, with the holds that are under way', async () => {
    const writer = new HistoryWriter(file, HEADER);
    writer.record(acquired(10, 20));
    expect(await written()).toEqual([]);
    writer.flush(50, [acquired(30), { ...acquired(0), status: 'unfinished' }]);
    const flushed = [
      ['operation', 20],
      ['holding', 50],
      ['watermark', 50],
    ];
    expect(await written()).toEqual(flushed);
    writer.end();
    expect(await written()).toEqual([...flushed, ['watermark', Infinity]]);
    expect(writer.problems).toEqual([]);
  });

  it('keeps the watermark behind a hold that is being released and was not recorded yet', async () => {
    const writer = new HistoryWriter(file, HEADER);
    writer.flush(50, [acquired(30, 40), acquired(35)]);
    expect(await written()).toEqual([
      ['holding', 40],
      ['holding', 50],
      ['watermark', 40],
    ]);
    writer.end();
  });

  it('keeps every operation of many, although it hands them over only when its buffer is full', async () => {
    const writer = new HistoryWriter(file, HEADER);
    for (let index = 0; index < 5_000; index++) writer.record(acquired(index, index));
    const before = await written();
    expect(before.length).toBeGreaterThan(4_000);
    expect(before.length).toBeLessThan(5_000);
    writer.end();
    const after = await written();
    expect(after.map(([, ns]) => ns)).toEqual([...Array.from({ length: 5_000 }, (_, index) => index), Infinity]);
  });

  it('does not say of a worker that died that nothing is missing', async () => {
    const writer = new HistoryWriter(file, HEADER);
    writer.record(acquired(10, 20));
    writer.abandon();
    writer.end();
    expect(await written()).toEqual([['operation', 20]]);
  });

  it('goes on when it cannot write, and says once how much is lost', () => {
    const writer = new HistoryWriter(path.join(folder, 'no', 'such', 'folder'), HEADER);
    writer.record(acquired(10, 20));
    writer.flush(50, []);
    writer.record(acquired(60, 70));
    writer.end();
    expect(writer.problems).toEqual([
      expect.stringMatching(/ENOENT.*; up to 2 operations are missing in the history$/),
    ]);
  });

  it('counts what was in the buffer when the disk was full among what is lost', async () => {
    const writer = new HistoryWriter(file, HEADER);
    writer.record(acquired(10, 20));
    writer.flush(30, []);
    for (let index = 0; index < 5; index++) writer.record(acquired(40, 50));
    disk.isFull = true;
    writer.flush(60, []);
    writer.record(acquired(70, 80));
    disk.isFull = false;
    writer.end();
    expect(writer.problems).toEqual([
      expect.stringMatching(/ENOSPC.*; up to 6 operations are missing in the history$/),
    ]);
    // Nothing after the gap, and nothing that says that the segment is whole.
    expect(await written()).toEqual([
      ['operation', 20],
      ['watermark', 30],
    ]);
  });

  it('does not write over another segment', async () => {
    new HistoryWriter(file, HEADER).end();
    const second = new HistoryWriter(file, HEADER);
    second.record(acquired(10, 20));
    second.end();
    expect(second.problems).toEqual([expect.stringContaining('EEXIST')]);
    expect(await written()).toEqual([['watermark', Infinity]]);
  });
});
