/**
 * What every page has: its head, its policy, its charts and the scripts that draw them anew.
 *
 * @module
 */
import { createHash } from 'node:crypto';
import type { Chart } from '../charts/chart.js';
import { DARK, LIGHT, VEGA_CONFIG } from '../charts/theme.js';
import { markup, scriptJson, trusted, type Markup } from './markup.js';
import { carryCharts } from './page-figures.js';
import { readLibraries } from './page-libraries.js';
import { contents, outline, slug } from './page-outline.js';
import { PAGE_SCRIPT } from './page-script.js';
import { pageStyle } from './page-style.js';

/** What one page says, in its order. */
export interface PageParts {
  readonly title: string;
  /** The first lines. */
  readonly verdict: Markup;
  /** Between the title and the charts. */
  readonly answer: Markup;
  readonly charts: readonly Chart[];
  /**
   * After the charts; where it places their figures itself, there is no section of charts. `spareCharacters` is how much it
   * may weigh besides them.
   */
  readonly details: Markup | ((figures: readonly Markup[], spareCharacters: number) => Markup);
  /** Whether the details place a chart within a fold; none lies in one otherwise. */
  readonly isFolded?: (chart: Chart) => boolean;
  /** Under the title; without one, the scenario of the first chart. */
  readonly subtitle?: string;
  /** Begins the names of the files that a reader saves; without one, the title. */
  readonly stem?: string;
  /** The figures behind the page, to be saved from it; left out where they are large. */
  readonly figures?: { readonly name: string; readonly value: unknown };
}

/** The libraries take half of what a page may weigh, and the charts carry most of these figures already. */
const MOST_FIGURES_CHARACTERS = 150_000;

/** A little less than 1.5 MB, which mails and artefacts of builds still carry. */
const MOST_PAGE_CHARACTERS = 1_440_000;
/** Names for readers of the screen join what sections weigh by themselves. */
const GROWTH_OF_SECTIONS = 1.25;

/** Renders a page that carries all it needs: style, charts as still pictures, and the scripts that bring them to life. */
export async function renderPage(parts: PageParts): Promise<string> {
  const { title, charts, subtitle } = parts;
  const [carried, libraries] = await Promise.all([carryCharts(charts, parts.isFolded), readLibraries()]);
  const style = pageStyle();
  const scripts = [...libraries, PAGE_SCRIPT];
  const taken = [style, ...scripts].reduce((sum, text) => sum + text.length, carried.characters);
  const { body, entries } = outline(sectionsOf(parts, carried.figures, MOST_PAGE_CHARACTERS - taken));
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
<div id="figures-place">${heavyFigures(parts)}</div>
</main>
</div>
<p id="said" role="status"></p>
<div id="tip" hidden></div>
<script type="application/json" id="specs">${scriptJson(carried.specs)}</script>
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

function sectionsOf(
  { verdict, answer, details }: PageParts,
  figures: readonly Markup[],
  spareCharacters: number,
): Markup {
  const spare = spareCharacters / GROWTH_OF_SECTIONS - verdict.html.length - answer.html.length;
  const rest =
    typeof details === 'function' ? details(figures, spare) : markup`<h2>Charts</h2>\n${figures}\n${details}`;
  return markup`<h2 class="unseen">Verdict</h2>\n${verdict}\n${answer}\n${rest}`;
}

function stemOf({ stem, title }: PageParts): string {
  return slug(stem ?? title) || 'report';
}

/** Where the figures are that cannot be saved from the page. */
function heavyFigures({ figures }: PageParts): Markup {
  if (figures === undefined || scriptJson(figures.value).html.length <= MOST_FIGURES_CHARACTERS) return markup``;
  return markup`<p class="faint">the figures behind this page are in ${figures.name}, in the folder of the run; they would make the page too heavy</p>`;
}

function storedFigures({ figures }: PageParts): Markup {
  if (figures === undefined) return markup``;
  const json = scriptJson(figures.value);
  if (json.html.length > MOST_FIGURES_CHARACTERS) return markup``;
  return markup`<script type="application/json" id="figures" data-name="${figures.name}">${json}</script>\n`;
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
