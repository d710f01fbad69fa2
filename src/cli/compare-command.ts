/**
 * `compare`: several locks, topologies or settings side by side, in interleaved rounds.
 *
 * @module
 */
import { EXIT_CODES } from '../check/exit-code.js';
import { countMeasured } from '../plan/arm-runs.js';
import { compareArms } from '../plan/compare.js';
import { writeComparison } from '../report/comparison-folder.js';
import { renderComparisonSummary } from '../report/comparison-summary.js';
import { toJson } from '../report/json-text.js';
import { readPlan } from './compare-plan.js';
import { interruptible } from './interrupt.js';
import { readNewOutput } from './new-folder.js';
import type { RawArguments } from './options.js';
import type { Output } from './output.js';
import { announceRounds, exitCodeAfter, isNothingMeasured } from './rounds.js';
import { runBySettings } from './runs-by-settings.js';
import { keepSupportedArms } from './supported-arms.js';
import { stdoutStyle } from './terminal.js';

/** Runs the rounds, writes, prints. Gives the exit code: a violation in any run before all. */
export async function compareCommand(raw: RawArguments): Promise<number> {
  const asked = readPlan(raw);
  const output = await readNewOutput(raw, asked.title);
  const plan = await keepSupportedArms(asked);
  if (!output.isQuiet)
    process.stderr.write(
      `${[...plan.remarks, announceRounds(`comparing ${String(plan.arms.length)} arms`, plan)].join('\n')}\n`,
    );
  let exitCode: number = EXIT_CODES.interrupted;
  await interruptible(async (signal, screen) => {
    const run = runBySettings({ ...output, screen, rounds: plan.rounds }, signal);
    const compared = await compareArms(plan, run, signal);
    const { comparison } = compared;
    if (isNothingMeasured(countMeasured(comparison.arms), signal)) return;
    const files = await writeComparison(output.directory, comparison);
    print(output, toJson(comparison), () => renderComparisonSummary(comparison, stdoutStyle(), files));
    exitCode = exitCodeAfter(comparison.exitCode, compared.failure, signal.aborted);
  });
  return exitCode;
}

function print({ isJson }: Output, json: string, summary: () => string): void {
  process.stdout.write(isJson ? json : `${summary()}\n`);
}
