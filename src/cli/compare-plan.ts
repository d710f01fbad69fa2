/**
 * Plans a comparison from what was asked: the arms with their scenarios, and everything that is wrong with them.
 *
 * @module
 */
import { UsageError } from '../model/errors.js';
import { freshSeed } from '../model/random.js';
import { completeScenario, validateScenario, type ScenarioInput } from '../model/scenario.js';
import type { ComparisonPlan, ScenarioArm } from '../plan/compare.js';
import { crossFactors, planContrasts, type PlannedFactor } from '../plan/design.js';
import { readRequest, type CompareRequest } from './compare-request.js';
import { isFileName } from './level-labels.js';
import type { RawArguments } from './options.js';
import { findConflicts, overlay } from './overlay.js';
import { titleOf } from './scenarios.js';

const MOST_ARMS = 1_000;
const ADVICE = 'use --lock redlock,npm:redlock@4, --masters 1,3,5 or --set transport=ioredis,wire';

/** Settings of one lock, which no other of ours knows; a lock of the user may. */
const READ_BY_REDLOCK: ReadonlySet<string> = new Set(['transport', 'commands', 'wake-up']);

/**
 * Plans what the words ask for.
 *
 * @throws UsageError with every problem that can be seen without asking a lock
 */
export function readPlan(raw: RawArguments): ComparisonPlan {
  const request = readRequest(raw);
  const { preset, named, input, given, rounds, minEffect } = request;
  const seed = input.seed ?? freshSeed();
  const factors = [...planOwnFactors(request), ...given];
  refuse([...findClashes(request, factors), ...findTooMany(factors)]);
  const base = overlay(preset?.base ?? (named.runs.length > 1 ? {} : (named.runs[0] ?? {})), input);
  const arms = crossFactors(factors).map(({ name, levels }): ScenarioArm => {
    const scenario = completeScenario(layLevels(base, factors, levels), seed);
    return { name, levels, scenario: { ...scenario, name } };
  });
  refuse([
    ...findNothingToCompare(factors, arms),
    ...findUnread(given, arms),
    ...arms.flatMap(({ scenario, levels }) => [
      ...validateScenario(scenario),
      ...findConflicts(layLevels(input, given, levels), [scenario]),
    ]),
  ]);
  const title = preset?.name ?? titleOf(named, 'comparison');
  return { title, factors, arms, rounds, seed, remarks: [], minEffect };
}

function refuse(problems: readonly string[]): void {
  if (problems.length > 0) throw new UsageError([...new Set(problems)]);
}

/**
 * What the preset or the named scenario varies, with the flags laid over each level. Of a preset, what is given otherwise
 * is not varied. The runs of a named scenario are conditions: each is run with every arm, none is held against another.
 */
function planOwnFactors({ preset, named, input, plainFlags, given }: CompareRequest): PlannedFactor[] {
  const own: readonly PlannedFactor[] =
    preset?.factors.filter(({ name }) => !plainFlags.has(name) && !given.some((factor) => factor.name === name)) ??
    (named.runs.length > 1
      ? [{ name: 'scenario', levels: named.runs.map((run) => ({ label: run.name, input: run })), isCondition: true }]
      : []);
  return own.map((factor) => ({
    ...factor,
    levels: factor.levels.map((level) => ({ ...level, input: overlay(level.input, input) })),
  }));
}

/** Lays an arm's level of each factor over the input, later factors over earlier ones. */
function layLevels(
  input: ScenarioInput,
  factors: readonly PlannedFactor[],
  arm: Readonly<Record<string, string>>,
): ScenarioInput {
  return factors.reduce(
    (sum, { name, levels }) => overlay(sum, levels.find(({ label }) => label === arm[name])?.input ?? {}),
    input,
  );
}

/** What is asked twice, in different ways. */
function findClashes({ named, plainFlags, given }: CompareRequest, factors: readonly PlannedFactor[]): string[] {
  const problems = given
    .filter(({ name }) => plainFlags.has(name))
    .map(({ name }) => `--${name}, --set ${name}: expected one of the two, got both; drop --${name}`);
  const varied = new Set(factors.map(({ name }) => name));
  const isAsked = (flag: string): boolean => varied.has(flag) || plainFlags.has(flag);
  if (isAsked('rate') && isAsked('concurrency') && (varied.has('rate') || varied.has('concurrency'))) {
    problems.push(
      `--rate, --concurrency: expected one of the two, got both, and ${varied.has('rate') ? 'rate' : 'concurrency'} is varied; ` +
        'a rate is an open loop (latency), concurrency a closed one (throughput): drop one',
    );
  }
  if (named.runs.length > 1) {
    for (const { name, levels } of given) {
      const keys = new Set(levels.flatMap((level) => Object.keys(level.input))) as ReadonlySet<keyof ScenarioInput>;
      const isDifferent = [...keys].some((key) => new Set(named.runs.map((run) => JSON.stringify(run[key]))).size > 1);
      if (!isDifferent) continue;
      problems.push(
        `${nameSource(name)}: expected a scenario with one run, got ${named.name}, whose runs set ${name} themselves; ` +
          'name another scenario, such as uncontended or contended',
      );
    }
  }
  return problems;
}

function nameSource(factor: string): string {
  return factor === 'lock' || factor === 'masters' ? `--${factor}` : `--set ${factor}`;
}

/** Counted before they are made, because there may be more than fit into memory. */
function findTooMany(factors: readonly PlannedFactor[]): string[] {
  const arms = factors.reduce((product, { levels }) => product * levels.length, 1);
  if (arms <= MOST_ARMS) return [];
  return [`compare: expected at most ${String(MOST_ARMS)} arms, got ${String(arms)}; vary less`];
}

function findNothingToCompare(factors: readonly PlannedFactor[], arms: readonly ScenarioArm[]): string[] {
  if (arms.length < 2) return [`compare: expected at least two things to compare, got one; ${ADVICE}`];
  if (planContrasts(factors, arms).length > 0) return [];
  const conditions = factors.filter(({ isCondition }) => isCondition).map(({ name }) => name);
  return [
    `compare: expected at least two things to compare, got conditions alone (${conditions.join(', ')}), ` +
      `of which none is held against another; ${ADVICE}`,
  ];
}

/** Settings that are varied, and that none of the locks reads. */
function findUnread(given: readonly PlannedFactor[], arms: readonly ScenarioArm[]): string[] {
  const locks = [...new Set(arms.map(({ scenario }) => scenario.lock))];
  if (locks.some((lock) => lock === 'redlock' || isFileName(lock))) return [];
  return given
    .filter(({ name }) => READ_BY_REDLOCK.has(name))
    .map(
      ({ name }) =>
        `--set ${name}: expected redlock among the locks, got ${locks.join(', ')}; only redlock reads it: add redlock to --lock, or drop --set ${name}`,
    );
}
