/**
 * The folder of a search for capacity: its figures, its charts, its page; the folders of its steps lie beside them.
 *
 * @module
 */
import path from 'node:path';
import { CAPACITY_SCHEMA_VERSION, type CapacityReport } from '../model/capacity.js';
import { chartsOfCapacity } from './capacity-charts.js';
import { renderCapacityReport } from './capacity-html.js';
import { writeReportFolder } from './report-folder.js';
import { readStoredReport } from './stored-json.js';

const CAPACITY_FILE = 'capacity.json';

/** Writes the figures first and durably, because everything else can be drawn again from them. Returns the paths written. */
export function writeCapacity(directory: string, report: CapacityReport): Promise<string[]> {
  return writeReportFolder(directory, {
    file: CAPACITY_FILE,
    figures: report,
    page: () => renderCapacityReport(report),
    charts: () => chartsOfCapacity(report),
  });
}

/**
 * Reads the search of a folder; undefined when there is none.
 *
 * @throws UsageError when it is damaged, or of another version of this tool
 */
export async function readStoredCapacity(directory: string): Promise<CapacityReport | undefined> {
  const stored = await readStoredReport(path.join(directory, CAPACITY_FILE), {
    noun: 'a search for capacity',
    kind: 'capacity',
    schemaVersion: CAPACITY_SCHEMA_VERSION,
    lists: ['slo', 'steps', 'escalations', 'violations', 'statements', 'warnings'],
    command: 'capacity',
  });
  return stored as CapacityReport | undefined;
}
