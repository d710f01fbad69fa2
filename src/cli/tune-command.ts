/**
 * `tune`: which per-node timeout, wait before a retry and ttl suit a network, by runs on it.
 *
 * @module
 */
import path from 'node:path';
import { EXIT_CODES } from '../check/exit-code.js';
import { formatDurationMs } from '../model/time.js';
import { tune } from '../plan/tune.js';
import { estimateEffort, holds, singleAttempts, type TuningPlan } from '../plan/tune-plan.js';
import { settingsOf } from '../plan/tune-sweep.js';
import { toJson } from '../report/json-text.js';
import { writeTuning } from '../report/tuning-folder.js';
import { renderTuningSummary } from '../report/tuning-summary.js';
import { checkScenario } from '../scenario-check.js';
import { interruptible } from './interrupt.js';
import { readNewOutput } from './new-folder.js';
import { runOne } from './one-run.js';
import type { RawArguments } from './options.js';
import { estimateTime, exitCodeAfter, isNothingMeasured, wholeOfAtMost } from './rounds.js';
import { stdoutStyle } from './terminal.js';
import { readTuning } from './tune-request.js';

/** Makes the stages, writes, prints. Gives the exit code: a violation in any run before all. */
export async function tuneCommand(raw: RawArguments): Promise<number> {
  const plan = readTuning(raw);
  const output = await readNewOutput(raw, plan.title);
  await checkLock(plan);
  if (!output.isQuiet) process.stderr.write(`${announce(plan)}\n`);
  let exitCode: number = EXIT_CODES.interrupted;
  const { runs, loadMs } = estimateEffort(plan);
  let [made, loadedMs] = [0, 0];
  await interruptible(async (signal, screen) => {
    const tuned = await tune(
      plan,
      async (scenario, { directory, name, done, total }) => {
        const [stage = ''] = directory.split('/');
        const label = `${stage} [${String(done + 1)}/${String(total)}] ${name}`;
        const folder = path.join(output.directory, directory);
        const whole = wholeOfAtMost(made, runs, loadMs - loadedMs);
        made++;
        loadedMs += scenario.warmupMs + scenario.durationMs;
        const run = { scenario, directory: folder, label, whole, screen, isQuiet: output.isQuiet, isDrawn: false };
        return (await runOne(run, signal))?.result;
      },
      signal,
    );
    const { report } = tuned;
    if (isNothingMeasured(tuned.runs, signal)) return;
    const files = await writeTuning(output.directory, report);
    process.stdout.write(output.isJson ? toJson(report) : `${renderTuningSummary(report, stdoutStyle(), files)}\n`);
    exitCode = exitCodeAfter(report.exitCode, tuned.failure, signal.aborted);
  });
  return exitCode;
}

/** What a lock cannot do is said before minutes of runs. */
async function checkLock(plan: TuningPlan): Promise<void> {
  const settings = settingsOf(plan.base);
  const { scenario } = plan.base.hold.meanMs > 0 ? holds(plan, settings) : singleAttempts(plan, settings, plan.title);
  await checkScenario(scenario);
}

/** What is about to happen, and how long it takes. */
function announce(plan: TuningPlan): string {
  const { network, rounds, seed } = plan;
  const { runs, loadMs } = estimateEffort(plan);
  const { stall, failingShare } = network;
  const weather = [
    failingShare > 0
      ? `each master is out of reach ${String(Number((failingShare * 100).toFixed(2)))} % of the time, one at a time (--failing)`
      : 'no master fails',
    ...(stall === null
      ? []
      : [
          `each way stalls ${String(Number((stall.share * 100).toFixed(2)))} % of the time for ${formatDurationMs(stall.lengthMs)}`,
        ]),
  ];
  return (
    `tuning the per-node timeout, the wait before a retry and the ttl in ${String(rounds)} round${rounds === 1 ? '' : 's'}: ` +
    `up to ${String(runs)} runs, ${estimateTime(runs, loadMs)}, and again those that are invalid; ${weather.join(', ')}; seed ${String(seed)}`
  );
}
