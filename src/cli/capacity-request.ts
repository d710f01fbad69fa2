/**
 * Reads the words of `capacity`: what is searched, before anything is started.
 *
 * @module
 */
import { parseThreshold } from '../check/thresholds.js';
import { UsageError } from '../model/errors.js';
import { freshSeed } from '../model/random.js';
import { completeScenario, validateScenario, type ScenarioInput } from '../model/scenario.js';
import type { CapacityPlan } from '../plan/capacity.js';
import { parsePercent, parseRate, parseWhole, type Parsed } from './option-values.js';
import { readOptions, type RawArguments } from './options.js';
import { findConflicts, overlay } from './overlay.js';
import { findScenario, isCustom } from './scenarios.js';
import { onlyRunOf } from './single-scenario.js';
import { WordReader } from './word-reader.js';

/** What is searched when nobody says otherwise. */
export const CAPACITY_DEFAULTS = {
  slo: ['acquire.response: p(99)<10ms', 'acquire.successRatio>99.9%'],
  fromPerSecond: 100,
  upToPerSecond: 1_000_000,
  precision: 0.05,
  confirmations: 3,
  warmupMs: 1_000,
  durationMs: 5_000,
};

const MOST_CONFIRMATIONS = 20;
const [LEAST_PRECISION, MOST_PRECISION] = [0.01, 0.5];

/** What the search sets itself, and what to use instead. */
export const SET_BY_SEARCH: Readonly<Record<string, string>> = {
  rate: 'the search sets the rate; use --expect to learn what is left at yours, --from and --up-to to bound the search',
  concurrency: 'the search is an open loop, which has no fixed number of clients; leave it out',
  threshold: 'the search judges every step by its SLO; use --slo',
  fault: 'a fault in a step would be taken for a limit of the load; leave it out',
};

/**
 * Reads the words.
 *
 * @throws UsageError with every problem that can be seen without asking a lock
 */
export function readCapacityPlan(raw: RawArguments): CapacityPlan {
  const read = new WordReader(raw);
  const { problems } = read;
  read.refuse('capacity', SET_BY_SEARCH);
  const fromPerSecond = read.value('from', parseRate) ?? CAPACITY_DEFAULTS.fromPerSecond;
  const upToPerSecond = read.value('up-to', parseRate) ?? CAPACITY_DEFAULTS.upToPerSecond;
  const precision = read.value('precision', parsePercentage) ?? CAPACITY_DEFAULTS.precision;
  const confirmations = read.value('confirmations', parseConfirmations) ?? CAPACITY_DEFAULTS.confirmations;
  const expectedPerSecond = read.value('expect', parseRate);
  problems.push(...findRateProblems(fromPerSecond, upToPerSecond, expectedPerSecond));
  const slo = readSlo(raw['slo'], problems);
  const named = read.attempt(() => findScenario(read.once('scenario')));
  const input = read.attempt(() =>
    readOptions({ ...raw, rate: undefined, concurrency: undefined, threshold: undefined, fault: undefined }),
  );
  const run = named === undefined ? undefined : read.attempt(() => onlyRunOf('capacity', named));
  if (named !== undefined && run !== undefined) problems.push(...findFaults(named.name, run));
  if (named === undefined || run === undefined || input === undefined) throw new UsageError(problems);

  const seed = input.seed ?? freshSeed();
  const { warmupMs, durationMs } = CAPACITY_DEFAULTS;
  const asked: ScenarioInput = { warmupMs, durationMs, ...input, ratePerSecond: fromPerSecond, concurrency: undefined };
  const scenario = completeScenario({ ...overlay(run, asked), thresholds: slo }, seed);
  // A rate that is refused above needs no second word about it.
  const isRateRefused = problems.some((problem) => problem.startsWith('--from'));
  problems.push(
    ...validateScenario(scenario).filter((problem) => !(isRateRefused && problem.startsWith('--rate'))),
    ...findConflicts(input, [scenario]),
  );
  if (problems.length > 0) throw new UsageError([...new Set(problems)]);
  return {
    title: isCustom(named) ? 'capacity' : `capacity-${named.name}`,
    scenario,
    search: { fromPerSecond, upToPerSecond, precision, confirmations, seed },
    expectedPerSecond,
    hasScaling: raw['scaling'] !== false,
  };
}

/** In every step alike they would be taken for a limit of the load, and a killed worker for one of the generator. */
function findFaults(name: string, { faults = [], killedWorkers = [] }: ScenarioInput): string[] {
  if (faults.length + killedWorkers.length === 0) return [];
  return [
    `capacity: expected a scenario without faults, got ${name}, which injects some; name another, such as uncontended or contended, and use chaos to see what faults do`,
  ];
}

function parsePercentage(text: string): Parsed<number> {
  const share = parsePercent(text) ?? NaN;
  return share >= LEAST_PRECISION && share <= MOST_PRECISION
    ? { value: share }
    : { expected: 'a percentage between 1% and 50%, such as 5%' };
}

function parseConfirmations(text: string): Parsed<number> {
  const parsed = parseWhole(text);
  return 'value' in parsed && parsed.value >= 1 && parsed.value <= MOST_CONFIRMATIONS
    ? parsed
    : { expected: `a whole number between 1 and ${String(MOST_CONFIRMATIONS)}` };
}

function findRateProblems(
  fromPerSecond: number,
  upToPerSecond: number,
  expectedPerSecond: number | undefined,
): string[] {
  const most = CAPACITY_DEFAULTS.upToPerSecond;
  const problems: string[] = [];
  const check = (flag: string, rate: number): void => {
    if (rate >= 1 && rate <= most) return;
    problems.push(`--${flag}: expected operations per second between 1 and ${String(most)}, got ${String(rate)}`);
  };
  check('from', fromPerSecond);
  check('up-to', upToPerSecond);
  if (expectedPerSecond !== undefined) check('expect', expectedPerSecond);
  if (problems.length === 0 && upToPerSecond < fromPerSecond) {
    problems.push(
      `--up-to: expected at least --from ${String(fromPerSecond)}, got ${String(upToPerSecond)}; the search begins at --from: lower it`,
    );
  }
  return problems;
}

function readSlo(given: unknown, problems: string[]): readonly string[] {
  const texts = Array.isArray(given) ? given.filter((text) => typeof text === 'string') : [];
  for (const text of texts) {
    const threshold = parseThreshold(text);
    if ('problem' in threshold) problems.push(sayOfSlo(threshold.problem));
  }
  return texts.length > 0 ? [...new Set(texts)] : CAPACITY_DEFAULTS.slo;
}

/** The rules of an SLO are thresholds, and what is said of those names their flag. */
export function sayOfSlo(problem: string): string {
  return problem.replace(/^--threshold/, '--slo');
}
