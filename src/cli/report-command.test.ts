import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { UsageError } from '../model/errors.js';
import type { GateReport } from '../model/gate.js';
import { toJson } from '../report/json-text.js';
import { writeDurably } from '../report/durable-file.js';
import { sampleComparison } from '../report/sample-comparison.fixture.js';
import { emptyGate, mutedGate, sampleGate } from '../report/sample-gate.fixture.js';
import { reportCommand } from './report-command.js';

let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'report-'));
});

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

/** What the command prints of a folder that holds only the figures of this gate. */
async function reportOf(
  report: GateReport,
  more: Record<string, unknown> = {},
): Promise<{ code: number; text: string }> {
  await writeDurably(path.join(folder, 'gate.json'), toJson(report));
  let text = '';
  const spy = vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
    text += String(chunk);
    return true;
  });
  try {
    return { code: await reportCommand({ dir: [folder], ...more }), text };
  } finally {
    spy.mockRestore();
  }
}

describe('report of a stored comparison', () => {
  it('gives the exit code that it had: a violation stays one', async () => {
    const comparison = await sampleComparison(2);
    const alone = path.join(folder, 'comparison');
    await mkdir(alone);
    await writeDurably(path.join(alone, 'comparison.json'), toJson({ ...comparison, exitCode: 3 }));
    const spy = vi.spyOn(process.stdout, 'write').mockImplementation(() => true);
    try {
      expect(await reportCommand({ dir: [alone] })).toBe(3);
      expect(await reportCommand({ dir: [alone], json: true })).toBe(3);
    } finally {
      spy.mockRestore();
    }
  });
});

describe('report of a stored gate', () => {
  it('prints its outcome and writes its page again, with the exit code that it had', async () => {
    const { code, text } = await reportOf(await sampleGate('regression'));
    expect(code).toBe(98);
    expect(text).toMatch(/REGRESSION: head is worse than base/);
    expect(text).toContain('report.html');
    expect(await readFile(path.join(folder, 'report.html'), 'utf8')).toContain('>Decision</h2>');
  });

  it('writes its charts as pictures beside the others with --png, and says how many', async () => {
    const { text } = await reportOf(await mutedGate(), { png: true });
    const names = await readdir(path.join(folder, 'charts'));
    expect(names.length).toBeGreaterThan(0);
    expect(names.every((name) => name.endsWith('.png'))).toBe(true);
    expect(text).toContain(`pictures   ${String(names.length)} in ${path.join(folder, 'charts')}\n`);
  });

  it('writes them beside a page that stands elsewhere', async () => {
    const page = path.join(folder, 'elsewhere', 'page.html');
    await reportOf(await emptyGate(), { png: true, out: page });
    expect((await readdir(path.join(folder, 'elsewhere', 'page-charts'))).length).toBeGreaterThan(0);
  });

  it('refuses in one line a page that cannot be written', async () => {
    const refusal = await reportOf(await emptyGate(), { out: folder }).catch((thrown: unknown) => thrown);
    expect(refusal).toBeInstanceOf(UsageError);
    expect((refusal as UsageError).problems).toEqual([expect.stringMatching(/^--out: expected a file that can be/)]);
  });

  it('refuses to write a page over a measurement, or over what is no page of this tool', async () => {
    const foreign = path.join(folder, 'mine.html');
    await writeDurably(foreign, '<!doctype html><title>mine</title>');
    for (const out of [path.join(folder, 'gate.json'), foreign]) {
      const refusal = await reportOf(await emptyGate(), { out }).catch((thrown: unknown) => thrown);
      expect((refusal as UsageError).problems).toEqual([
        expect.stringMatching(/^--out: expected a new file whose name/),
      ]);
    }
    expect(await readFile(foreign, 'utf8')).toContain('mine');
    const page = path.join(folder, 'twice.html');
    await reportOf(await emptyGate(), { out: page });
    await reportOf(await emptyGate(), { out: page });
    expect(await readFile(page, 'utf8')).toContain('redlock-bench</title>');
  });

  it('refuses pictures among files of others, and removes its own of an earlier report', async () => {
    const place = path.join(folder, 'pictures');
    const out = path.join(place, 'page.html');
    const pictures = path.join(place, 'page-charts');
    await reportOf(await sampleGate('regression'), { out, png: true });
    const names = await readdir(pictures);
    await writeDurably(path.join(pictures, 'pictures.json'), JSON.stringify([...names, 'stale.png']));
    await writeDurably(path.join(pictures, 'stale.png'), '');
    await reportOf(await sampleGate('regression'), { out, png: true });
    expect((await readdir(pictures)).sort()).toEqual([...names].sort());
    await writeDurably(path.join(pictures, 'holiday.png'), '');
    const refusal = await reportOf(await emptyGate(), { out, png: true }).catch((thrown: unknown) => thrown);
    expect((refusal as UsageError).problems).toEqual([expect.stringContaining('holds holiday.png')]);
  });

  it('refuses --out beside --json, which writes no page', async () => {
    await expect(reportOf(await emptyGate(), { json: true, out: 'x.html' })).rejects.toThrow(UsageError);
  });

  it('says of a damaged list, and of a folder that cannot be read, what is wrong', async () => {
    const damaged = path.join(folder, 'damaged');
    await mkdir(damaged);
    const comparison = await sampleComparison(2);
    await writeDurably(path.join(damaged, 'comparison.json'), toJson({ ...comparison, arms: [null] }));
    await expect(reportCommand({ dir: [damaged] })).rejects.toThrow(/got one without arms/);
    const blocked = path.join(folder, 'blocked');
    await mkdir(path.join(blocked, 'comparison.json'), { recursive: true });
    await expect(reportCommand({ dir: [blocked] })).rejects.toThrow(UsageError);
  });

  it('gives the figures alone with --json', async () => {
    const report = await mutedGate();
    const { code, text } = await reportOf(report, { json: true });
    expect(code).toBe(96);
    expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(report)));
  });
});
