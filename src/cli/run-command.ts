/**
 * `run [scenario]`: one run, or the several of a named scenario, each into its folder.
 *
 * @module
 */
import path from 'node:path';
import { EXIT_CODES, firstExitCode } from '../check/exit-code.js';
import { UsageError } from '../model/errors.js';
import { freshSeed } from '../model/random.js';
import type { RunResult } from '../model/result.js';
import { completeScenario, validateScenario, type Scenario } from '../model/scenario.js';
import { writeDrawings } from '../report/drawings.js';
import { toJson } from '../report/json-text.js';
import { renderComparison, renderSummary } from '../report/summary.js';
import { requireWritable } from '../report/writable-file.js';
import { interruptible } from './interrupt.js';
import { runOne } from './one-run.js';
import { readOptions, type RawArguments } from './options.js';
import { readOutput, type Output } from './output.js';
import { findConflicts, overlay } from './overlay.js';
import { sayNothingMeasured } from './rounds.js';
import { findScenario } from './scenarios.js';
import { stdoutStyle } from './terminal.js';

/** Runs, writes, prints. Gives the exit code: of several runs the first that is not 0, violations before all. */
export async function runCommand(raw: RawArguments): Promise<number> {
  const { name, scenarios } = readRuns(raw);
  const output = readOutput(raw, name);
  await requireWritable(output.directory);
  const results: RunResult[] = [];
  await interruptible(async (signal, screen) => {
    for (const [index, scenario] of scenarios.entries()) {
      if (signal.aborted) break;
      const directory = scenarios.length === 1 ? output.directory : path.join(output.directory, scenario.name);
      const { isJson, isQuiet } = output;
      const whole = scenarios.length === 1 ? undefined : `run ${String(index + 1)} of ${String(scenarios.length)}`;
      const shown = { label: scenario.name, whole, screen, isQuiet };
      const run = await runOne({ scenario, directory, ...shown, isDrawn: true }, signal);
      if (run === undefined) break;
      results.push(run.result);
      if (!isJson) process.stdout.write(`${renderSummary(run.result, stdoutStyle(), run.files)}\n`);
    }
  });
  return finish(results, scenarios.length, name, output);
}

/**
 * What is run: the scenarios of a name, with the flags laid over them.
 *
 * @throws UsageError with every problem that can be seen without asking a lock
 */
export function readRuns(raw: RawArguments): { readonly name: string; readonly scenarios: readonly Scenario[] } {
  const named = findScenario(typeof raw['scenario'] === 'string' ? raw['scenario'] : undefined);
  const input = readOptions(raw);
  const seed = input.seed ?? freshSeed();
  const scenarios = named.runs.map((run) => completeScenario(overlay(run, input), seed));
  const problems = new Set([
    ...scenarios.flatMap((scenario) => validateScenario(scenario)),
    ...findConflicts(input, scenarios),
  ]);
  if (problems.size > 0) throw new UsageError([...problems]);
  return { name: named.name, scenarios };
}

/** The comparison of several runs, its page, the JSON, and the exit code. */
async function finish(
  results: readonly RunResult[],
  planned: number,
  name: string,
  { directory, isJson }: Output,
): Promise<number> {
  if (results.length === 0) {
    sayNothingMeasured();
    return EXIT_CODES.interrupted;
  }
  if (planned > 1) {
    const page = (await writeDrawings(directory, results, name)).at(-1) ?? directory;
    if (!isJson) process.stdout.write(`\n${renderComparison(results, stdoutStyle())}\n\nreport     ${page}\n`);
  }
  if (isJson) process.stdout.write(toJson(planned > 1 ? results : results[0]));
  const codes = results.map((result) => result.exitCode);
  if (results.length < planned) codes.push(EXIT_CODES.interrupted);
  return firstExitCode(codes);
}
