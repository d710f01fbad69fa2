/**
 * What every page has: its head, its policy, its charts and the scripts that draw them anew.
 *
 * @module
 */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import type { Chart } from '../charts/chart.js';
import { DARK, LIGHT, VEGA_CONFIG } from '../charts/theme.js';
import { renderSvg } from '../render.js';
import { markup, scriptJson, scriptText, trusted, type Markup } from './markup.js';
import { PAGE_SCRIPT } from './page-script.js';
import { chartFigure } from './page-sections.js';
import { pageStyle } from './page-style.js';

/** What one page says, in its order. */
export interface PageParts {
  readonly title: string;
  /** The first lines. */
  readonly verdict: Markup;
  /** Between the title and the charts. */
  readonly answer: Markup;
  readonly charts: readonly Chart[];
  /** After the charts; where it places their figures itself, there is no section of charts. */
  readonly details: Markup | ((figures: readonly Markup[]) => Markup);
  /** Under the title; without one, the scenario of the first chart. */
  readonly subtitle?: string;
}

/** Renders a page that carries all it needs: style, charts as still pictures, and the scripts that bring them to life. */
export async function renderPage({ title, verdict, answer, charts, details, subtitle }: PageParts): Promise<string> {
  const [figures, libraries] = await Promise.all([renderFigures(charts), readLibraries()]);
  const style = pageStyle();
  const scripts = [...libraries, PAGE_SCRIPT];
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
${verdict}
<header><h1>${title}</h1><button id="theme" type="button" hidden></button></header>
<p class="faint">${subtitle ?? charts[0]?.scenario ?? ''}</p>
${answer}
${
  typeof details === 'function'
    ? details(figures)
    : markup`<h2>Charts</h2>
${figures}
${details}`
}
<div id="tip" hidden></div>
<script type="application/json" id="specs">${scriptJson(Object.fromEntries(charts.map(untitledEntry)))}</script>
<script type="application/json" id="themes">${scriptJson({ light: LIGHT.config, dark: DARK.config, vega: VEGA_CONFIG })}</script>
${scripts.map((script) => markup`<script>${trusted(script)}</script>\n`)}</body>
</html>
`;
  return page.html;
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
