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
import { drawingsOfCharts, PAGE_FILE, type Drawing } from './drawings.js';
import { toJson } from './json-text.js';
import { writeDurably, writeInto } from './durable-file.js';
import { compileChaosCheck } from './result-schema.js';
import { parseStoredJson, readIfPresent } from './stored-json.js';

const CHAOS_FILE = 'chaos.json';

/** Everything that a report leaves, in the order in which it is worth most. */
function chaosDrawings(report: ChaosReport): Drawing[] {
  return [
    { name: CHAOS_FILE, draw: () => Promise.resolve(toJson(report)) },
    { name: PAGE_FILE, draw: () => renderChaosReport(report) },
    ...drawingsOfCharts(chartsOfChaos(report)),
  ];
}

/** Writes what was seen until now, and nothing drawn from it: for the case that there will be no more. */
export async function storeChaos(directory: string, report: ChaosReport): Promise<void> {
  await mkdir(directory, { recursive: true });
  await writeDurably(path.join(directory, CHAOS_FILE), toJson(report));
}

/** Writes the folder of a report; `chaos.json` durably, because the others are drawn from it. Returns the paths written. */
export async function writeChaos(directory: string, report: ChaosReport): Promise<string[]> {
  await mkdir(directory, { recursive: true });
  const files: string[] = [];
  for (const { name, draw } of chaosDrawings(report)) {
    const file = path.join(directory, name);
    await (name === CHAOS_FILE ? writeDurably : writeInto)(file, await draw());
    files.push(file);
  }
  return files;
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
