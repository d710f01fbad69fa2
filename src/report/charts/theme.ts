/**
 * Colours and type of the charts, light and dark.
 *
 * @module
 */
import type { Config } from 'vega-lite';

/** Colours by what they are for; `config` gives them to Vega-Lite. */
export interface Theme extends Colours {
  readonly config: Config;
}

/**
 * Both lists keep three times the contrast of their background and, between any two colours, a CIE76 distance of 24
 * for normal sight and for the three kinds of colour blindness (matrices of Machado, Oliveira and Fernandes 2009).
 * Lines that share a chart also differ in their dashes.
 */
const LIGHT_SERIES = ['#0072b2', '#e06000', '#3d1414', '#9429ff', '#c97a69', '#30008f', '#8f005f'];
const DARK_SERIES = ['#56a8f0', '#f08a30', '#f0e0d1', '#9b3bff', '#d4004a', '#0aff85', '#b8459f'];

/** Series are told apart by shape and stroke as well as by colour; from the first on, and round again. */
export const SERIES_SHAPES = ['circle', 'square', 'triangle-up', 'diamond', 'triangle-down', 'cross', 'triangle-right'];
export const SERIES_DASHES = [
  [1, 0],
  [7, 3],
  [2, 2],
  [9, 3, 2, 3],
  [1, 4],
  [12, 4],
  [4, 2],
];

/** How many series have a colour of their own. */
export const SERIES_COLOURS = LIGHT_SERIES.length;

/** Legends below each other: a setting of Vega that Vega-Lite does not know, so it is given to Vega itself. */
export const VEGA_CONFIG = { legend: { layout: { bottom: { anchor: 'start', direction: 'vertical', margin: 8 } } } };

export const LIGHT: Theme = theme({
  background: '#ffffff',
  text: '#1c2127',
  faint: '#4d5661',
  line: '#e3e6ea',
  raised: '#f4f5f7',
  good: '#1d6f42',
  warning: '#8a5300',
  alarm: '#b00020',
  series: LIGHT_SERIES,
});

export const DARK: Theme = theme({
  background: '#14181d',
  text: '#e6e9ed',
  faint: '#a9b2bd',
  line: '#2c333b',
  raised: '#1f252c',
  good: '#6fd49a',
  warning: '#f5bd5c',
  alarm: '#ff8a80',
  series: DARK_SERIES,
});

interface Colours {
  readonly background: string;
  readonly text: string;
  readonly faint: string;
  readonly line: string;
  /** Behind what stands out. */
  readonly raised: string;
  readonly good: string;
  readonly warning: string;
  readonly alarm: string;
  readonly series: readonly string[];
}

function theme(colours: Colours): Theme {
  const { background, text, faint, line, series } = colours;
  return {
    ...colours,
    config: {
      background,
      font: 'system-ui, "Segoe UI", "DejaVu Sans", sans-serif',
      view: { stroke: null },
      range: { category: [...series] },
      mark: { aria: false },
      text: { color: text },
      title: {
        anchor: 'start',
        frame: 'bounds',
        offset: 14,
        fontSize: 16,
        color: text,
        subtitleFontSize: 11,
        subtitleColor: faint,
        subtitleLineHeight: 15,
        subtitlePadding: 6,
      },
      axis: {
        labelColor: faint,
        titleColor: text,
        titleFontWeight: 'normal',
        titleFontSize: 12,
        titlePadding: 8,
        labelFontSize: 11,
        gridColor: line,
        domainColor: faint,
        tickColor: faint,
        labelOverlap: 'greedy',
        labelSeparation: 6,
      },
      legend: {
        orient: 'bottom',
        direction: 'horizontal',
        title: null,
        labelColor: text,
        labelFontSize: 11,
        labelLimit: 0,
        symbolStrokeWidth: 2.5,
        symbolSize: 140,
        rowPadding: 4,
        columnPadding: 18,
        offset: 10,
      },
    },
  };
}
