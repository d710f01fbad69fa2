import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { UsageError } from '../model/errors.js';
import type { FaultReceipt } from '../model/fault.js';
import type { RunResult } from '../model/result.js';
import { RunFolder } from './run-folder.js';
import { simulateRun } from './simulated-run.fixture.js';
import { readStoredRun } from './stored-run.js';

const run = simulateRun({ perInterval: 200, intervals: 3, granted: 0.95, gaveUpMs: 300 });
const flush: FaultReceipt = {
  fault: 'flush master=1 at=1s',
  kind: 'flush',
  target: 'master 1',
  appliedNs: 1_000_000_000,
  effectNs: 1_001_000_000,
  healedNs: null,
  proof: 'it had 3 keys, and then none',
  status: 'effective',
};
let root = '';

beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'redlock-bench-report-'));
});

afterAll(async () => {
  await rm(root, { recursive: true });
});

const written = (result: RunResult): unknown => JSON.parse(JSON.stringify(result));

describe('the folder of a run', () => {
  it('holds the manifest before the first interval, and everything else at the end', async () => {
    const directory = path.join(root, 'deep', 'whole');
    const folder = await RunFolder.create(directory, run.manifest);
    expect((await readdir(directory)).sort()).toEqual(['intervals.hlog', 'manifest.json']);
    expect(JSON.parse(await readFile(path.join(directory, 'manifest.json'), 'utf8'))).toEqual(
      JSON.parse(JSON.stringify(run.manifest)),
    );

    for (const report of run.intervals) folder.interval(report);
    const files = await folder.finish(run.result);

    const present = await readdir(directory, { recursive: true, withFileTypes: true });
    const names = present.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name));
    expect([...files].sort()).toEqual(names.sort());
    expect(files.map((file) => path.relative(directory, file))).toEqual([
      'manifest.json',
      'intervals.hlog',
      'result.json',
      ...['acquire.response', 'acquire.service', 'acquire.scheduleDelay', 'acquire.gaveUp', 'release', 'hold'].map(
        (name) => `histograms/${name}.hgrm`,
      ),
      ...[1, 2, 3].map((master) => `histograms/roundTrip.${String(master)}.hgrm`),
      ...[
        'latency-spectrum',
        'acquisition-rate',
        'latency-over-time',
        'outcomes',
        'split-votes',
        'round-trips',
        'round-trips-over-time',
      ].flatMap((name) => [`charts/${name}.vl.json`, `charts/${name}.svg`]),
      'report.html',
    ]);
    const stored = await readStoredRun(directory);
    expect(stored.source).toBe('result');
    expect(stored.result).toEqual(written(run.result));
  });

  it('is not given to a second run, whose files would be mixed with those of the first', async () => {
    const directory = path.join(root, 'taken');
    await (await RunFolder.create(directory, run.manifest)).finish(run.result);
    await expect(RunFolder.create(directory, run.manifest)).rejects.toThrow(UsageError);
    await expect(RunFolder.create(directory, run.manifest)).rejects.toThrow(/--out: expected a new folder/);
  });

  it('is written whole even when the result violates its schema, and says so', async () => {
    const directory = path.join(root, 'violating');
    const folder = await RunFolder.create(directory, run.manifest);
    const broken = { ...run.result, acquire: { ...run.result.acquire, ratePerSecond: NaN } };
    await expect(folder.finish(broken)).rejects.toMatchObject({
      code: 'OUTPUT',
      message: expect.stringContaining('result.json: /acquire/ratePerSecond: must be number') as unknown,
    });
    expect(await readdir(directory)).toEqual(expect.arrayContaining(['result.json', 'report.html', 'charts']));
    await expect(readStoredRun(directory)).rejects.toThrow(/acquire\/ratePerSecond: must be number/);
  });

  it('keeps what went wrong with an interval as an incident instead of ending the run', async () => {
    const directory = path.join(root, 'incident');
    const folder = await RunFolder.create(directory, run.manifest);
    const unwritable = { ...run.intervals[0]!, histograms: undefined as never };
    folder.interval(unwritable);
    folder.interval(unwritable);
    expect(folder.problems).toEqual([expect.stringMatching(/^intervals\.hlog: not every interval could be written: /)]);
    await folder.finish(run.result);
    expect((await readStoredRun(directory)).result.incidents).toEqual(folder.problems);
  });

  it('ignores an interval that comes after the end', async () => {
    const directory = path.join(root, 'late');
    const folder = await RunFolder.create(directory, run.manifest);
    await folder.finish(run.result);
    const before = await readFile(path.join(directory, 'intervals.hlog'), 'utf8');
    folder.interval(run.intervals[0]!);
    expect(await readFile(path.join(directory, 'intervals.hlog'), 'utf8')).toBe(before);
    expect(folder.problems).toEqual([]);
  });
});

