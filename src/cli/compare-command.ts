/**
 * `compare`: several locks, topologies or settings side by side, in interleaved rounds.
 *
 * @module
 */
import path from 'node:path';
import { EXIT_CODES, firstExitCode } from '../check/exit-code.js';
import { formatDurationMs } from '../model/time.js';
import { compareArms, type ComparedArms, type ComparisonPlan, type RunPlace } from '../plan/compare.js';
import { writeComparison } from '../report/comparison-drawings.js';
import { renderComparisonSummary } from '../report/comparison-summary.js';
import { toJson } from '../report/drawings.js';
import { requireWritable } from '../report/run-folder.js';
import { readPlan } from './compare-plan.js';
import { explain } from './explain.js';
import { interruptible } from './interrupt.js';
import { requireUnused } from './new-folder.js';
import { runOne } from './one-run.js';
import type { RawArguments } from './options.js';
import { readOutput, type Output } from './output.js';
import { keepSupportedArms } from './supported-arms.js';
import { stdoutStyle } from './terminal.js';

/** Runs the rounds, writes, prints. Gives the exit code: a violation in any run before all. */
export async function compareCommand(raw: RawArguments): Promise<number> {
  const asked = readPlan(raw);
  const output = readOutput(raw, asked.title);
  await requireWritable(output.directory);
  await requireUnused(output.directory);
  const plan = await keepSupportedArms(asked);
  if (!output.isQuiet) process.stderr.write(`${[...plan.remarks, announce(plan)].join('\n')}\n`);
  let exitCode: number = EXIT_CODES.ok;
  await interruptible(async (signal) => {
    const compared = await compareArms(
      plan,
      async (scenario, place) => {
        const directory = path.join(output.directory, place.directory);
        const run = { scenario, directory, label: labelOf(place), isQuiet: output.isQuiet, isDrawn: false };
        return (await runOne(run, signal))?.result;
      },
      signal,
    );
    const { comparison } = compared;
    const files = await writeComparison(output.directory, comparison);
    print(output, toJson(comparison), () => renderComparisonSummary(comparison, stdoutStyle(), files));
    exitCode = conclude(compared, signal.aborted);
  });
  return exitCode;
}

function print({ isJson }: Output, json: string, summary: () => string): void {
  process.stdout.write(isJson ? json : `${summary()}\n`);
}

/** What was measured is written by now; what ended it early is said last. */
function conclude({ comparison, failure }: ComparedArms, isInterrupted: boolean): number {
  if (failure === undefined) return comparison.exitCode;
  const failed = explain(failure);
  // It says interrupted of itself because it is not whole; where nobody interrupted it, the failure says why.
  const isCutShort = comparison.exitCode === EXIT_CODES.interrupted && !isInterrupted;
  return isCutShort ? failed : firstExitCode([comparison.exitCode, failed]);
}

function labelOf({ arm, done, total }: RunPlace): string {
  return `[${String(done + 1)}/${String(total)}] ${arm.name}`;
}

/** What is about to happen, and how long it takes. */
function announce({ arms, rounds, seed }: ComparisonPlan): string {
  const runs = arms.length * rounds;
  const loadMs = arms.reduce((sum, { scenario }) => sum + scenario.warmupMs + scenario.durationMs, 0) * rounds;
  const minutes = Math.ceil((loadMs + runs * START_AND_END_MS) / 60_000);
  return (
    `comparing ${String(arms.length)} arms in ${String(rounds)} round${rounds === 1 ? '' : 's'}: ${String(runs)} runs, ` +
    `about ${formatDurationMs(minutes * 60_000)}; seed ${String(seed)}`
  );
}

/** What a run takes besides its load: starting masters and workers, draining, writing. */
const START_AND_END_MS = 1_500;
