/**
 * The folder of a gate: its figures, the files for other tools, its charts, its page.
 *
 * @module
 */
import path from 'node:path';
import { GATE_SCHEMA_VERSION, type GateReport } from '../model/gate.js';
import { exportsOfGate } from './exports/gate-exports.js';
import { chartsOfGate } from './gate-charts.js';
import { renderGateReport } from './gate-html.js';
import { writeReportFolder } from './report-folder.js';
import { readStoredReport } from './stored-json.js';

const GATE_FILE = 'gate.json';

/** Writes the figures first and durably, because everything else can be made again from them. Returns the paths written. */
export function writeGate(directory: string, report: GateReport): Promise<string[]> {
  return writeReportFolder(directory, {
    file: GATE_FILE,
    figures: report,
    texts: () => exportsOfGate(report),
    page: () => renderGateReport(report),
    charts: () => chartsOfGate(report),
  });
}

/**
 * Reads the gate of a folder; undefined when there is none.
 *
 * @throws UsageError when it is damaged, or of another version of this tool
 */
export async function readStoredGate(directory: string): Promise<GateReport | undefined> {
  const stored = await readStoredReport(path.join(directory, GATE_FILE), {
    noun: 'a gate',
    kind: 'gate',
    schemaVersion: GATE_SCHEMA_VERSION,
    lists: [
      'metrics',
      'thresholds',
      'statements',
      'warnings',
      ...['metrics', 'arms', 'contrasts', 'violations'].map((key) => `comparison.${key}`),
    ],
    command: 'gate',
  });
  return stored as GateReport | undefined;
}
