/**
 * Checks the history of a stored run again, which is all that is known of the locks of a run that was killed.
 *
 * @module
 */
import path from 'node:path';
import { EXIT_CODES, runExitCode } from '../check/exit-code.js';
import { checkHistory, type CheckedHistory } from '../check/history-check.js';
import { concludeHistory } from '../check/history-judgement.js';
import { addHistory, judgeSafety } from '../check/safety.js';
import { hasHistory } from '../check/stored-history.js';
import { HISTORY_FOLDER } from '../model/history.js';
import type { RunResult, Safety } from '../model/result.js';
import type { StoredRun } from '../report/stored-run.js';

/** A run whose safety is what its history says today, and the exit code that this stands for. */
export interface RecheckedRun extends StoredRun {
  readonly exitCode: number;
}

/** Checks a run's history, if its folder has one; a run without stays as it is. */
export async function recheck(run: StoredRun): Promise<RecheckedRun> {
  const folder = path.join(run.directory, HISTORY_FOLDER);
  if (!(await hasHistory(folder))) return { ...run, exitCode: EXIT_CODES.ok };
  const checked = await checkHistory(folder, run.result.scenario.workers);
  const safety = run.source === 'result' ? judgeAgain(run.result, checked) : judgeAlone(checked);
  const incidents = [...new Set([...run.result.incidents, ...checked.problems])];
  const result = { ...run.result, safety, incidents };
  return {
    ...run,
    result: { ...result, exitCode: runExitCode(result) },
    exitCode: EXIT_CODE_OF[safety.verdict],
  };
}

const EXIT_CODE_OF: Readonly<Record<Safety['verdict'], number>> = {
  'none-observed': EXIT_CODES.ok,
  violation: EXIT_CODES.violation,
  unknown: EXIT_CODES.safetyUnknown,
};

function judgeAgain({ safety, status, scenario }: RunResult, { report, losses }: CheckedHistory): Safety {
  const isCutShort = status === 'crashed' || scenario.killedWorkers.length > 0;
  const witnessOverlaps = safety.contractCount + safety.overruns;
  return addHistory(safety, concludeHistory(report, losses, { witnessOverlaps, isCutShort }));
}

/** The run was killed before its witness was read: its history stands for both. */
function judgeAlone({ report, losses }: CheckedHistory): Safety {
  const history = concludeHistory(report, losses, { witnessOverlaps: undefined, isCutShort: true });
  return judgeSafety({
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
}
