/**
 * `report DIR…`: stored runs, printed and drawn again.
 *
 * @module
 */
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { firstExitCode } from '../check/exit-code.js';
import { UsageError } from '../model/errors.js';
import type { Comparison } from '../model/comparison.js';
import { compareStored } from '../plan/stored.js';
import { readStoredChaos } from '../report/chaos-drawings.js';
import { renderChaosReport } from '../report/chaos-html.js';
import { renderChaosSummary } from '../report/chaos-summary.js';
import { readStoredComparison } from '../report/comparison-drawings.js';
import { renderComparisonSummary } from '../report/comparison-summary.js';
import { PAGE_FILE, toJson } from '../report/drawings.js';
import { renderComparisonReport } from '../report/comparison-html.js';
import { renderReport } from '../report/html.js';
import { nameRuns } from '../report/run-names.js';
import { readStoredRun, type StoredRun } from '../report/stored-run.js';
import { labelled } from '../report/style.js';
import { renderComparison, renderSummary } from '../report/summary.js';
import type { RawArguments } from './options.js';
import { recheckChaos, type RecheckedChaos } from './recheck-chaos.js';
import { recheck, type RecheckedRun } from './recheck.js';
import { readStoredReportOf, type StoredReport } from './stored-reports.js';
import { stdoutStyle } from './terminal.js';

/** One run's page belongs into its folder; that of several is nobody's, and must not replace one of theirs. */
function defaultPage(directories: readonly string[]): string {
  const [first] = directories;
  return directories.length === 1 && first !== undefined ? path.join(first, PAGE_FILE) : 'comparison.html';
}

/**
 * Reads the runs, or fault experiments, checks their histories again, prints them and writes one page for all; a stored
 * report of many runs is shown as it was concluded. Gives the exit code of the runs that were checked, or of the
 * experiments, or the one that the stored report had.
 */
export async function reportCommand(raw: RawArguments): Promise<number> {
  const directories = Array.isArray(raw['dir']) ? raw['dir'].map(String) : [];
  const [first] = directories;
  if (first === undefined) throw new UsageError(['report: expected at least one folder of a run, got none']);
  const title = path.basename(path.resolve(first));
  const place = typeof raw['out'] === 'string' ? raw['out'] : defaultPage(directories);
  const stored = directories.length === 1 ? await readStoredComparison(first) : undefined;
  if (stored !== undefined) return showComparison(stored, raw, place, stored.exitCode);
  const chaos = directories.length === 1 ? await readStoredChaos(first) : undefined;
  if (chaos !== undefined) return showChaos(await recheckChaos(first, chaos), raw, place);
  const report = directories.length === 1 ? await readStoredReportOf(first) : undefined;
  if (report !== undefined) return showStored(report, raw, place);
  const runs: RecheckedRun[] = [];
  // One after the other: a history takes memory while it is checked.
  for (const directory of directories) runs.push(await recheck(await readStoredRun(directory)));
  const exitCode = firstExitCode(runs.map((run) => run.exitCode));
  const results = runs.map((run) => run.result);
  const comparison = compareRepeated(title, runs);
  if (comparison !== undefined) return showComparison(comparison, raw, place, exitCode);
  if (raw['json'] === true) {
    process.stdout.write(toJson(results.length === 1 ? results[0] : results));
    return exitCode;
  }
  const style = stdoutStyle();
  for (const result of results) process.stdout.write(`${renderSummary(result, style, [])}\n\n`);
  if (results.length > 1) process.stdout.write(`${renderComparison(results, style)}\n\n`);
  await writeFile(place, await renderReport(results, title));
  process.stdout.write(`report     ${place}\n`);
  return exitCode;
}

/** Runs of several kinds, at least one of which was repeated, can be tested against each other; single runs cannot. */
function compareRepeated(title: string, runs: readonly StoredRun[]): Comparison | undefined {
  const names = nameRuns(runs.map((run) => run.result));
  const kinds = new Set(names.map(({ kind }) => kind)).size;
  if (kinds < 2 || kinds === names.length) return undefined;
  const named = runs.map(({ directory, result }, index) => {
    const { kind = '', group = '' } = names[index] ?? {};
    return { directory, result, name: kind, group };
  });
  return compareStored(title, named);
}

async function showChaos({ report, finding }: RecheckedChaos, raw: RawArguments, place: string): Promise<number> {
  if (raw['json'] === true) process.stdout.write(toJson(report));
  else {
    await writeFile(place, await renderChaosReport(report));
    const style = stdoutStyle();
    const lines = finding === undefined ? [] : labelled('history', finding.text, style, finding.tone);
    process.stdout.write(`${[renderChaosSummary(report, style, [place]), ...lines].join('\n')}\n`);
  }
  return report.exitCode;
}

async function showStored(report: StoredReport, raw: RawArguments, place: string): Promise<number> {
  if (raw['json'] === true) process.stdout.write(toJson(report.figures));
  else {
    await writeFile(place, await report.renderPage());
    process.stdout.write(`${report.renderSummary(stdoutStyle(), [place])}\n`);
  }
  return report.exitCode;
}

async function showComparison(
  comparison: Comparison,
  raw: RawArguments,
  place: string,
  exitCode: number,
): Promise<number> {
  if (raw['json'] === true) {
    process.stdout.write(toJson(comparison));
    return exitCode;
  }
  await writeFile(place, await renderComparisonReport(comparison, comparison.title));
  process.stdout.write(`${renderComparisonSummary(comparison, stdoutStyle(), [place])}\n`);
  return exitCode;
}
