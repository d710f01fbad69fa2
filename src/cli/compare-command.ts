/**
 * `compare`: several locks, topologies or settings side by side, in interleaved rounds.
 *
 * @module
 */
import path from 'node:path';
import { EXIT_CODES } from '../check/exit-code.js';
import { countMeasured } from '../plan/arm-runs.js';
import { compareArms } from '../plan/compare.js';
import { writeComparison } from '../report/comparison-drawings.js';
import { renderComparisonSummary } from '../report/comparison-summary.js';
import { toJson } from '../report/drawings.js';
import { requireWritable } from '../report/run-folder.js';
import { readPlan } from './compare-plan.js';
import { interruptible } from './interrupt.js';
import { requireUnused } from './new-folder.js';
import { runOne } from './one-run.js';
import type { RawArguments } from './options.js';
import { readOutput, type Output } from './output.js';
import { announceRounds, exitCodeAfter, isNothingMeasured, labelOf, wholeOf } from './rounds.js';
import { keepSupportedArms } from './supported-arms.js';
import { stdoutStyle } from './terminal.js';

/** Runs the rounds, writes, prints. Gives the exit code: a violation in any run before all. */
export async function compareCommand(raw: RawArguments): Promise<number> {
  const asked = readPlan(raw);
  const output = readOutput(raw, asked.title);
  await requireWritable(output.directory);
  await requireUnused(output.directory);
  const plan = await keepSupportedArms(asked);
  if (!output.isQuiet)
    process.stderr.write(
      `${[...plan.remarks, announceRounds(`comparing ${String(plan.arms.length)} arms`, plan)].join('\n')}\n`,
    );
  let exitCode: number = EXIT_CODES.interrupted;
  await interruptible(async (signal, screen) => {
    const compared = await compareArms(
      plan,
      async (scenario, place) => {
        const directory = path.join(output.directory, place.directory);
        const shown = { label: labelOf(place), whole: wholeOf(place, plan.rounds), screen, isQuiet: output.isQuiet };
        return (await runOne({ scenario, directory, ...shown, isDrawn: false }, signal))?.result;
      },
      signal,
    );
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
