/**
 * Everything that is drawn from results: the charts as specs and pictures, and the page.
 *
 * @module
 */
import path from 'node:path';
import type { RunResult } from '../model/result.js';
import { chartsOf } from './charts.js';
import type { Chart } from './charts/chart.js';
import { writeInto } from './durable-file.js';
import { renderReport } from './html.js';
import { toJson } from './json-text.js';
import { renderSvg } from './render.js';

export const PAGE_FILE = 'report.html';

/** A file to be drawn. */
export interface Drawing {
  /** Path within the folder. */
  readonly name: string;
  readonly draw: () => Promise<string>;
}

/** The drawings of one run, or of several side by side. */
export function drawingsOf(results: readonly RunResult[], title: string): Drawing[] {
  return [...drawingsOfCharts(chartsOf(results)), { name: PAGE_FILE, draw: () => renderReport(results, title) }];
}

/** Each chart as a spec and as a picture. */
export function drawingsOfCharts(charts: readonly Chart[]): Drawing[] {
  return charts.flatMap(({ name, spec }): Drawing[] => [
    { name: path.join('charts', `${name}.vl.json`), draw: () => Promise.resolve(toJson(spec)) },
    { name: path.join('charts', `${name}.svg`), draw: () => renderSvg(spec) },
  ]);
}

/** Draws everything about some runs into a folder. Returns the paths written. */
export async function writeDrawings(
  directory: string,
  results: readonly RunResult[],
  title: string,
): Promise<string[]> {
  return writeAll(directory, drawingsOf(results, title));
}

/** Draws one after the other into a folder. Returns the paths written. */
export async function writeAll(directory: string, drawings: readonly Drawing[]): Promise<string[]> {
  const files: string[] = [];
  for (const { name, draw } of drawings) {
    const file = path.join(directory, name);
    await writeInto(file, await draw());
    files.push(file);
  }
  return files;
}
