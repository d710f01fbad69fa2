/**
 * `compare`: several locks, topologies or settings side by side, in interleaved rounds.
 *
 * @module
 */
import path from 'node:path';
import type { ComparePreset } from '../../bench/scenarios/compare-preset.js';
import { findAdapter } from '../locks/registry.js';
import { UsageError } from '../model/errors.js';
import { freshSeed } from '../model/random.js';
import { completeScenario, validateScenario, type ScenarioInput } from '../model/scenario.js';
import { formatDurationMs } from '../model/time.js';
import { compareArms, type ComparisonPlan, type RunPlace, type ScenarioArm } from '../plan/compare.js';
import { crossFactors, type PlannedFactor } from '../plan/design.js';
import { writeComparison } from '../report/comparison-drawings.js';
import { renderComparisonSummary } from '../report/comparison-summary.js';
import { toJson } from '../report/drawings.js';
import { requireWritable } from '../report/run-folder.js';
import { readFactors } from './compare-factors.js';
import { interruptible } from './interrupt.js';
import { runOne } from './one-run.js';
import { readOptions, type RawArguments } from './options.js';
import { readOutput, type Output } from './output.js';
import { findConflicts, overlay } from './overlay.js';
import { findPreset } from './presets.js';
import { findScenario } from './scenarios.js';
import { stdoutStyle } from './terminal.js';

export const DEFAULT_ROUNDS = 10;
const MOST_ROUNDS = 1_000;
const MOST_ARMS = 1_000;

/** Runs the rounds, writes, prints. Gives the exit code: a violation in any run before all. */
export async function compareCommand(raw: RawArguments): Promise<number> {
  const plan = readPlan(raw);
  const output = readOutput(raw, plan.title);
  await requireWritable(output.directory);
  // A misspelt lock or a missing package fails here and not in the middle of the first round.
  for (const lock of new Set(plan.arms.map((arm) => arm.scenario.lock))) await findAdapter(lock);
  if (!output.isQuiet) process.stderr.write(`${announce(plan)}\n`);
  let exitCode = 0;
  await interruptible(async (signal) => {
    const comparison = await compareArms(
      plan,
      async (scenario, place) => {
        const directory = path.join(output.directory, place.directory);
        const run = { scenario, directory, label: labelOf(place), isQuiet: output.isQuiet, isDrawn: false };
        return (await runOne(run, signal))?.result;
      },
      signal,
    );
    const files = await writeComparison(output.directory, comparison);
    print(output, toJson(comparison), () => renderComparisonSummary(comparison, stdoutStyle(), files));
    ({ exitCode } = comparison);
  });
  return exitCode;
}

function print({ isJson }: Output, json: string, summary: () => string): void {
  process.stdout.write(isJson ? json : `${summary()}\n`);
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
    `comparing ${String(arms.length)} arms in ${String(rounds)} rounds: ${String(runs)} runs, ` +
    `about ${formatDurationMs(minutes * 60_000)}; seed ${String(seed)}`
  );
}

/** What a run takes besides its load: starting masters and workers, draining, writing. */
const START_AND_END_MS = 1_500;

/**
 * Reads what is compared.
 *
 * @throws UsageError with every problem
 */
function readPlan(raw: RawArguments): ComparisonPlan {
  const preset = findPreset(textOf(raw['preset']));
  const { factors: given, problems } = readFactors(textOf(raw['lock']), textOf(raw['masters']), textsOf(raw['set']));
  // Their lists are read as factors; as single values of a scenario they would be refused.
  const input = readOptions({ ...raw, lock: undefined, masters: undefined });
  const named = findScenario(textOf(raw['scenario']));
  const rounds = readRounds(textOf(raw['rounds']), preset, problems);
  const minEffect = readMinEffect(textOf(raw['min-effect']), problems);
  if (preset !== undefined && textOf(raw['scenario']) !== undefined) {
    problems.push(
      '--preset: expected no named scenario beside it, got both; a preset brings its own: drop one of the two',
    );
  }
  const factors = [
    ...(named.runs.length > 1 ? [scenarioFactor(named.runs)] : []),
    ...(preset?.factors.filter(({ name }) => !given.some((factor) => factor.name === name)) ?? []),
    ...given,
  ];
  const seed = input.seed ?? freshSeed();
  const base: ScenarioInput = preset?.base ?? (named.runs.length > 1 ? {} : (named.runs[0] ?? {}));
  const arms = crossFactors(factors).map(({ name, levels, input: varied }): ScenarioArm => {
    const scenario = completeScenario(overlay(overlay(base, input), varied), seed);
    return { name, levels, scenario: { ...scenario, name } };
  });
  if (arms.length < 2) {
    problems.push(
      'compare: expected at least two things to compare, got one; use --lock redlock,npm:redlock@4, --masters 1,3,5 or --set transport=ioredis,wire',
    );
  }
  if (arms.length > MOST_ARMS) {
    problems.push(`compare: expected at most ${String(MOST_ARMS)} arms, got ${String(arms.length)}; vary less`);
  }
  const found = new Set([
    ...problems,
    ...arms.flatMap(({ scenario }) => validateScenario(scenario)),
    ...findConflicts(
      input,
      arms.map((arm) => arm.scenario),
    ),
  ]);
  if (found.size > 0) throw new UsageError([...found]);
  const title = preset?.name ?? (named.name === 'custom' ? 'comparison' : named.name);
  return { title, factors, arms, rounds, seed, minEffect };
}

/** The runs of a named scenario are conditions: each is run with every arm, none is held against another. */
function scenarioFactor(runs: readonly (ScenarioInput & { readonly name: string })[]): PlannedFactor {
  return { name: 'scenario', levels: runs.map((run) => ({ label: run.name, input: run })), isCondition: true };
}

function readRounds(text: string | undefined, preset: ComparePreset | undefined, problems: string[]): number {
  if (text === undefined) return preset?.rounds ?? DEFAULT_ROUNDS;
  const rounds = /^\d{1,6}$/.test(text) ? Number(text) : 0;
  if (rounds < 1 || rounds > MOST_ROUNDS) {
    problems.push(`--rounds: expected a whole number between 1 and ${String(MOST_ROUNDS)}, got "${text}"`);
  }
  return rounds;
}

function readMinEffect(text: string | undefined, problems: string[]): number | undefined {
  if (text === undefined) return undefined;
  const percent = /^\d+(\.\d+)?%$/.test(text) ? Number(text.slice(0, -1)) : NaN;
  if (!(percent > 0 && percent < 100)) {
    problems.push(`--min-effect: expected a percentage above 0% and below 100%, such as 5%, got "${text}"`);
  }
  return percent / 100;
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function textsOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}
