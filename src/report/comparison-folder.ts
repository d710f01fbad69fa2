/**
 * The folder of a comparison: its figures, its charts, its page; the folders of its runs lie beside them.
 *
 * @module
 */
import path from 'node:path';
import { COMPARISON_SCHEMA_VERSION, type Comparison } from '../model/comparison.js';
import { chartsOfComparison } from './comparison-charts.js';
import { renderComparisonReport } from './comparison-html.js';
import { writeReportFolder } from './report-folder.js';
import { readStoredReport } from './stored-json.js';

const COMPARISON_FILE = 'comparison.json';

/** Writes the figures first and durably, because everything else can be drawn again from them. Returns the paths written. */
export function writeComparison(directory: string, comparison: Comparison): Promise<string[]> {
  return writeReportFolder(directory, {
    file: COMPARISON_FILE,
    figures: comparison,
    page: () => renderComparisonReport(comparison, comparison.title),
    charts: () => chartsOfComparison(comparison),
  });
}

/**
 * Reads the comparison of a folder; undefined when there is none.
 *
 * @throws UsageError when it is damaged, or of another version of this tool
 */
export async function readStoredComparison(directory: string): Promise<Comparison | undefined> {
  const stored = await readStoredReport(path.join(directory, COMPARISON_FILE), {
    noun: 'a comparison',
    kind: 'comparison',
    schemaVersion: COMPARISON_SCHEMA_VERSION,
    lists: ['metrics', 'factors', 'arms', 'contrasts', 'predictions', 'violations', 'statements', 'warnings'],
    command: 'compare',
  });
  return stored as Comparison | undefined;
}
