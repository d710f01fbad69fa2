/**
 * `run [scenario]`: one run, or the several of a named scenario, each into its folder.
 *
 * @module
 */
import path from 'node:path';
import { EXIT_CODES, firstExitCode } from '../check/exit-code.js';
import { UsageError } from '../model/errors.js';
import type { IntervalReport } from '../model/interval.js';
import { freshSeed } from '../model/random.js';
import type { Manifest, RunResult } from '../model/result.js';
import { completeScenario, validateScenario, type Scenario, type ScenarioInput } from '../model/scenario.js';
import { wallClockMs } from '../model/time.js';
import { toJson, writeDrawings } from '../report/drawings.js';
import { requireWritable, RunFolder } from '../report/run-folder.js';
import type { Style } from '../report/style.js';
import { renderComparison, renderSummary } from '../report/summary.js';
import { runScenario } from '../run.js';
import { interruptible } from './interrupt.js';
import { readOptions, type RawArguments } from './options.js';
import { liveProgress, plainProgress, silentProgress, type Progress } from './progress.js';
import { findScenario } from './scenarios.js';
import { isLive, styleOf } from './terminal.js';

/** What the options outside of the scenario ask for. */
interface Output {
  readonly directory: string;
  readonly isJson: boolean;
  readonly isQuiet: boolean;
}

/** Runs, writes, prints. Gives the exit code: of several runs the first that is not 0, violations before all. */
export async function runCommand(raw: RawArguments): Promise<number> {
  const named = findScenario(typeof raw['scenario'] === 'string' ? raw['scenario'] : undefined);
  const input = readOptions(raw);
  const seed = input.seed ?? freshSeed();
  const scenarios = named.runs.map((run) => completeScenario(overlay(run, input), seed));
  const problems = new Set([
    ...scenarios.flatMap((scenario) => validateScenario(scenario)),
    ...findConflicts(input, scenarios),
  ]);
  if (problems.size > 0) throw new UsageError([...problems]);

  const output = readOutput(raw, named.name);
  await requireWritable(output.directory);
  const results: RunResult[] = [];
  await interruptible(async (signal) => {
    for (const scenario of scenarios) {
      if (signal.aborted) break;
      const directory = scenarios.length === 1 ? output.directory : path.join(output.directory, scenario.name);
      const result = await runOne(scenario, directory, output, signal);
      if (result !== undefined) results.push(result);
    }
  });
  return finish(results, scenarios.length, named.name, output);
}

/** Flags win over the named scenario; asking for one kind of loop takes back the other. */
function overlay(run: ScenarioInput, input: ScenarioInput): ScenarioInput {
  const isRateAsked = input.ratePerSecond !== undefined;
  const isConcurrencyAsked = input.concurrency !== undefined;
  return {
    ...run,
    ...(isRateAsked && !isConcurrencyAsked ? { concurrency: undefined } : {}),
    ...(isConcurrencyAsked && !isRateAsked ? { ratePerSecond: undefined } : {}),
    ...input,
  };
}

/** Flags that would silently mean nothing beside others. */
function findConflicts(input: ScenarioInput, scenarios: readonly Scenario[]): string[] {
  const problems: string[] = [];
  if (input.endpoints !== undefined) {
    for (const flag of ['masters', 'persistence', 'socket'] as const) {
      if (input[flag] === undefined) continue;
      problems.push(
        `--${flag}, --endpoint: expected one of the two, got both; running masters are as they are: drop --${flag}`,
      );
    }
  }
  if (scenarios.every((scenario) => scenario.ratePerSecond === undefined)) {
    for (const [flag, given] of [
      ['arrivals', input.arrivals],
      ['in-flight', input.inFlight],
    ] as const) {
      if (given === undefined) continue;
      problems.push(
        `--${flag}: expected with --rate, got a closed loop, which has no schedule; add --rate 500, or drop --${flag}`,
      );
    }
  }
  return problems;
}

function readOutput(raw: RawArguments, name: string): Output {
  const time = new Date(wallClockMs())
    .toISOString()
    .replace(/\.\d+Z$/, '')
    .replaceAll(/[:T]/g, '-');
  return {
    directory: typeof raw['out'] === 'string' ? raw['out'] : path.join('results', `${time}-${name}`),
    isJson: raw['json'] === true,
    isQuiet: raw['quiet'] === true || raw['json'] === true,
  };
}

/** One run, written and printed. Undefined when it was interrupted before anything was measured. */
async function runOne(
  scenario: Scenario,
  directory: string,
  output: Output,
  signal: AbortSignal,
): Promise<RunResult | undefined> {
  const progress = chooseProgress(scenario, output);
  let folder: RunFolder | undefined;
  const listener = {
    phase: progress.phase,
    loaded: progress.loaded,
    started: async (manifest: Manifest) => {
      folder = await RunFolder.create(directory, manifest);
    },
    interval: (report: IntervalReport) => {
      folder?.interval(report);
      progress.interval(report);
    },
  };
  try {
    const result = await runScenario(scenario, { listener, environment: process.env, signal });
    progress.end();
    const files = (await folder?.finish(result)) ?? [];
    if (!output.isJson) process.stdout.write(`${renderSummary(result, stdoutStyle(), files)}\n`);
    return result;
  } catch (thrown) {
    // Stopped while it was still starting: there is nothing to write and nothing to complain about.
    if (signal.aborted && folder === undefined) return undefined;
    throw thrown;
  } finally {
    progress.end();
  }
}

function chooseProgress(scenario: Scenario, { isQuiet }: Output): Progress {
  if (isQuiet) return silentProgress;
  const write = (text: string): void => {
    process.stderr.write(text);
  };
  const plan = { label: scenario.name, warmupMs: scenario.warmupMs, durationMs: scenario.durationMs };
  return isLive(process.stderr, process.env)
    ? liveProgress(plan, styleOf(process.stderr, process.env).columns, write)
    : plainProgress(plan, write);
}

/** The comparison of several runs, its page, the JSON, and the exit code. */
async function finish(
  results: readonly RunResult[],
  planned: number,
  name: string,
  { directory, isJson }: Output,
): Promise<number> {
  if (results.length === 0) {
    process.stderr.write('redlock-bench: interrupted before anything was measured\n');
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

function stdoutStyle(): Style {
  return styleOf(process.stdout, process.env);
}
