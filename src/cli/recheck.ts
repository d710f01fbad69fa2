/**
 * Checks the history of a stored run again, which is all that is known of the locks of a run that was killed.
 *
 * @module
 */
import path from 'node:path';
import { isCutShort } from '../check/cut-short.js';
import { EXIT_CODES, firstExitCode, runExitCode } from '../check/exit-code.js';
import { checkHistory, type CheckedHistory } from '../check/history-check.js';
import { concludeHistory } from '../check/history-judgement.js';
import { addDoubt, addHistory, judgeSafety } from '../check/safety.js';
import { hasHistory } from '../check/stored-history.js';
import { HISTORY_FOLDER } from '../model/history.js';
import type { RunResult, Safety } from '../model/result.js';
import type { StoredRun } from '../report/stored-run.js';

/** A run whose safety is what its history says today, and the exit code of whoever looked. */
export interface RecheckedRun extends StoredRun {
  /** What its figures and its history give; of a run that was killed and has no history, that its safety is unknown. */
  readonly exitCode: number;
}

/** Checks a run's history, if its folder has one; a run without stays as it is, and so does its exit code. */
export async function recheck(run: StoredRun): Promise<RecheckedRun> {
  const folder = path.join(run.directory, HISTORY_FOLDER);
  if (!(await hasHistory(folder))) {
    const exitCode = run.source === 'result' ? runExitCode(run.result) : EXIT_CODES.safetyUnknown;
    return { ...run, exitCode };
  }
  const checked = await checkHistory(folder, run.result.scenario.workers);
  const safety = run.source === 'result' ? judgeAgain(run.result, checked) : judgeAlone(checked);
  const incidents = [...new Set([...run.result.incidents, ...checked.problems])];
  const judged = { ...run.result, safety, incidents };
  const exitCode = firstExitCode([
    runExitCode(judged),
    safety.verdict === 'unknown' ? EXIT_CODES.safetyUnknown : EXIT_CODES.ok,
  ]);
  return { ...run, result: { ...judged, exitCode }, exitCode };
}

function judgeAgain(result: RunResult, { report, losses }: CheckedHistory): Safety {
  const { safety } = result;
  const witnessOverlaps = safety.contractCount + safety.overruns;
  const history = concludeHistory(report, losses, { witnessOverlaps, isCutShort: isCutShort(result) });
  return addHistory(safety, history, report.contract);
}

/** The run was killed before its witness was read: its history stands for both, up to where it ends. */
function judgeAlone({ report, losses }: CheckedHistory): Safety {
  const history = concludeHistory(report, losses, { witnessOverlaps: undefined, isCutShort: true });
  const safety = judgeSafety({
    witnessed: history.holds - history.grantedExpired,
    contract: report.contract,
    contractCount: history.contractCount,
    overruns: history.overruns,
    grantedExpired: history.grantedExpired,
    leakedKeys: undefined,
    keysWithoutTtl: undefined,
    deadWorkers: 0,
    unchecked: 0,
    history,
  });
  return addDoubt(safety, describeEnd(losses));
}

function describeEnd({ unclosed }: CheckedHistory['losses']): string {
  if (unclosed === 0) return 'the run was killed before its witness was read';
  return `the last second of ${String(unclosed)} ${unclosed === 1 ? 'worker' : 'workers'} is not known`;
}
