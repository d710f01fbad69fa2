import { readFile } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import { compile, type TopLevelSpec } from 'vega-lite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunResult } from '../../model/result.js';
import { chartsOf } from '../charts.js';
import { renderReport } from '../html.js';
import { comparedRuns, faultyRun, nastyRun, openLoopRun, tinyRun } from '../sample-runs.fixture.js';
import { simulateRun } from '../simulated-run.fixture.js';
import { BrowserHarness, chartsDrawn, expectReadable, locateChromium, PHONE_PX } from './browser.fixture.js';

/** Whatever may be long is: names, lists, sentences. */
function crowdedRun(): RunResult {
  const word = 'a-very-long-name-of-a-lock-that-nobody-would-choose-but-somebody-did/';
  const { result } = simulateRun({
    scenario: {
      endpoints: Array.from({ length: 9 }, (_, index) => `rediss://${word.repeat(2)}${String(index)}:6379`),
      lock: word.repeat(3),
    },
  });
  return {
    ...result,
    incidents: Array.from({ length: 4 }, (_, index) => `incident ${String(index)}: ${'x'.repeat(280)}`),
    thresholds: Array.from({ length: 20 }, (_, index) => ({
      expression: `acquire.response: p(${String(index + 80)})<25ms`,
      value: 31_000_000,
      passed: index % 2 === 0,
    })),
    health: { ...result.health, verdict: 'suspect', reasons: ['the generator was busy. '.repeat(12)] },
  };
}

