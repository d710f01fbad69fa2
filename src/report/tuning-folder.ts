/**
 * The folder of a tuning: its figures, its charts, its page; the folders of its runs lie beside them.
 *
 * @module
 */
import path from 'node:path';
import { TUNING_SCHEMA_VERSION, type TuningReport } from '../model/tuning.js';
import { writeReportFolder } from './report-folder.js';
import { readStoredReport } from './stored-json.js';
import { chartsOfTuning } from './tuning-charts.js';
import { renderTuningReport } from './tuning-html.js';

const TUNING_FILE = 'tuning.json';

/** Writes the figures first and durably, because everything else can be drawn again from them. Returns the paths written. */
export function writeTuning(directory: string, report: TuningReport): Promise<string[]> {
  return writeReportFolder(directory, {
    file: TUNING_FILE,
    figures: report,
    page: () => renderTuningReport(report),
    charts: () => chartsOfTuning(report),
  });
}

/**
 * Reads the tuning of a folder; undefined when there is none.
 *
 * @throws UsageError when it is damaged, or of another version of this tool
 */
export async function readStoredTuning(directory: string): Promise<TuningReport | undefined> {
  const stored = await readStoredReport(path.join(directory, TUNING_FILE), {
    noun: 'a tuning',
    kind: 'tuning',
    schemaVersion: TUNING_SCHEMA_VERSION,
    lists: ['stages', 'violations', 'statements', 'warnings'],
    command: 'tune',
  });
  return stored as TuningReport | undefined;
}
