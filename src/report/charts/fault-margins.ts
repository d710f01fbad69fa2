/**
 * How much each grant could have lost: grants by the number of masters whose loss of the key would have broken them.
 *
 * @module
 */
import { formatCount, formatShare } from '../../model/figure-text.js';
import { describeMargins } from '../fault-words.js';
import { composeChart, type Chart, type Frame, type PositionFieldDef } from './chart.js';
import { having, nameLayer, rowAxis, sayingLayers, textTooltip } from './rows.js';

const ROW_PX = 40;
/** Both read on white and on black: one fault is enough, or more are needed. */
const BRITTLE_COLOUR = '#b87800';
const STURDY_COLOUR = '#4f8fc0';

/** The title of the chart; a frame is made with it. */
export const MARGINS_TITLE = 'Grants by how many lost keys would have broken them';

/** What the words of such a chart explain; empty without a grant. */
export function marginNotes(margins: readonly number[]): string[] {
  const words = describeMargins(margins);
  return words === undefined ? [] : [words];
}

/** One bar for each fault margin f = k − (N − Q), k being the masters that had granted; the entry at f counts its grants. */
export function faultMargins(frame: Frame, margins: readonly number[]): Chart {
  const all = margins.reduce((sum, count) => sum + count, 0);
  // What lies between counts, even where it is nothing.
  const least = Math.max(
    0,
    margins.findIndex((count) => count > 0),
  );
  const most = margins.findLastIndex((count) => count > 0);
  const rows = margins.slice(least, most + 1).map((count, index) => {
    const margin = least + index;
    const said = `${formatCount(count)} (${formatShare(all === 0 ? 0 : count / all)})`;
    return {
      name: margin === 1 ? '1 lost key is enough' : `${String(margin)} lost keys are needed`,
      nameY: index + 0.25,
      from: index + 0.5,
      to: index + 0.9,
      share: all === 0 ? 0 : count / all,
      colour: margin <= 1 ? BRITTLE_COLOUR : STURDY_COLOUR,
      said,
      saidShortly: said,
      margin: String(margin),
      grants: said,
    };
  });
  const x: PositionFieldDef = {
    field: 'share',
    type: 'quantitative',
    scale: { domain: [0, 1], nice: false },
    axis: { title: 'share of the grants', format: '.0%', tickCount: 5, grid: false },
  };
  return composeChart(frame, {
    heightPx: ROW_PX * rows.length,
    rows,
    layers: [
      {
        transform: having('share'),
        mark: { type: 'rect', clip: true },
        encoding: {
          x,
          x2: { datum: 0 },
          y: rowAxis('from', rows.length),
          y2: { field: 'to' },
          color: { field: 'colour', type: 'nominal', scale: null, legend: null },
          tooltip: textTooltip(['margin', 'grants']),
        },
      },
      nameLayer(rows.length),
      ...sayingLayers(rows.length),
    ],
  });
}
