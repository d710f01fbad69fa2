import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { UsageError } from '../model/errors.js';
import { readStoredCalibration, writeCalibration } from './calibration-folder.js';
import { sampleCalibration } from './sample-calibration.fixture.js';

const calibration = await sampleCalibration();
let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'calibration-'));
});

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

describe('the folder of a calibration', () => {
  it('holds its figures, its page and its charts, and is read back as it was written, by folder or by file', async () => {
    const directory = path.join(folder, 'deep', 'written');
    const files = await writeCalibration(directory, calibration);
    expect((await readdir(directory)).sort()).toEqual(['calibration.json', 'charts', 'report.html']);
    expect(files).toContain(path.join(directory, 'charts', 'noise-floors.svg'));
    const written: unknown = JSON.parse(JSON.stringify(calibration));
    expect(await readStoredCalibration(directory)).toEqual(written);
    expect(await readStoredCalibration(path.join(directory, 'calibration.json'))).toEqual(written);
  });

  it('is none where there is no file', async () => {
    expect(await readStoredCalibration(folder)).toBeUndefined();
    expect(await readStoredCalibration(path.join(folder, 'none.json'))).toBeUndefined();
  });

  it.each([
    [JSON.stringify({ ...calibration, kind: 'gate' }), /expected a calibration of this tool, got kind "gate"; /],
    [
      JSON.stringify({ ...calibration, floors: {} }),
      /got one without floors; write it anew with redlock-bench calibrate/,
    ],
    [
      JSON.stringify({ ...calibration, comparison: undefined }),
      /got one without comparison\.metrics, comparison\.arms/,
    ],
    [JSON.stringify({ ...calibration, schemaVersion: 9 }), /expected schemaVersion 1, got 9/],
  ])('is refused in one line with its path when it holds %.30s', async (text, message) => {
    const file = path.join(folder, 'broken.json');
    await writeFile(file, text);
    const refusal = await readStoredCalibration(file).catch((thrown: unknown) => thrown);
    expect(refusal).toBeInstanceOf(UsageError);
    expect((refusal as UsageError).problems).toHaveLength(1);
    expect((refusal as UsageError).problems[0]).toMatch(message);
    expect((refusal as UsageError).problems[0]).toContain(file);
  });
});
