/**
 * Pages in a real browser, and what every page must keep there: readable at each width, in both themes, without network.
 *
 * @module
 */
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { accessSync, constants } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import axe from 'axe-core';
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';
import { expect } from 'vitest';

/** As set-up looks for it: scripts/setup/chromium.mjs. */
const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/** The system's Chromium; undefined without one: the tests are skipped then, and set-up has said why. */
export function locateChromium(): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(path.delimiter).filter((folder) => folder !== '');
  return folders.flatMap((folder) => NAMES.map((name) => path.join(folder, name))).find(isExecutable);
}

/** The most that a page may weigh, with its libraries. */
const MOST_PAGE_BYTES = 1_500_000;
export const PHONE_PX = 400;
const WIDTHS_PX = [PHONE_PX, 768, 1_280];

/** A page opened from a file, and everything that went wrong in it so far. */
export interface OpenedPage {
  readonly page: Page;
  /** Errors of scripts, violations of the policy, requests for anything but the file itself. */
  readonly problems: string[];
  readonly file: string;
}

/** A browser and the folder of its pages. */
export class BrowserHarness implements AsyncDisposable {
  readonly #browser: Browser;
  readonly #folder: string;
  #opened = 0;

  private constructor(browser: Browser, folder: string) {
    this.#browser = browser;
    this.#folder = folder;
  }

  static async launch(): Promise<BrowserHarness> {
    const executablePath = locateChromium();
    if (executablePath === undefined) throw new Error('expected Chromium on PATH, got none; install chromium');
    const folder = await mkdtemp(path.join(os.tmpdir(), 'redlock-bench-pages-'));
    // Root has no sandbox, and containers little shared memory.
    const args = ['--no-sandbox', '--disable-dev-shm-usage', '--disable-gpu'];
    return new BrowserHarness(await chromium.launch({ executablePath, args }), folder);
  }

  /** Opens a page with the network cut, and waits until its charts are drawn. */
  async open(html: string, options: BrowserContextOptions = {}): Promise<OpenedPage> {
    const file = path.join(this.#folder, `page-${String(this.#opened++)}.html`);
    await writeFile(file, html);
    const context = await this.#browser.newContext({
      viewport: { width: 1_280, height: 900 },
      colorScheme: 'light',
      acceptDownloads: true,
      ...options,
    });
    await context.setOffline(true);
    const problems: string[] = [];
    context.on('request', (request) => {
      if (!/^(file|data|blob):/.test(request.url())) problems.push(`asked for ${request.url()}`);
    });
    const page = await context.newPage();
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) problems.push(`${message.type()}: ${message.text()}`);
    });
    page.on('pageerror', (error) => problems.push(`error: ${error.message}`));
    await page.goto(pathToFileURL(file).href);
    if (options.javaScriptEnabled !== false) await chartsDrawn(page);
    return { page, problems, file };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#browser.close();
    await rm(this.#folder, { recursive: true, force: true });
  }
}

/** Waits until no unfolded chart is a still picture any more. */
export async function chartsDrawn(page: Page): Promise<void> {
  // Not page.waitForFunction: it makes code from text in the page, which the policy of the page refuses.
  await expect
    .poll(
      () => page.evaluate(`[...document.querySelectorAll('.chart.still')].every((chart) => chart.clientWidth === 0)`),
      { timeout: 20_000 },
    )
    .toBe(true);
}

/** What every page keeps: nothing broken, nothing asked of a network, no overflow, charts drawn, no fault that axe finds. */
export async function expectReadable({ page, problems, file }: OpenedPage): Promise<void> {
  expect((await stat(file)).size).toBeLessThan(MOST_PAGE_BYTES);
  for (const width of WIDTHS_PX) {
    await page.setViewportSize({ width, height: 900 });
    await expectNoOverflow(page);
  }
  await chartsDrawn(page);
  expect(await emptyCharts(page)).toEqual([]);
  expect(await faultsByAxe(page), 'light').toEqual([]);
  await page.emulateMedia({ colorScheme: 'dark' });
  await settle(page);
  // Everything else is the same in both themes, and costs seconds.
  expect(await faultsByAxe(page, ['color-contrast']), 'dark').toEqual([]);
  expect(problems).toEqual([]);
}

/** The page never scrolls sideways; what is wider scrolls in a box of its own. */
async function expectNoOverflow(page: Page): Promise<void> {
  await settle(page);
  const widths = await page.evaluate<{ page: number; window: number; culprits: string[] }>(`({
    page: document.documentElement.scrollWidth,
    window: window.innerWidth,
    culprits: [...document.querySelectorAll('main *, header *, nav *')]
      .filter((each) => each.getBoundingClientRect().right > window.innerWidth + 1 && !each.closest('.scroll'))
      .slice(0, 5).map((each) => each.outerHTML.slice(0, 120)),
  })`);
  expect(widths).toEqual({ page: widths.window, window: widths.window, culprits: [] });
}

/** What axe finds on the page as it is now: the rule and where it is broken. */
async function faultsByAxe(page: Page, rules: readonly string[] = []): Promise<string[]> {
  const only = rules.length === 0 ? '' : `, runOnly: ${JSON.stringify(rules)}`;
  if (!(await page.evaluate<boolean>(`typeof window.axe === 'object'`)))
    await page.evaluate(`${axe.source}; undefined`);
  return page.evaluate<string[]>(`axe.run(document, { resultTypes: ['violations']${only} }).then(({ violations }) =>
    violations.flatMap(({ id, impact, nodes }) =>
      nodes.slice(0, 3).map((node) => id + ' (' + impact + '): ' + node.target.join(' ') + ' ' + (node.any[0] || node.all[0] || node.none[0] || {}).message)))`);
}

/** What was drawn of the data: not its axes, legends and background, and not the still picture that stays in the page. */
const MARKS_OF_CHART = ['path', 'line', 'text']
  .map((mark) => `.live svg .role-mark > ${mark}:not([opacity="0"]):not([d=""])`)
  .join(', ');

/** Unfolded charts without a mark. */
function emptyCharts(page: Page): Promise<string[]> {
  return page.evaluate<string[]>(`[...document.querySelectorAll('[data-chart]')]
    .filter((chart) => chart.clientWidth > 0 && chart.querySelectorAll(${JSON.stringify(MARKS_OF_CHART)}).length < 1)
    .map((chart) => chart.dataset.chart)`);
}

/** Resizing and themes redraw the charts after a moment. */
async function settle(page: Page): Promise<void> {
  await page.waitForTimeout(160);
  await page.evaluate(`new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done())))`);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
