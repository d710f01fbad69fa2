/**
 * Reports of several runs that a command stored, shown again as they were concluded.
 *
 * @module
 */
import { readStoredCalibration } from '../report/calibration-drawings.js';
import { renderCalibrationReport } from '../report/calibration-html.js';
import { renderCalibrationSummary } from '../report/calibration-summary.js';
import { readStoredCapacity } from '../report/capacity-drawings.js';
import { renderCapacityReport } from '../report/capacity-html.js';
import { renderCapacitySummary } from '../report/capacity-summary.js';
import { readStoredGate } from '../report/gate-drawings.js';
import { renderGateReport } from '../report/gate-html.js';
import { renderGateSummary } from '../report/gate-summary.js';
import type { Style } from '../report/style.js';
import { readStoredTuning } from '../report/tuning-drawings.js';
import { renderTuningReport } from '../report/tuning-html.js';
import { renderTuningSummary } from '../report/tuning-summary.js';

/** A stored report, whatever its kind. */
export interface StoredReport {
  readonly figures: object;
  readonly exitCode: number;
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
  async (directory) => shown(await readStoredGate(directory), renderGateReport, renderGateSummary),
  async (directory) => shown(await readStoredCalibration(directory), renderCalibrationReport, renderCalibrationSummary),
  async (directory) => shown(await readStoredCapacity(directory), renderCapacityReport, renderCapacitySummary),
  async (directory) => shown(await readStoredTuning(directory), renderTuningReport, renderTuningSummary),
];

function shown<Report extends { readonly exitCode: number }>(
  report: Report | undefined,
  renderPage: (report: Report) => Promise<string>,
  renderSummary: (report: Report, style: Style, files: readonly string[]) => string,
): StoredReport | undefined {
  if (report === undefined) return undefined;
  return {
    figures: report,
    exitCode: report.exitCode,
    renderPage: () => renderPage(report),
    renderSummary: (style, files) => renderSummary(report, style, files),
  };
}
