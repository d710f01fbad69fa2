/**
 * Reads the words of `compare`: what is asked, before anything is made of it.
 *
 * @module
 */
import type { ComparePreset } from '../../bench/scenarios/compare-preset.js';
import type { NamedScenario } from '../../bench/scenarios/named-scenario.js';
import { UsageError } from '../model/errors.js';
import type { ScenarioInput } from '../model/scenario.js';
import type { PlannedFactor } from '../plan/design.js';
import { readFactors } from './compare-factors.js';
import { readOptions, RUN_OPTIONS, type RawArguments } from './options.js';
import { findPreset } from './presets.js';
import { findScenario } from './scenarios.js';

export const DEFAULT_ROUNDS = 10;
const MOST_ROUNDS = 1_000;

export interface CompareRequest {
  readonly preset: ComparePreset | undefined;
  readonly named: NamedScenario;
  /** What the flags say that are the same for all arms. */
  readonly input: ScenarioInput;
  /** The names of those flags. */
  readonly plainFlags: ReadonlySet<string>;
  /** What `--lock`, `--masters` and `--set` vary. */
  readonly given: readonly PlannedFactor[];
  readonly rounds: number;
  /** The smallest difference that matters, as a share; undefined when each metric has its own. */
  readonly minEffect: number | undefined;
}

/** Flags whose values are lists: as single values of a scenario they would be refused. */
const LISTS = ['lock', 'masters'];

/**
 * Reads the words.
 *
 * @throws UsageError with every problem
 */
export function readRequest(raw: RawArguments): CompareRequest {
  const problems: string[] = [];
  const once = (flag: string): string | undefined => readOnce(raw, flag, problems);
  const { factors: given, problems: wrongFactors } = readFactors(once('lock'), once('masters'), textsOf(raw['set']));
  problems.push(...wrongFactors);
  const preset = attempt(() => findPreset(once('preset')), problems);
  const scenarioName = once('scenario');
  const named = attempt(() => findScenario(scenarioName), problems);
  const input = attempt(() => readOptions({ ...raw, lock: undefined, masters: undefined }), problems);
  const rounds = readRounds(once('rounds'), preset, problems);
  const minEffect = readMinEffect(once('min-effect'), problems);
  if (preset !== undefined && scenarioName !== undefined) {
    problems.push(
      '--preset: expected no named scenario beside it, got both; a preset brings its own: drop one of the two',
    );
  }
  if (problems.length > 0 || named === undefined || input === undefined) throw new UsageError(problems);
  return { preset, named, input, plainFlags: findPlainFlags(raw), given, rounds, minEffect };
}

/** A text that was given once; yargs hands over a list when it was given more often. */
function readOnce(raw: RawArguments, flag: string, problems: string[]): string | undefined {
  const given = raw[flag];
  if (!Array.isArray(given)) return typeof given === 'string' ? given : undefined;
  const advice = LISTS.includes(flag) ? 'put all values into one list' : 'keep one';
  problems.push(`--${flag}: expected once, got ${String(given.length)} times; ${advice}`);
  return undefined;
}

/** Collects what would be thrown, so that all problems are told at once. */
function attempt<Value>(work: () => Value, problems: string[]): Value | undefined {
  try {
    return work();
  } catch (thrown) {
    if (!(thrown instanceof UsageError)) throw thrown;
    problems.push(...thrown.problems);
    return undefined;
  }
}

function findPlainFlags(raw: RawArguments): ReadonlySet<string> {
  const flags = RUN_OPTIONS.filter(({ flag, read }) => read !== undefined && !LISTS.includes(flag));
  return new Set(flags.map(({ flag }) => flag).filter((flag) => raw[flag] !== undefined && raw[flag] !== false));
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

function textsOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}
