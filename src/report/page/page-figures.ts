/**
 * The charts of a page: still pictures, and the specs to draw them anew, as many as it can carry.
 *
 * @module
 */
import type { Chart } from '../charts/chart.js';
import { renderSvg } from '../render.js';
import type { Markup } from './markup.js';
import { chartFigure, leftOutFigure } from './page-sections.js';

/** What a page shows of its charts. */
export interface CarriedCharts {
  /** One a chart, in their order. */
  readonly figures: readonly Markup[];
  /** By the names of their charts. */
  readonly specs: Readonly<Record<string, unknown>>;
  /** What all of it weighs. */
  readonly characters: number;
}

/** The libraries take half of what a page may weigh, and words and tables need some of the rest. */
const MOST_CHART_CHARACTERS = 540_000;

interface Drawn {
  readonly chart: Chart;
  readonly svg: string;
  readonly spec: object;
  readonly specCharacters: number;
}

/**
 * Draws the charts. Where they are too heavy, those that lie in folds lose their still pictures, which only readers without
 * scripts miss, then their place on the page; the others lose no more than their still pictures.
 */
export async function carryCharts(
  charts: readonly Chart[],
  isFolded: (chart: Chart) => boolean = () => false,
  most = MOST_CHART_CHARACTERS,
): Promise<CarriedCharts> {
  const drawn: Drawn[] = [];
  for (const chart of charts) {
    const spec = uncoloured(chart);
    const svg = await renderSvg(untitled(chart));
    drawn.push({ chart, svg, spec, specCharacters: JSON.stringify(spec).length });
  }
  let characters = drawn.reduce((sum, { svg, specCharacters }) => sum + svg.length + specCharacters, 0);
  const lighten = (some: readonly Drawn[], weight: (each: Drawn) => number): ReadonlySet<Drawn> => {
    const chosen = new Set<Drawn>();
    for (const each of [...some].sort((a, b) => weight(b) - weight(a))) {
      if (characters <= most) break;
      characters -= weight(each);
      chosen.add(each);
    }
    return chosen;
  };
  const folded = drawn.filter(({ chart }) => isFolded(chart));
  const shown = drawn.filter((each) => !folded.includes(each));
  const stripped = lighten(folded, ({ svg }) => svg.length);
  const leftOut = lighten(folded, ({ specCharacters }) => specCharacters);
  const strippedToo = lighten(shown, ({ svg }) => svg.length);
  return {
    figures: drawn.map((each) => {
      if (leftOut.has(each)) return leftOutFigure(each.chart);
      return chartFigure(each.chart, stripped.has(each) || strippedToo.has(each) ? undefined : each.svg);
    }),
    specs: Object.fromEntries(
      drawn.filter((each) => !leftOut.has(each)).map(({ chart, spec }) => [chart.name, spec] as const),
    ),
    characters,
  };
}

/** Titles stand in the page, where they wrap. */
function untitled({ spec }: Chart): Chart['spec'] {
  const copy = { ...spec };
  delete copy.title;
  return copy;
}

/** Colours come from the theme that the reader chose. */
function uncoloured({ spec }: Chart): Chart['spec'] {
  const copy = { ...spec };
  delete copy.config;
  return copy;
}
