/**
 * `report DIR…`: stored runs, printed and drawn again.
 *
 * @module
 */
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { EXIT_CODES } from '../check/exit-code.js';
import { UsageError } from '../model/errors.js';
import { PAGE_FILE, toJson } from '../report/drawings.js';
import { renderReport } from '../report/html.js';
import { readStoredRun } from '../report/stored-run.js';
import { renderComparison, renderSummary } from '../report/summary.js';
import type { RawArguments } from './options.js';
import { styleOf } from './terminal.js';

/** One run's page belongs into its folder; that of several is nobody's, and must not replace one of theirs. */
function defaultPage(directories: readonly string[]): string {
  const [first] = directories;
  return directories.length === 1 && first !== undefined ? path.join(first, PAGE_FILE) : 'comparison.html';
}

/** Reads the runs, prints them and writes one page for all. */
export async function reportCommand(raw: RawArguments): Promise<number> {
  const directories = Array.isArray(raw['dir']) ? raw['dir'].map(String) : [];
  const [first] = directories;
  if (first === undefined) throw new UsageError(['report: expected at least one folder of a run, got none']);
  const runs = await Promise.all(directories.map((directory) => readStoredRun(directory)));
  const results = runs.map((run) => run.result);
  if (raw['json'] === true) {
    process.stdout.write(toJson(results.length === 1 ? results[0] : results));
    return EXIT_CODES.ok;
  }
  const style = styleOf(process.stdout, process.env);
  for (const result of results) process.stdout.write(`${renderSummary(result, style, [])}\n\n`);
  if (results.length > 1) process.stdout.write(`${renderComparison(results, style)}\n\n`);
  const page = typeof raw['out'] === 'string' ? raw['out'] : defaultPage(directories);
  await writeFile(page, await renderReport(results, path.basename(path.resolve(first))));
  process.stdout.write(`report     ${page}\n`);
  return EXIT_CODES.ok;
}
