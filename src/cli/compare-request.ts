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
import { parsePercent, parseWhole, type Parsed } from './option-values.js';
import { readOptions, RUN_OPTIONS, type RawArguments } from './options.js';
import { findPreset } from './presets.js';
import { findScenario } from './scenarios.js';
import { WordReader } from './word-reader.js';

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
  const words = new WordReader(raw);
  const { problems } = words;
  const list = (flag: string): string | undefined => words.once(flag, 'put all values into one list');
  const { factors: given, problems: wrongFactors } = readFactors(list('lock'), list('masters'), textsOf(raw['set']));
  problems.push(...wrongFactors);
  const preset = words.attempt(() => findPreset(words.once('preset')));
  const scenarioName = words.once('scenario');
  const named = words.attempt(() => findScenario(scenarioName));
  const input = words.attempt(() => readOptions({ ...raw, lock: undefined, masters: undefined }));
  const rounds = readRounds(words, preset?.rounds ?? DEFAULT_ROUNDS);
  const minEffect = readMinEffect(words);
  if (preset !== undefined && scenarioName !== undefined) {
    problems.push(
      '--preset: expected no named scenario beside it, got both; a preset brings its own: drop one of the two',
    );
  }
  if (problems.length > 0 || named === undefined || input === undefined) throw new UsageError(problems);
  return { preset, named, input, plainFlags: findPlainFlags(raw), given, rounds, minEffect };
}

function findPlainFlags(raw: RawArguments): ReadonlySet<string> {
  const flags = RUN_OPTIONS.filter(({ flag, read }) => read !== undefined && !LISTS.includes(flag));
  return new Set(flags.map(({ flag }) => flag).filter((flag) => raw[flag] !== undefined && raw[flag] !== false));
}

/** How many runs of each arm. */
export function readRounds(words: WordReader, usual: number): number {
  const isRounds = (rounds: number): boolean => rounds >= 1 && rounds <= MOST_ROUNDS;
  const read = (text: string): Parsed<number> => {
    const parsed = parseWhole(text);
    return 'value' in parsed && isRounds(parsed.value)
      ? parsed
      : { expected: `a whole number between 1 and ${String(MOST_ROUNDS)}` };
  };
  return words.value('rounds', read) ?? usual;
}

/** The smallest difference that matters, as a share; undefined when each metric has its own. */
export function readMinEffect(words: WordReader): number | undefined {
  return words.value('min-effect', (text) => {
    const share = parsePercent(text);
    return share !== undefined && share > 0 && share < 1
      ? { value: share }
      : { expected: 'a percentage above 0% and below 100%, such as 5%' };
  });
}

function textsOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}
