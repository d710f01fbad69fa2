/**
 * The folder of a report about several runs: its figures, its charts, its page; the folders of the runs lie beside them.
 *
 * @module
 */
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { Chart } from './charts/chart.js';
import { drawingsOfCharts, PAGE_FILE, writeAll } from './drawings.js';
import { toJson } from './json-text.js';
import { writeDurably, writeInto } from './durable-file.js';

/** What makes such a folder. */
export interface ReportParts {
  /** The name of the file of its figures. */
  readonly file: string;
  readonly figures: object;
  /** Files for other tools, by their names in the folder. */
  readonly texts?: () => readonly { readonly name: string; readonly text: string }[];
  readonly page: () => Promise<string>;
  readonly charts: () => readonly Chart[];
}

/**
 * Writes the figures first and durably, because everything else can be drawn again from them: nothing of it is even made
 * before. Returns the paths written.
 */
export async function writeReportFolder(directory: string, parts: ReportParts): Promise<string[]> {
  await mkdir(directory, { recursive: true });
  const files = [path.join(directory, parts.file)];
  await writeDurably(path.join(directory, parts.file), toJson(parts.figures));
  for (const { name, text } of parts.texts?.() ?? []) {
    const file = path.join(directory, name);
    await writeInto(file, text);
    files.push(file);
  }
  const drawn = await writeAll(directory, [{ name: PAGE_FILE, draw: parts.page }, ...drawingsOfCharts(parts.charts())]);
  return [...files, ...drawn];
}
