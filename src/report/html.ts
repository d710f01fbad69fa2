/**
 * One page for one run or several: a file that needs no network, and no script to be read.
 *
 * @module
 */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import type { RunResult } from '../model/result.js';
import { chartsOf } from './charts.js';
import type { Chart } from './charts/chart.js';
import { DARK, LIGHT, VEGA_CONFIG } from './charts/theme.js';
import { markup, scriptJson, scriptText, trusted, type Markup } from './page/markup.js';
import { PAGE_SCRIPT } from './page/page-script.js';
import { detailSections } from './page/page-details.js';
import { answerSection, chartFigure, comparisonSection, verdictSection } from './page/page-sections.js';
import { pageStyle } from './page/page-style.js';
import { renderSvg } from './render.js';
import { nameRuns } from './run-names.js';

/** Renders the page. Its charts are drawn anew in the browser, with tooltips; without scripts still pictures remain. */
export async function renderReport(results: readonly RunResult[], title: string): Promise<string> {
  const charts = chartsOf(results);
  const [figures, libraries] = await Promise.all([renderFigures(charts), readLibraries()]);
  const style = pageStyle();
  const scripts = [...libraries, PAGE_SCRIPT];
  const [only] = results;
  const isSingle = results.length === 1 && only !== undefined;
  const page = markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${contentPolicy(style, scripts)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} · redlock-bench</title>
<style>${trusted(style)}</style>
</head>
<body>
${verdictSection(results)}
<header><h1>${title}</h1><button id="theme" type="button" hidden></button></header>
<p class="faint">${charts[0]?.scenario ?? ''}</p>
${isSingle ? answerSection(only) : comparisonSection(results)}
<h2>Charts</h2>
${figures}
${isSingle ? detailSections(only) : foldedDetails(results)}
<div id="tip" hidden></div>
<script type="application/json" id="specs">${scriptJson(Object.fromEntries(charts.map(untitledEntry)))}</script>
<script type="application/json" id="themes">${scriptJson({ light: LIGHT.config, dark: DARK.config, vega: VEGA_CONFIG })}</script>
${scripts.map((script) => markup`<script>${trusted(script)}</script>\n`)}</body>
</html>
`;
  return page.html;
}

function foldedDetails(results: readonly RunResult[]): Markup {
  const names = nameRuns(results);
  const folds = results.map(
    (result, index) =>
      markup`<details><summary>${names[index]?.label ?? ''}</summary>${answerSection(result)}${detailSections(result)}</details>`,
  );
  return markup`<h2>Run by run</h2>${folds}`;
}

async function renderFigures(charts: readonly Chart[]): Promise<Markup[]> {
  const figures: Markup[] = [];
  for (const chart of charts) figures.push(chartFigure(chart, await renderSvg(untitled(chart))));
  return figures;
}

/** Titles stand in the page, where they wrap. */
function untitled({ spec }: Chart): Chart['spec'] {
  const copy = { ...spec };
  delete copy.title;
  return copy;
}

/** Colours come from the theme that the reader chose. */
function untitledEntry(chart: Chart): [string, unknown] {
  const spec = untitled(chart);
  delete spec.config;
  return [chart.name, spec];
}

/** The browser builds of Vega and Vega-Lite, found beside the modules that this package imports. */
async function readLibraries(): Promise<string[]> {
  const { resolve } = createRequire(import.meta.url);
  const files = ['vega', 'vega-lite'].map((name) => path.join(path.dirname(resolve(name)), `${name}.min.js`));
  return Promise.all(files.map(async (file) => scriptText(await readFile(file, 'utf8'))));
}

/**
 * Allows this page's own style and scripts, by their digests, and nothing else: no network at all. Vega compiles its
 * expressions to functions, hence `unsafe-eval`, and styles its marks through attributes.
 */
function contentPolicy(style: string, scripts: readonly string[]): string {
  const digests = scripts.map(digest).join(' ');
  return [
    "default-src 'none'",
    `script-src 'unsafe-eval' ${digests}`,
    `style-src-elem ${digest(style)}`,
    "style-src-attr 'unsafe-inline'",
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
}

function digest(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}
