/**
 * What a calibration found, on its page: the sentences, and the floors metric by metric.
 *
 * @module
 */
import type { Calibration } from '../../model/gate.js';
import {
  describeCalibrated,
  describeCalibrationDesign,
  describeStability,
  floorRows,
  formatDetectable,
  formatFloor,
  formatScatter,
  nameFloor,
} from '../calibration-words.js';
import { BESIDE, formatPercent } from '../effect-words.js';
import { markup, type Markup } from './markup.js';
import { table, wordTable } from './page-tables.js';

/** The floors, those that decide first, and how they were measured. */
export function floorSection(calibration: Calibration): Markup {
  const heads = [
    'metric',
    'noise floor',
    'smallest change found',
    'run to run',
    'rounds',
    'counts by itself',
    'verdict',
  ];
  const rows = floorRows(calibration);
  const firstBeside = rows.find(({ floor }) => !floor.isPrimary);
  const lines = rows.map((row) => {
    const { floor, metric } = row;
    const cells = [
      formatFloor(row),
      formatDetectable(row),
      formatScatter(row),
      String(floor.rounds),
      formatPercent(metric.minEffect),
    ].map((cell) => markup`<td>${cell}</td>`);
    const { text, emphasis } = describeStability(row);
    const heading =
      row === firstBeside ? markup`<tr><th class="faint" colspan="${heads.length}">${BESIDE}</th></tr>` : markup``;
    return markup`${heading}<tr${floor.isPrimary ? markup` class="primary"` : markup``}><th>${nameFloor(row)}</th>${cells}<td class="${emphasis}">${text}</td></tr>`;
  });
  return markup`<h2>Noise floors</h2>${table(heads, lines)}
<p class="faint">noise floor: half of the 95 % interval of A over A; smallest change found: what as many rounds find four times of five, at 5 %, two-sided; run to run: half the interquartile range over the median</p>
${wordTable([
  ['measured', describeCalibrated(calibration)],
  ['made', describeCalibrationDesign(calibration).join(', ')],
])}`;
}
