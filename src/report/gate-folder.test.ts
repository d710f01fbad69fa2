import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { UsageError } from '../model/errors.js';
import { exportsOfGate } from './exports/gate-exports.js';
import { chartsOfGate } from './gate-charts.js';
import { readStoredGate, writeGate } from './gate-folder.js';
import { nastyGate, sampleGate } from './sample-gate.fixture.js';

const report = await sampleGate('pass');
const nasty = await nastyGate();
let folder = '';
let files: string[] = [];

beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'gate-'));
  files = await writeGate(path.join(folder, 'written', 'deep'), report);
}, 60_000);

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

describe('the folder of a gate', () => {
  const directory = (): string => path.join(folder, 'written', 'deep');

  it('holds its figures first, then the files for other tools, its page and its charts', async () => {
    const exported = exportsOfGate(report).map(({ name }) => name);
    const drawn = chartsOfGate(report).flatMap(({ name }) => [`charts/${name}.vl.json`, `charts/${name}.svg`]);
    const names = files.map((file) => path.relative(directory(), file));
    expect(names).toEqual(['gate.json', ...exported, 'report.html', ...drawn]);
    expect((await readdir(directory())).sort()).toEqual(['gate.json', 'report.html', 'charts', ...exported].sort());
    for (const file of files) expect((await readFile(file, 'utf8')).length).toBeGreaterThan(20);
    expect(exported).toContain('junit.xml');
    expect(exported).toContain('summary.md');
  });

  it('holds the exports as they are made', async () => {
    for (const { name, text } of exportsOfGate(report)) {
      expect([name, await readFile(path.join(directory(), name), 'utf8')]).toEqual([name, text]);
    }
  });

  it('is read back as it was written', async () => {
    expect(await readStoredGate(directory())).toEqual(JSON.parse(JSON.stringify(report)));
  });

  it('is none where there is no gate.json, or no folder at all', async () => {
    expect(await readStoredGate(folder)).toBeUndefined();
    expect(await readStoredGate(path.join(folder, 'nowhere'))).toBeUndefined();
  });

  it.each([
    ['{"schemaVersion": 1,', /gate\.json: expected JSON, got .+/],
    ['null', /expected schemaVersion 1, got none; read it with the version/],
    [JSON.stringify({ ...report, schemaVersion: 99 }), /expected schemaVersion 1, got 99; /],
    [JSON.stringify({ ...report, metrics: 3 }), /expected a gate of this tool, got one without metrics; /],
    [
      JSON.stringify({ ...report, comparison: { ...report.comparison, arms: undefined } }),
      /expected a gate of this tool, got one without comparison\.arms; write it anew with redlock-bench gate/,
    ],
    [JSON.stringify({ ...report, comparison: null }), /got one without comparison\.metrics, comparison\.arms, /],
    [JSON.stringify({ ...report, kind: 'capacity' }), /expected a gate of this tool, got kind "capacity"; /],
  ])('is refused in one line with its path when it holds %.30s', async (text, message) => {
    await writeFile(path.join(folder, 'gate.json'), text);
    const refusal = await readStoredGate(folder).catch((thrown: unknown) => thrown);
    await rm(path.join(folder, 'gate.json'));
    expect(refusal).toBeInstanceOf(UsageError);
    const { problems } = refusal as UsageError;
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(message);
    expect(problems[0]).not.toContain('\n');
  });

  it('is written whatever the names in it are', async () => {
    const place = path.join(folder, 'nasty');
    await writeGate(place, nasty);
    expect((await readStoredGate(place))!.base.lock).toBe(JSON.parse(JSON.stringify(nasty.base.lock)));
  }, 60_000);
});
