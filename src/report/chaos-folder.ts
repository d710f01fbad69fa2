/**
 * The folder of fault experiments: what was seen, its charts, its page.
 *
 * @module
 */
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { CHAOS_SCHEMA_VERSION, type ChaosReport } from '../model/chaos.js';
import { UsageError } from '../model/errors.js';
import { chartsOfChaos } from './chaos-charts.js';
import { renderChaosReport } from './chaos-html.js';
import { toJson } from './json-text.js';
import { writeDurably } from './durable-file.js';
import { writeReportFolder } from './report-folder.js';
import { compileChaosCheck } from './result-schema.js';
import { parseStoredJson, readIfPresent } from './stored-json.js';

const CHAOS_FILE = 'chaos.json';

/** Writes what was seen until now, and nothing drawn from it: for the case that there will be no more. */
export async function storeChaos(directory: string, report: ChaosReport): Promise<void> {
  await mkdir(directory, { recursive: true });
  await writeDurably(path.join(directory, CHAOS_FILE), toJson(report));
}

/** Writes the folder of a report. Returns the paths written. */
export async function writeChaos(directory: string, report: ChaosReport): Promise<string[]> {
  return writeReportFolder(directory, {
    file: CHAOS_FILE,
    figures: report,
    page: () => renderChaosReport(report),
    charts: () => chartsOfChaos(report),
  });
}

/**
 * Reads the report of a folder; undefined when there is none.
 *
 * @throws UsageError when it is damaged, or of another version of this tool
 */
export async function readStoredChaos(directory: string): Promise<ChaosReport | undefined> {
  const file = path.join(directory, CHAOS_FILE);
  const text = await readIfPresent(file);
  if (text === undefined) return undefined;
  const parsed = parseStoredJson(file, text, CHAOS_SCHEMA_VERSION);
  const violations = (await compileChaosCheck())(parsed);
  if (violations.length === 0) return parsed as ChaosReport;
  const shown = violations.slice(0, SHOWN_VIOLATIONS).join('; ');
  const more = violations.length > SHOWN_VIOLATIONS ? `; and ${String(violations.length - SHOWN_VIOLATIONS)} more` : '';
  throw new UsageError([
    `${file}: expected a chaos report of this tool, got: ${shown}${more}; write it anew with redlock-bench chaos`,
  ]);
}

const SHOWN_VIOLATIONS = 3;
