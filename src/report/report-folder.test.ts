import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { UsageError } from '../model/errors.js';
import { chartsOfCapacity } from './capacity-charts.js';
import { readStoredCapacity, writeCapacity } from './capacity-folder.js';
import { writeReportFolder } from './report-folder.js';
import { sampleCapacity } from './sample-capacity.fixture.js';
import { sampleTuning } from './sample-tuning.fixture.js';
import { chartsOfTuning } from './tuning-charts.js';
import { readStoredTuning, writeTuning } from './tuning-folder.js';

let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'reports-'));
});

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

const kinds = {
  capacity: {
    report: sampleCapacity(),
    charts: chartsOfCapacity(sampleCapacity()),
    write: (directory: string) => writeCapacity(directory, sampleCapacity()),
    read: (directory: string): Promise<object | undefined> => readStoredCapacity(directory),
    list: 'steps',
  },
  tuning: {
    report: sampleTuning(),
    charts: chartsOfTuning(sampleTuning()),
    write: (directory: string) => writeTuning(directory, sampleTuning()),
    read: (directory: string): Promise<object | undefined> => readStoredTuning(directory),
    list: 'stages',
  },
};

describe.each(Object.entries(kinds))('the folder of %s', (name, { report, charts, write, read, list }) => {
  it('holds its figures, its page, and each chart as a spec and as a picture, and is read back', async () => {
    const directory = path.join(folder, name, 'deep');
    const files = await write(directory);
    const drawn = charts.flatMap((chart) => [`charts/${chart.name}.vl.json`, `charts/${chart.name}.svg`]);
    expect(files.map((file) => path.relative(directory, file))).toEqual([`${name}.json`, 'report.html', ...drawn]);
    expect((await readdir(directory)).sort()).toEqual([`${name}.json`, 'charts', 'report.html'].sort());
    for (const file of files) expect((await readFile(file, 'utf8')).length).toBeGreaterThan(100);
    expect(await read(directory)).toEqual(report);
  });

  it('is none where there is no such file', async () => {
    expect(await read(path.join(folder, 'nowhere'))).toBeUndefined();
  });

  it.each([
    [{ ...report, schemaVersion: 99 }, /expected schemaVersion 1, got 99; read it with the version/],
    [{ ...report, [list]: 3 }, new RegExp(`expected .+ of this tool, got one without ${list}; write it anew with`)],
    [{ ...report, kind: 'comparison' }, /expected .+ of this tool, got kind "comparison"; /],
  ])('is refused in one line with its path when it is another', async (stored, message) => {
    const file = path.join(folder, `${name}.json`);
    await writeFile(file, JSON.stringify(stored));
    const refusal = await read(folder).catch((thrown: unknown) => thrown);
    expect(refusal).toBeInstanceOf(UsageError);
    const { problems } = refusal as UsageError;
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(message);
    expect(problems[0]).toContain(file);
  });
});

it('has its figures on the disk before anything is made of them', async () => {
  const directory = path.join(folder, 'figures-first');
  const fail = (): never => {
    throw new Error('no chart today');
  };
  const written = writeReportFolder(directory, {
    file: 'figures.json',
    figures: { hours: 3 },
    texts: fail,
    page: fail,
    charts: fail,
  });
  await expect(written).rejects.toThrow('no chart today');
  expect(JSON.parse(await readFile(path.join(directory, 'figures.json'), 'utf8'))).toEqual({ hours: 3 });
});
