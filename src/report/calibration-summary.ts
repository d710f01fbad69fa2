/**
 * A calibration for the terminal: what this machine lets one find, then the floors behind it.
 *
 * @module
 */
import type { Calibration } from '../model/gate.js';
import { armLines } from './arm-tables.js';
import {
  describeCalibrated,
  describeCalibrationDesign,
  describeStability,
  floorRows,
  formatDetectable,
  formatFloor,
  formatScatter,
  nameFloor,
} from './calibration-words.js';
import { findingsOf } from './comparison-words.js';
import { BESIDE } from './effect-words.js';
import { fileLines } from './file-lines.js';
import { wrap } from './figures.js';
import { alignColumns, labelled, paint, widthOf, type Cell, type Style } from './style.js';
import { header } from './summary-tables.js';

/** The summary of a calibration; its first lines say what can be found. Ends without a line feed. */
export function renderCalibrationSummary(
  calibration: Calibration,
  style: Style,
  files: readonly string[] = [],
): string {
  const { comparison, statements, warnings, status } = calibration;
  return [
    ...findingsOf({ ...comparison, statements }).flatMap(({ text, isViolation }, index) =>
      labelled(index === 0 ? 'findings' : '', text, style, isViolation ? 'bad' : 'plain'),
    ),
    ...warnings.flatMap((warning, index) => labelled(index === 0 ? 'warning' : '', warning, style, 'warning')),
    ...labelled('measured', describeCalibrated(calibration), style),
    ...labelled(
      'design',
      describeCalibrationDesign(calibration).join(' · '),
      style,
      status === 'complete' ? 'plain' : 'warning',
    ),
    '',
    ...floorLines(calibration, style),
    ...armLines(comparison, style),
    ...fileLines(files, style),
  ].join('\n');
}

function floorLines(calibration: Calibration, style: Style): string[] {
  const rows = floorRows(calibration);
  if (rows.length === 0) return [];
  const deciding = rows.filter(({ floor }) => floor.isPrimary).length;
  const whole = [
    header('metric', 'noise floor', 'smallest found', 'run to run', 'rounds', 'verdict'),
    ...rows.map((row): Cell[] => [
      { text: nameFloor(row), emphasis: row.floor.isPrimary ? 'strong' : 'plain' },
      { text: formatFloor(row) },
      { text: formatDetectable(row), emphasis: row.floor.isPrimary ? 'strong' : 'plain' },
      { text: formatScatter(row) },
      { text: String(row.floor.rounds) },
      describeStability(row),
    ]),
  ];
  const table = widthOf(whole) <= style.columns ? whole : whole.map((row) => [...row.slice(0, 3), ...row.slice(5)]);
  const [head = '', ...lines] = alignColumns(table, 1, style);
  const note =
    '(noise floor: half of the 95 % interval of A over A; smallest found: the change that as many rounds find four times ' +
    'of five; run to run: half the interquartile range over the median)';
  return [
    head,
    ...lines.slice(0, deciding),
    ...(deciding < rows.length ? [paint(style, 'faint', BESIDE)] : []),
    ...lines.slice(deciding),
    ...wrap(note, style.columns).map((line) => paint(style, 'faint', line)),
    '',
  ];
}
