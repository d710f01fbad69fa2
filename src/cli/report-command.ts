/**
 * `report DIR…`: stored runs, printed and drawn again.
 *
 * @module
 */
import path from 'node:path';
import { firstExitCode } from '../check/exit-code.js';
import { UsageError } from '../model/errors.js';
import { formatCount, formatThings } from '../model/figure-text.js';
import type { Comparison } from '../model/comparison.js';
import { compareStored } from '../plan/stored.js';
import { chartsOfChaos } from '../report/chaos-charts.js';
import { readStoredChaos } from '../report/chaos-folder.js';
import { renderChaosReport } from '../report/chaos-html.js';
import { renderChaosSummary } from '../report/chaos-summary.js';
import { chartsOf } from '../report/charts.js';
import { chartsOfComparison } from '../report/comparison-charts.js';
import { readStoredComparison } from '../report/comparison-folder.js';
import { renderComparisonSummary } from '../report/comparison-summary.js';
import { PAGE_FILE } from '../report/drawings.js';
import { writeInto } from '../report/durable-file.js';
import { toJson } from '../report/json-text.js';
import { renderComparisonReport } from '../report/comparison-html.js';
import { renderReport } from '../report/html.js';
import { requireOwnPage } from '../report/own-page.js';
import { claimPictureFolder, requirePictureFolder } from '../report/picture-folder.js';
import { writePngs } from '../report/png-drawings.js';
import { nameRuns } from '../report/run-names.js';
import { readStoredRun, type StoredRun } from '../report/stored-run.js';
import { labelled } from '../report/style.js';
import { renderComparison, renderSummary } from '../report/summary.js';
import { requireWritableFile } from '../report/writable-file.js';
import type { RawArguments } from './options.js';
import { recheckChaos, type RecheckedChaos } from './recheck-chaos.js';
import { recheck, type RecheckedRun } from './recheck.js';
import { readStoredReportOf, type StoredReport } from './stored-reports.js';
import { stdoutStyle } from './terminal.js';

/**
 * Reads the runs, or fault experiments, checks their histories again, prints them and writes one page for all; a stored
 * report of many runs is shown as it was concluded. Gives the exit code of the runs that were checked, or of the
 * experiments, or the one that the stored report had.
 */
export async function reportCommand(raw: RawArguments): Promise<number> {
  const directories = Array.isArray(raw['dir']) ? raw['dir'].map(String) : [];
  const [first] = directories;
  if (first === undefined) throw new UsageError(['report: expected at least one folder of a run, got none']);
  const out = typeof raw['out'] === 'string' ? raw['out'] : undefined;
  const isJson = raw['json'] === true;
  const hasPictures = raw['png'] === true;
  if (isJson && out !== undefined && !hasPictures) {
    throw new UsageError(['--out: expected no --json beside it, which writes no page; leave one of them out']);
  }
  const { page, pictures, isShared } = placesOf(directories, first, out);
  const report = await readReport(directories, first);
  // Everything is refused before anything is written.
  if (hasPictures && isShared) await requirePictureFolder(pictures);
  if (isJson) process.stdout.write(toJson(report.figures));
  else {
    await requireWritableFile('--out', page);
    await requireOwnPage(page);
    await writeInto(page, await report.renderPage());
    process.stdout.write(`${report.renderSummary(stdoutStyle(), [page])}\n`);
  }
  if (hasPictures) {
    const charts = report.charts();
    if (isShared)
      await claimPictureFolder(
        pictures,
        charts.map(({ name }) => `${name}.png`),
      );
    const files = await writePngs(pictures, charts);
    if (!isJson) process.stdout.write(`pictures   ${String(files.length)} in ${pictures}\n`);
  }
  return report.exitCode;
}

/**
 * The page of one folder belongs into it, and its pictures beside its other charts; what shows several is nobody's, and
 * must not replace anything of theirs.
 */
function placesOf(
  directories: readonly string[],
  first: string,
  out: string | undefined,
): { readonly page: string; readonly pictures: string; readonly isShared: boolean } {
  if (directories.length === 1 && out === undefined) {
    return { page: path.join(first, PAGE_FILE), pictures: path.join(first, 'charts'), isShared: false };
  }
  const page = out ?? 'comparison.html';
  return { page, pictures: `${page.replace(/\.html?$/i, '')}-charts`, isShared: true };
}

async function readReport(directories: readonly string[], first: string): Promise<StoredReport> {
  if (directories.length === 1) {
    const comparison = await readStoredComparison(first);
    if (comparison !== undefined) return ofComparison(comparison, comparison.exitCode);
    const chaos = await readStoredChaos(first);
    if (chaos !== undefined) return ofChaos(await recheckChaos(first, chaos));
    const report = await readStoredReportOf(first);
    if (report !== undefined) return report;
  }
  const runs: RecheckedRun[] = [];
  // One after the other: a history takes memory while it is checked.
  for (const directory of directories) runs.push(await recheck(await readStoredRun(directory)));
  const name = path.basename(path.resolve(first));
  const title =
    runs.length === 1 ? name : `${formatThings(runs.length, 'run')}: ${name} and ${formatCount(runs.length - 1)} more`;
  const exitCode = firstExitCode(runs.map((run) => run.exitCode));
  const comparison = compareRepeated(title, runs);
  return comparison === undefined ? ofRuns(title, runs, exitCode) : ofComparison(comparison, exitCode);
}

function ofRuns(title: string, runs: readonly StoredRun[], exitCode: number): StoredReport {
  const results = runs.map((run) => run.result);
  const [only] = results;
  return {
    figures: results.length === 1 && only !== undefined ? only : results,
    exitCode,
    charts: () => chartsOf(results),
    renderPage: () => renderReport(results, title),
    renderSummary: (style, files) =>
      [
        ...results.map((result) => `${renderSummary(result, style, [])}\n`),
        ...(results.length > 1 ? [`${renderComparison(results, style)}\n`] : []),
        `report     ${files.join(', ')}`,
      ].join('\n'),
  };
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

function ofChaos({ report, finding }: RecheckedChaos): StoredReport {
  return {
    figures: report,
    exitCode: report.exitCode,
    charts: () => chartsOfChaos(report),
    renderPage: () => renderChaosReport(report),
    renderSummary: (style, files) =>
      [
        renderChaosSummary(report, style, files),
        ...(finding === undefined ? [] : labelled('history', finding.text, style, finding.tone)),
      ].join('\n'),
  };
}

function ofComparison(comparison: Comparison, exitCode: number): StoredReport {
  return {
    figures: comparison,
    exitCode,
    charts: () => chartsOfComparison(comparison),
    renderPage: () => renderComparisonReport(comparison, comparison.title),
    renderSummary: (style, files) => renderComparisonSummary(comparison, style, files),
  };
}
