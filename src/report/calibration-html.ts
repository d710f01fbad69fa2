/**
 * One page for a calibration: a file that needs no network, and no script to be read.
 *
 * @module
 */
import type { Calibration } from '../model/gate.js';
import { chartsOfCalibration } from './calibration-charts.js';
import { armSection } from './page/arm-tables.js';
import { floorSection } from './page/calibration-sections.js';
import { methodSection } from './page/comparison-method.js';
import { findingsSection } from './page/effect-tables.js';
import { markup } from './page/markup.js';
import { renderPage } from './page/page-shell.js';

/** Renders the page: what can be found, the floors, the charts, then the runs behind them. */
export function renderCalibrationReport(calibration: Calibration): Promise<string> {
  const { comparison, statements, warnings } = calibration;
  return renderPage({
    title: comparison.title,
    charts: chartsOfCalibration(calibration),
    verdict: findingsSection({ ...comparison, statements, warnings }),
    answer: floorSection(calibration),
    details: markup`${armSection(comparison)}${methodSection(comparison)}`,
  });
}
