import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { UsageError } from '../model/errors.js';
import { chartsOfChaos } from './chaos-charts.js';
import { readStoredChaos, writeChaos } from './chaos-folder.js';
import { renderChaosReport } from './chaos-html.js';
import { compileChaosCheck } from './result-schema.js';
import { pauseAfterGrant, sampleChaos } from './sample-chaos.fixture.js';

const report = sampleChaos();
const written = (value: unknown): unknown => JSON.parse(JSON.stringify(value));
let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'chaos-report-'));
});

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

describe('the folder of fault experiments', () => {
  it('holds what was seen, the page, and each chart as a spec and as a picture; and is read back', async () => {
    const directory = path.join(folder, 'one');
    const files = await writeChaos(directory, report);
    const charts = chartsOfChaos(report).flatMap(({ name }) => [`charts/${name}.vl.json`, `charts/${name}.svg`]);
    expect(files.map((file) => path.relative(directory, file))).toEqual(['chaos.json', 'report.html', ...charts]);
    for (const file of files) expect((await readFile(file, 'utf8')).length).toBeGreaterThan(100);
    expect(await readStoredChaos(directory)).toEqual(written(report));
  });

  it('is none where there is no chaos.json, and refused where it is damaged', async () => {
    expect(await readStoredChaos(path.join(folder, 'nowhere'))).toBeUndefined();
    await writeFile(path.join(folder, 'chaos.json'), JSON.stringify({ ...report, seed: 'seven', experiments: 3 }));
    const refusal = await readStoredChaos(folder).catch((thrown: unknown) => thrown);
    expect(refusal).toBeInstanceOf(UsageError);
    expect((refusal as UsageError).problems[0]).toMatch(
      /chaos\.json: expected a chaos report of this tool, got: \/seed: must be integer; \/experiments: must be array; write it anew/,
    );
  });
});

describe('chaos.schema.json', () => {
  it('accepts a report, and misses every key that is missing or unknown, at every depth', async () => {
    const check = await compileChaosCheck();
    const value = written(report);
    expect(check(value)).toEqual([]);
    const accepted: string[] = [];
    let tried = 0;
    const visit = (node: unknown, place: string): void => {
      if (Array.isArray(node)) {
        // The last one of a list, whose fault has a receipt.
        visit(node.at(-1), `${place}[]`);
        return;
      }
      if (typeof node !== 'object' || node === null || place.endsWith('libraries')) return;
      const owner = node as Record<string, unknown>;
      owner['misnamed'] = 1;
      if (check(value).length === 0) accepted.push(`${place}.misnamed`);
      delete owner['misnamed'];
      for (const key of Object.keys(owner)) {
        const kept = owner[key];
        // eslint-disable-next-line @typescript-eslint/no-dynamic-delete -- the key is what the test removes
        delete owner[key];
        if (check(value).length === 0) accepted.push(`${place}.${key}`);
        owner[key] = kept;
        tried++;
        visit(kept, `${place}.${key}`);
      }
    };
    visit(value, '');
    const { timeline } = pauseAfterGrant();
    visit(timeline, 'unattached');
    expect(accepted.filter((place) => !place.startsWith('unattached'))).toEqual([]);
    expect(tried).toBeGreaterThan(60);
  });

  it('misses what a span of the timeline lacks', async () => {
    const check = await compileChaosCheck();
    const broken = written(sampleChaos({ experiments: [pauseAfterGrant()] })) as {
      experiments: { timeline: Record<string, unknown>[] }[];
    };
    delete broken.experiments[0]!.timeline[0]!['validUntilNs'];
    expect(check(broken)).toEqual(["/experiments/0/timeline/0: must have required property 'validUntilNs'"]);
  });
});

describe('the page of fault experiments', () => {
  it('says the verdict first, then the table, then every experiment with receipts, detectors and pictures', async () => {
    const page = await renderChaosReport(report);
    const text = page
      .slice(page.indexOf('<main'))
      .replace(/<script[\s\S]*?<\/script>/g, '')
      .replace(/<svg[\s\S]*?<\/svg>/g, '');
    const places = [
      'VIOLATED: redlock',
      '<th scope="row">F1 pause-after-grant</th>',
      'F8 crash-and-restart, redlock, 5 masters: VIOLATED',
      'Three of five masters had the key',
      'kill master=3 at=300ms for=100ms',
      '2 holds: 1 overlapped within both promises, 0 granted expired, 0 overruns',
      '2 holds entered: 1 overlap',
      '4 touches of the guarded resource: 1 lost update without fences',
      'data-chart="f8-crash-and-restart-redlock-n5-timeline"',
      '--persistence none --seed 7',
      '<summary>F0 contention, redlock, 3 masters: as expected</summary>',
    ].map((words) => text.indexOf(words));
    expect(places).not.toContain(-1);
    expect([...places].sort((a, b) => a - b)).toEqual(places);
    expect(text).not.toMatch(/\b(safe|correct)/i);
    expect(page).not.toMatch(/<[^>"]*(?:"[^"]*"[^>"]*)*\s(?:src=|href=(?!"#))/i);
  });

  it('shows every chart once, within its experiment', async () => {
    const page = await renderChaosReport(report);
    const shown = [...page.matchAll(/data-chart="([^"]+)"/g)].map(([, name]) => name);
    expect([...shown].sort()).toEqual(
      chartsOfChaos(report)
        .map(({ name }) => name)
        .sort(),
    );
  });

  it('shows nothing of the data as markup', async () => {
    const hostile = '</script><img src=x onerror=alert(1)>';
    const [first] = report.experiments;
    const page = await renderChaosReport(
      sampleChaos({
        experiments: [{ ...first!, question: hostile, reasons: [hostile], repeat: hostile, lock: hostile }],
      }),
    );
    expect(page).not.toContain('<img');
  });
});