describe.skipIf(locateChromium() === undefined)('the page of a run, in a browser', () => {
  let harness: BrowserHarness;
  const run = openLoopRun();
  const names = chartsOf([run]).map(({ name }) => name);
  let html = '';
  beforeAll(async () => {
    [harness, html] = await Promise.all([BrowserHarness.launch(), renderReport([run], 'open loop')]);
  });
  afterAll(() => harness[Symbol.asyncDispose]());

  it.each([
    ['an open loop', [run]],
    ['a broken lock with long names', [nastyRun()]],
    ['a handful of operations', [tinyRun()]],
    ['faults', [faultyRun()]],
    ['everything long', [crowdedRun()]],
    ['six runs', comparedRuns()],
  ])('can be read: %s', async (title, runs) => {
    await expectReadable(await harness.open(await renderReport(runs, title)));
  });

  it('answers the pointer with a tooltip, and the keyboard with the data of each chart', async () => {
    const { page, problems } = await harness.open(html);
    const chart = page.locator('[data-chart="acquisition-rate"]');
    await chart.scrollIntoViewIfNeeded();
    const box = (await chart.boundingBox())!;
    await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
    await page.mouse.move(box.x + box.width / 2 + 3, box.y + box.height / 2);
    await page.locator('#tip').waitFor({ state: 'visible' });
    expect(await page.locator('#tip').innerText()).toMatch(/interval[\s\S]*\d/);
    await page.keyboard.press('Escape');
    expect(await page.locator('#tip').isVisible()).toBe(false);

    for (const name of names) {
      await page.locator(`#data-${name} summary`).focus();
      await page.keyboard.press('Enter');
      await page.locator(`#data-${name} tbody tr`).first().waitFor();
      const cells = await page.locator(`#data-${name} tbody td`).allInnerTexts();
      expect(
        cells.filter((cell) => /NaN|undefined|\[object/.test(cell)),
        name,
      ).toEqual([]);
      expect(cells.filter((cell) => cell.trim() !== '').length, name).toBeGreaterThan(4);
    }
    expect(problems).toEqual([]);
  });

  it('changes its theme by a button that says whether it is pressed', async () => {
    const { page } = await harness.open(html, { colorScheme: 'light' });
    const background = (): Promise<string> => page.evaluate<string>('getComputedStyle(document.body).backgroundColor');
    const axisColour = (): Promise<string | null> =>
      page.locator('[data-chart] .live .role-axis-label text').first().getAttribute('fill');
    const [light, lightAxis] = [await background(), await axisColour()];
    await page.getByRole('button', { name: 'dark' }).click();
    await expect.poll(axisColour).not.toBe(lightAxis);
    expect(await background()).not.toBe(light);
    expect(await page.locator('#theme [aria-pressed="true"]').allInnerTexts()).toEqual(['dark']);
    await page.getByRole('button', { name: 'system' }).click();
    expect(await background()).toBe(light);
  });

  it('saves every chart as SVG, PNG and Vega-Lite, and the figures of the run', async () => {
    const { page, problems } = await harness.open(html, { colorScheme: 'dark' });
    for (const name of names) {
      const tools = page
        .locator('figure', { has: page.locator(`[data-chart="${name}"]`) })
        .locator('.tools')
        .first();
      const svg = (await saved(page, () => tools.getByRole('button', { name: /as SVG$/ }).click())).text;
      const marks = await page.evaluate<number>(
        `new DOMParser().parseFromString(${JSON.stringify(svg)}, 'image/svg+xml').querySelectorAll('.role-mark > path, .role-mark > line, .role-mark > text').length`,
      );
      expect(marks, name).toBeGreaterThan(0);
      const size = /^<svg[^>]* width="([\d.]+)" height="([\d.]+)"/.exec(svg)!;

      const png = await saved(page, () => tools.getByRole('button', { name: /as PNG$/ }).click());
      expect(png.name).toBe(`run-7-${name}.png`);
      expect(png.bytes.subarray(0, 8).toString('latin1')).toBe('\u0089PNG\r\n\u001a\n');
      expect(png.bytes.readUInt32BE(16)).toBeCloseTo(2 * Number(size[1]), -1);
      expect(png.bytes.readUInt32BE(20)).toBeCloseTo(2 * Number(size[2]), -1);

      const vegaLite = await saved(page, () => tools.getByRole('button', { name: /as Vega-Lite$/ }).click());
      expect(vegaLite.name).toBe(`run-7-${name}.vl.json`);
      const spec = JSON.parse(vegaLite.text) as TopLevelSpec & { data: { values: unknown[] } };
      expect(spec.$schema).toBe('https://vega.github.io/schema/vega-lite/v6.json');
      expect(spec.data.values.length).toBeGreaterThan(0);
      expect(compile(spec).spec.marks!.length).toBeGreaterThan(0);
    }
    const result = await saved(page, () => page.getByRole('button', { name: 'result.json' }).click());
    expect(JSON.parse(result.text)).toEqual(JSON.parse(JSON.stringify(run)));
    expect(problems).toEqual([]);
  });

  it('copies a table as TSV, Markdown and JSON', async () => {
    const { page } = await harness.open(html, { permissions: ['clipboard-read', 'clipboard-write'] });
    const copied = async (format: string): Promise<string> => {
      await page.getByRole('button', { name: `copy Rate and times as ${format}` }).click();
      await page.locator('#said', { hasText: `copied 7 rows as ${format}` }).waitFor();
      return page.evaluate<string>('navigator.clipboard.readText()');
    };
    const tsv = (await copied('TSV')).split('\n').map((line) => line.split('\t'));
    expect(tsv[0]!.slice(0, 3)).toEqual(['time', 'p50', 'p90']);
    expect(tsv[1]![0]).toBe('response');
    expect((await copied('Markdown')).split('\n').slice(0, 2)).toEqual([
      '| time | p50 | p90 | p99 | p99.9 | max | count | from and to |',
      '| --- | --- | --- | --- | --- | --- | --- | --- |',
    ]);
    expect(JSON.parse(await copied('JSON'))).toHaveLength(7);
  });

  it('is reached by the keyboard: first a way past the contents, then every control, each with a visible focus', async () => {
    const { page } = await harness.open(html, { viewport: { width: PHONE_PX, height: 900 } });
    const wanted = await page.evaluate<number>(
      `[...document.querySelectorAll('a[href], button, summary, [tabindex="0"]')].filter((each) => each.checkVisibility()).length`,
    );
    const seen: string[] = [];
    const blind: string[] = [];
    for (let step = 0; step < wanted; step++) {
      await page.keyboard.press('Tab');
      const [text, outline] = await page.evaluate<[string, string]>(
        `[document.activeElement.outerHTML.slice(0, 90), getComputedStyle(document.activeElement).outlineStyle]`,
      );
      seen.push(text);
      if (outline === 'none') blind.push(text);
    }
    expect(seen[0]).toContain('skip to the verdict');
    expect(blind).toEqual([]);
    expect(seen.filter((each) => each.startsWith('<body'))).toEqual([]);
    expect(seen.filter((each) => each.includes('class="scroll"')).length).toBeGreaterThan(0);
    expect(new Set(seen).size).toBeGreaterThan(wanted * 0.7);
  });

  it('takes a reader from the contents to a heading', async () => {
    const { page } = await harness.open(html);
    await page.getByRole('link', { name: 'Masters', exact: true }).press('Enter');
    await page.waitForSelector(':target');
    expect(await page.locator(':target').innerText()).toBe('Masters');
    await expect
      .poll(() => page.evaluate(`document.querySelector(':target').getBoundingClientRect().top < window.innerHeight`))
      .toBe(true);
  });

  it('prints light, whole and on few pages, whatever theme is on the screen', async () => {
    const { page } = await harness.open(html, { colorScheme: 'dark' });
    const pdf = await page.pdf({ preferCSSPageSize: true });
    const pages = pdf.toString('latin1').match(/\/Type\s*\/Page\b/g)?.length ?? 0;
    expect(pages).toBeGreaterThan(3);
    expect(pages).toBeLessThan(12);
    await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
    expect(await page.evaluate<string>('getComputedStyle(document.body).backgroundColor')).toBe('rgb(255, 255, 255)');
    expect(await page.locator('button:visible, nav:visible, .live:visible').count()).toBe(0);
    expect(await page.locator('[data-chart] > svg:visible').count()).toBe(names.length);
  });

  it('shows its pictures and every fold without scripts, and no control that would do nothing', async () => {
    const { page, problems } = await harness.open(html, { javaScriptEnabled: false });
    expect(await page.locator('[data-chart] > svg').evaluateAll((all) => all.length)).toBe(names.length);
    expect(await page.locator('button').count()).toBe(0);
    expect(await page.locator('#theme').isVisible()).toBe(false);
    await page.locator('summary').first().click();
    expect(await page.locator('details[open]').count()).toBe(1);
    expect(problems).toEqual([]);
  });

  it('refuses by its own policy what it does not carry: other scripts, styles, addresses', async () => {
    const { page, problems } = await harness.open(
      html.replace('</main>', '<script>document.title = "taken"</script><img src="https://example.org/x.png"></main>'),
    );
    await chartsDrawn(page);
    expect(await page.title()).toBe('open loop · redlock-bench');
    const refused = problems.filter((each) => each.includes('Content Security Policy'));
    expect(refused.map((each) => /script-src|img-src/.exec(each)?.[0]).sort()).toEqual(['img-src', 'script-src']);
  });
});

async function saved(page: Page, act: () => Promise<void>): Promise<{ name: string; bytes: Buffer; text: string }> {
  const [download] = await Promise.all([page.waitForEvent('download'), act()]);
  const bytes = await readFile(await download.path());
  return { name: download.suggestedFilename(), bytes, text: bytes.toString('utf8') };
}
