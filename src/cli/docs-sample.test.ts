import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import type { RunResult } from '../model/result.js';
import { chartsOf } from '../report/charts.js';
import { drawingsOfCharts } from '../report/drawings.js';
import { compileResultCheck } from '../report/result-schema.js';
import { findScenario } from './scenarios.js';

const SAMPLE = fileURLToPath(new URL('../../results/sample', import.meta.url));
const RUNS = findScenario('tour').runs.map(({ name }) => name);

describe('the committed sample', () => {
  const results: RunResult[] = [];
  beforeAll(async () => {
    for (const name of RUNS) {
      results.push(JSON.parse(await readFile(path.join(SAMPLE, name, 'result.json'), 'utf8')) as RunResult);
    }
  });

  it('is the tour, whole, with seed 1', async () => {
    expect((await readdir(SAMPLE)).sort()).toEqual(['charts', ...RUNS].sort());
    expect(results.map(({ status, scenario }) => [scenario.name, scenario.seed, status])).toEqual(
      RUNS.map((name) => [name, 1, 'complete']),
    );
  });

  it('satisfies the published schema', async () => {
    const check = await compileResultCheck();
    for (const result of results) expect(check(result)).toEqual([]);
  });

  it('keeps of each run what can be read without this tool, and nothing that report draws again', async () => {
    for (const name of RUNS) {
      expect((await readdir(path.join(SAMPLE, name))).sort()).toEqual(
        ['histograms', 'intervals.hlog', 'manifest.json', 'result.json'].sort(),
      );
    }
  });

  // `npm run sample` makes it anew; `redlock-bench report` would draw other pictures than the ones that are shown.
  it('shows the charts that this code draws of these results', async () => {
    const drawings = drawingsOfCharts(chartsOf(results));
    expect((await readdir(path.join(SAMPLE, 'charts'))).sort()).toEqual(
      drawings.map(({ name }) => path.basename(name)).sort(),
    );
    for (const { name, draw } of drawings) {
      const committed = await readFile(path.join(SAMPLE, name), 'utf8');
      const isSame = numberedAnew(committed) === numberedAnew(await draw());
      expect(isSame, `${name} is stale: npm run sample -- --redraw draws it anew`).toBe(true);
    }
  });
});

/** Vega counts the clip paths of a process on and on, so that they stay apart where several pictures share a page. */
function numberedAnew(picture: string): string {
  const numbers = new Map<string, string>();
  return picture.replaceAll(/\bclip\d+/g, (id) => {
    const known = numbers.get(id) ?? `clip${String(numbers.size)}`;
    numbers.set(id, known);
    return known;
  });
}
