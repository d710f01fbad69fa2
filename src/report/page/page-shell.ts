/**
 * What every page has: its head, its policy, its charts and the scripts that draw them anew.
 *
 * @module
 */
import { createHash } from 'node:crypto';
import type { Chart } from '../charts/chart.js';
import { DARK, LIGHT, VEGA_CONFIG } from '../charts/theme.js';
import { renderSvg } from '../render.js';
import { markup, scriptJson, trusted, type Markup } from './markup.js';
import { readLibraries } from './page-libraries.js';
import { contents, outline, slug } from './page-outline.js';
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
  /** Begins the names of the files that a reader saves; without one, the title. */
  readonly stem?: string;
  /** The figures behind the page, to be saved from it; left out where they are large. */
  readonly figures?: { readonly name: string; readonly value: unknown };
}

/** The libraries take half of what a page may weigh, and the charts carry most of these figures already. */
const MOST_FIGURES_CHARACTERS = 150_000;

/** Renders a page that carries all it needs: style, charts as still pictures, and the scripts that bring them to life. */
export async function renderPage(parts: PageParts): Promise<string> {
  const { title, charts, subtitle } = parts;
  const [figures, libraries] = await Promise.all([renderFigures(charts), readLibraries()]);
  const style = pageStyle();
  const scripts = [...libraries, PAGE_SCRIPT];
  const { body, entries } = outline(sectionsOf(parts, figures));
  const page = markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${contentPolicy(style, scripts)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title} · redlock-bench</title>
<style>${trusted(style)}</style>
</head>
<body>
<a class="skip" href="#main">skip to the verdict</a>
<header><div><p class="brand">redlock-bench</p><h1>${title}</h1>
<p class="faint">${subtitle ?? charts[0]?.scenario ?? ''}</p></div><div id="theme" role="group" aria-label="Theme" hidden></div></header>
<div class="columns">
${contents(entries)}
<main id="main" tabindex="-1" data-stem="${stemOf(parts)}">
${body}
<div id="figures-place"></div>
</main>
</div>
<p id="said" role="status"></p>
<div id="tip" hidden></div>
<script type="application/json" id="specs">${scriptJson(Object.fromEntries(charts.map(uncolouredEntry)))}</script>
<script type="application/json" id="themes">${scriptJson(THEMES)}</script>
${storedFigures(parts)}${scripts.map((script) => markup`<script>${trusted(script)}</script>\n`)}</body>
</html>
`;
  return page.html;
}

const THEMES = {
  light: LIGHT.config,
  dark: DARK.config,
  vega: VEGA_CONFIG,
  alarms: { light: LIGHT.alarm, dark: DARK.alarm },
};

function sectionsOf({ verdict, answer, details }: PageParts, figures: readonly Markup[]): Markup {
  const rest = typeof details === 'function' ? details(figures) : markup`<h2>Charts</h2>\n${figures}\n${details}`;
  return markup`<h2 class="unseen">Verdict</h2>\n${verdict}\n${answer}\n${rest}`;
}

function stemOf({ stem, title }: PageParts): string {
  return slug(stem ?? title) || 'report';
}

function storedFigures({ figures }: PageParts): Markup {
  if (figures === undefined) return markup``;
  const json = scriptJson(figures.value);
  if (json.html.length > MOST_FIGURES_CHARACTERS) return markup``;
  return markup`<script type="application/json" id="figures" data-name="${figures.name}">${json}</script>\n`;
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
function uncolouredEntry({ name, spec }: Chart): [string, unknown] {
  const copy = { ...spec };
  delete copy.config;
  return [name, copy];
}

/**
 * Allows this page's own style and scripts, by their digests, and nothing else: no network, and no code made from text.
 * Vega styles its marks through attributes.
 */
function contentPolicy(style: string, scripts: readonly string[]): string {
  const digests = scripts.map(digest).join(' ');
  return [
    "default-src 'none'",
    `script-src ${digests}`,
    `style-src-elem ${digest(style)}`,
    "style-src-attr 'unsafe-inline'",
    // A chart becomes a PNG by way of a picture made in the page.
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
}

function digest(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}