describe('a stored run', () => {
  it('that was killed is read from its intervals: counts and percentiles as they were, verdicts unknown', async () => {
    const directory = path.join(root, 'killed');
    const folder = await RunFolder.create(directory, run.manifest);
    folder.interval(run.intervals[0]!);
    folder.interval(run.intervals[1]!);
    folder.fault(flush);
    const { source, result } = await readStoredRun(directory);

    const lived = run.intervals.slice(0, 2);
    const acquired = lived.reduce((sum, { point }) => sum + point.counts.acquired, 0);
    expect(source).toBe('intervals');
    expect(result.status).toBe('crashed');
    expect(result.faults).toEqual([flush]);
    expect(result.measuredMs).toBe(2_000);
    expect(result.series).toEqual(lived.map(({ point }) => point));
    expect(result.acquire.counts.acquired).toBe(acquired);
    expect(result.acquire.ratePerSecond).toBe(acquired / 2);
    expect(result.acquire.response.count).toBe(acquired);
    expect(Math.abs(result.acquire.response.p50Ns / run.result.acquire.response.p50Ns - 1)).toBeLessThan(0.1);
    expect(result.acquire.gaveUp.count).toBe(
      lived.reduce((sum, { point }) => sum + point.counts.held + point.counts.indeterminate, 0),
    );
    expect([result.safety.verdict, result.health.verdict, result.exitCode]).toEqual(['unknown', 'suspect', 1]);
    expect(result.incidents[0]).toContain('ended without writing its result');

    // What is made of a killed run is itself a result.
    await folder.finish(result);
    expect((await readStoredRun(directory)).source).toBe('result');
  });

  it('that was killed before its first interval says so and divides nothing by zero', async () => {
    const directory = path.join(root, 'stillborn');
    const folder = await RunFolder.create(directory, run.manifest);
    const { result } = await readStoredRun(directory);
    expect([result.measuredMs, result.acquire.ratePerSecond, result.acquire.successRatio]).toEqual([0, 0, 0]);
    expect(result.incidents[1]).toBe('0 intervals could be read');
    await folder.finish(result);
  });

  it('is refused with its path and a fix when there is none, when it is damaged, or of another version', async () => {
    const directory = await mkdtemp(path.join(root, 'none-'));
    await expect(readStoredRun(directory)).rejects.toThrow(UsageError);
    await expect(readStoredRun(path.join(directory, 'absent'))).rejects.toThrow(
      /without result\.json and manifest\.json/,
    );
    await writeFile(path.join(directory, 'result.json'), '{ "schemaVersion": 1, ');
    await expect(readStoredRun(directory)).rejects.toThrow(/result\.json: expected JSON/);
    await writeFile(path.join(directory, 'result.json'), '{ "schemaVersion": 2 }');
    await expect(readStoredRun(directory)).rejects.toThrow(/expected schemaVersion 1, got 2/);
    await writeFile(path.join(directory, 'result.json'), '{ "schemaVersion": 1 }');
    await expect(readStoredRun(directory)).rejects.toThrow(/must have required property 'runId'.*more$/);
  });
});
