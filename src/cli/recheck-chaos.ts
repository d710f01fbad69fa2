/**
 * Checks the histories of stored fault experiments again, and holds them against what is stored of their intervals.
 *
 * @module
 */
import path from 'node:path';
import { EXIT_CODES, firstExitCode } from '../check/exit-code.js';
import { checkHistory, type CheckedHistory } from '../check/history-check.js';
import { hasHistory } from '../check/stored-history.js';
import type { ChaosReport, ExperimentResult } from '../model/chaos.js';
import { formatThings } from '../model/figure-text.js';
import { HISTORY_FOLDER } from '../model/history.js';
import { describeSetting, nameExperiment } from '../report/chaos-words.js';
import type { Tone } from '../report/verdicts.js';

/** A report with the exit code that its histories leave it, and what they say; undefined where none was recorded. */
export interface RecheckedChaos {
  readonly report: ChaosReport;
  readonly finding: { readonly tone: Tone; readonly text: string } | undefined;
}

/**
 * Checks the history of each experiment that has one in the folder of the report. An overlap of promises that the report
 * does not have leaves the report unknown, if it was not worse.
 */
export async function recheckChaos(directory: string, report: ChaosReport): Promise<RecheckedChaos> {
  const recorded = report.experiments.filter(({ history }) => history !== null);
  if (recorded.length === 0) return { report, finding: undefined };
  const rechecked: Rechecked[] = [];
  // One after the other: a history takes memory while it is checked.
  for (const experiment of recorded) {
    const folder = path.join(directory, HISTORY_FOLDER, path.basename(experiment.history ?? ''));
    // Contenders are killed in some experiments, so nothing is known of how many segments there must be.
    if (await hasHistory(folder)) rechecked.push({ experiment, checked: await checkHistory(folder, 0) });
  }
  const hidden = rechecked.filter(isHidden);
  const exitCode = firstExitCode([report.exitCode, hidden.length > 0 ? EXIT_CODES.safetyUnknown : EXIT_CODES.ok]);
  const missing = recorded.length - rechecked.length;
  const doubtful = rechecked.filter(({ checked }) => checked.losses.unreadable > 0 || checked.report.unchecked > 0);
  const holds = rechecked.reduce((sum, { checked }) => sum + checked.report.holds, 0);
  const text = [
    `${formatThings(holds, 'hold')} of ${formatThings(rechecked.length, 'experiment')} checked again`,
    ...(hidden.length === 0 ? ['no overlap of promises that is not in the report'] : hidden.map(accuse)),
    ...(doubtful.length > 0
      ? [`${formatThings(doubtful.length, 'history', 'histories')} not readable as a whole`]
      : []),
    ...(missing > 0 ? [`${formatThings(missing, 'history', 'histories')} missing`] : []),
  ].join('; ');
  const tone = hidden.length > 0 ? 'bad' : missing + doubtful.length > 0 ? 'warning' : 'good';
  return { report: { ...report, exitCode }, finding: { tone, text } };
}

interface Rechecked {
  readonly experiment: ExperimentResult;
  readonly checked: CheckedHistory;
}

/** The history has what its experiment did not tell. */
function isHidden({ experiment, checked }: Rechecked): boolean {
  return checked.report.contractCount > 0 && experiment.evidence.intervals.contract === 0;
}

function accuse({ experiment, checked }: Rechecked): string {
  const overlaps = formatThings(checked.report.contractCount, 'overlap');
  return `${nameExperiment(experiment)} (${describeSetting(experiment)}) has ${overlaps} of promises in its history, and none in the report`;
}
