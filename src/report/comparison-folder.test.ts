import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { UsageError } from '../model/errors.js';
import { chartsOfComparison } from './comparison-charts.js';
import { readStoredComparison, writeComparison } from './comparison-folder.js';
import { lonelyComparison } from './sample-comparison.fixture.js';

const comparison = await lonelyComparison();
let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'comparison-'));
});

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

describe('the folder of a comparison', () => {
  it('holds its figures, its page, and each chart as a spec and as a picture', async () => {
    const directory = path.join(folder, 'written', 'deep');
    const files = await writeComparison(directory, comparison);
    const names = chartsOfComparison(comparison).flatMap(({ name }) => [
      path.join('charts', `${name}.vl.json`),
      path.join('charts', `${name}.svg`),
    ]);
    expect(files.map((file) => path.relative(directory, file)).sort()).toEqual(
      ['comparison.json', 'report.html', ...names].sort(),
    );
    expect((await readdir(directory)).sort()).toEqual(['charts', 'comparison.json', 'report.html']);
    for (const file of files) expect((await readFile(file, 'utf8')).length).toBeGreaterThan(100);
  });

  it('is read back as it was written', async () => {
    const directory = path.join(folder, 'again');
    await writeComparison(directory, comparison);
    expect(await readStoredComparison(directory)).toEqual(JSON.parse(JSON.stringify(comparison)));
  });

  it('is none where there is no comparison.json, or no folder at all', async () => {
    expect(await readStoredComparison(folder)).toBeUndefined();
    expect(await readStoredComparison(path.join(folder, 'nowhere'))).toBeUndefined();
  });

  it.each([
    ['{"schemaVersion": 1,', /comparison\.json: expected JSON, got .+/],
    ['null', /expected schemaVersion 1, got none; read it with the version/],
    [
      JSON.stringify({ ...comparison, schemaVersion: 99 }),
      /expected schemaVersion 1, got 99; read it with the version of redlock-bench that wrote it/,
    ],
    [
      JSON.stringify({ ...comparison, arms: undefined, metrics: 3 }),
      /expected a comparison of this tool, got one without metrics, arms; /,
    ],
    [JSON.stringify({ ...comparison, kind: 'capacity' }), /expected a comparison of this tool, got kind "capacity"; /],
  ])('is refused in one line with its path when it holds %.30s', async (text, message) => {
    await writeFile(path.join(folder, 'comparison.json'), text);
    const refusal = await readStoredComparison(folder).catch((thrown: unknown) => thrown);
    await rm(path.join(folder, 'comparison.json'));
    expect(refusal).toBeInstanceOf(UsageError);
    const { problems } = refusal as UsageError;
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(message);
    expect(problems[0]).not.toContain('\n');
  });
});
