/**
 * Reports of several runs that a command stored, shown again as they were concluded.
 *
 * @module
 */
import { chartsOfCalibration } from '../report/calibration-charts.js';
import { readStoredCalibration } from '../report/calibration-folder.js';
import { renderCalibrationReport } from '../report/calibration-html.js';
import { renderCalibrationSummary } from '../report/calibration-summary.js';
import { chartsOfCapacity } from '../report/capacity-charts.js';
import { readStoredCapacity } from '../report/capacity-folder.js';
import { renderCapacityReport } from '../report/capacity-html.js';
import { renderCapacitySummary } from '../report/capacity-summary.js';
import type { Chart } from '../report/charts/chart.js';
import { chartsOfGate } from '../report/gate-charts.js';
import { readStoredGate } from '../report/gate-folder.js';
import { renderGateReport } from '../report/gate-html.js';
import { renderGateSummary } from '../report/gate-summary.js';
import type { Style } from '../report/style.js';
import { chartsOfTuning } from '../report/tuning-charts.js';
import { readStoredTuning } from '../report/tuning-folder.js';
import { renderTuningReport } from '../report/tuning-html.js';
import { renderTuningSummary } from '../report/tuning-summary.js';

/** What was read from folders, whatever its kind, ready to be shown. */
export interface StoredReport {
  readonly figures: object;
  readonly exitCode: number;
  readonly charts: () => readonly Chart[];
  readonly renderPage: () => Promise<string>;
  readonly renderSummary: (style: Style, files: readonly string[]) => string;
}

/**
 * Reads the report of a folder; undefined when it has none of these kinds.
 *
 * @throws UsageError when it is damaged, or of another version of this tool
 */
export async function readStoredReportOf(directory: string): Promise<StoredReport | undefined> {
  for (const read of READERS) {
    const report = await read(directory);
    if (report !== undefined) return report;
  }
  return undefined;
}

const READERS: readonly ((directory: string) => Promise<StoredReport | undefined>)[] = [
  async (directory) => shown(await readStoredGate(directory), chartsOfGate, renderGateReport, renderGateSummary),
  async (directory) =>
    shown(
      await readStoredCalibration(directory),
      chartsOfCalibration,
      renderCalibrationReport,
      renderCalibrationSummary,
    ),
  async (directory) =>
    shown(await readStoredCapacity(directory), chartsOfCapacity, renderCapacityReport, renderCapacitySummary),
  async (directory) =>
    shown(await readStoredTuning(directory), chartsOfTuning, renderTuningReport, renderTuningSummary),
];

function shown<Report extends { readonly exitCode: number }>(
  report: Report | undefined,
  charts: (report: Report) => readonly Chart[],
  renderPage: (report: Report) => Promise<string>,
  renderSummary: (report: Report, style: Style, files: readonly string[]) => string,
): StoredReport | undefined {
  if (report === undefined) return undefined;
  return {
    figures: report,
    exitCode: report.exitCode,
    charts: () => charts(report),
    renderPage: () => renderPage(report),
    renderSummary: (style, files) => renderSummary(report, style, files),
  };
}
