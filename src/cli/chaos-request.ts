/**
 * Reads the words of `chaos`.
 *
 * @module
 */
import { EXPERIMENT_NAMES, type ChaosRequest } from '../chaos/chaos.js';
import { GuardError, UsageError } from '../model/errors.js';
import { freshSeed } from '../model/random.js';
import { ASSUMPTION_NAMES, type AssumptionName } from '../model/simulation.js';
import { parseWhole } from './option-values.js';
import type { RawArguments } from './options.js';

export interface SimulationRequest {
  readonly kind: 'simulation';
  readonly seeds: number;
  readonly seed: number;
  /** Undefined: none, and then each alone. */
  readonly without: readonly AssumptionName[] | undefined;
  /** Replays one schedule of that seed. */
  readonly path: string | undefined;
}

export type ChaosWords = ({ readonly kind: 'experiments' } & Omit<ChaosRequest, 'directory'>) | SimulationRequest;

const DEFAULT_SEEDS = 10_000;
const MOST_SEEDS = 10_000_000;
const MOST_MASTERS = 9;
/** Words that mean nothing without `--simulate`. */
const OF_SIMULATION = ['seeds', 'without', 'path'];

/**
 * Reads the words.
 *
 * @throws UsageError with every problem; GuardError for masters that are not this tool's own
 */
export function readChaosRequest(raw: RawArguments): ChaosWords {
  if (raw['endpoint'] !== undefined) {
    throw new GuardError(
      'chaos: expected no --endpoint, got one; faults are for servers that this command starts and stops itself: leave it out',
    );
  }
  const problems: string[] = [];
  const whole = (flag: string, least: number, most: number): number | undefined => {
    const [text, another] = textsOf(raw[flag]);
    if (text === undefined) return undefined;
    if (another !== undefined) problems.push(`--${flag}: expected once, got it more often; keep one`);
    const parsed = parseWhole(text);
    if ('value' in parsed && parsed.value >= least && parsed.value <= most) return parsed.value;
    problems.push(`--${flag}: expected a whole number from ${String(least)} to ${String(most)}, got ${text}`);
    return undefined;
  };
  const seed = whole('seed', 0, 4_294_967_295) ?? freshSeed();
  const words = textsOf(raw['experiments']);
  const simulates = raw['simulate'] === true;
  const stray = OF_SIMULATION.filter((flag) => !simulates && raw[flag] !== undefined);
  if (stray.length > 0)
    problems.push(`--${stray.join(', --')}: expected with --simulate, got it without; add --simulate`);

  if (simulates) {
    const seeds = whole('seeds', 1, MOST_SEEDS) ?? DEFAULT_SEEDS;
    const without = raw['without'] === undefined ? undefined : readAssumptions(textsOf(raw['without']), problems);
    const path = typeof raw['path'] === 'string' ? raw['path'] : undefined;
    if (words.length > 0)
      problems.push('--simulate: expected no experiments beside it, got some; leave one of the two out');
    if (path !== undefined && raw['seed'] === undefined) {
      problems.push('--path: expected with the --seed that it was printed with, got it without');
    }
    if (problems.length > 0) throw new UsageError(problems);
    return { kind: 'simulation', seeds, seed, without, path };
  }

  const masters = whole('masters', 1, MOST_MASTERS);
  const isAll = raw['all'] === true;
  if (isAll && words.length > 0)
    problems.push('--all: expected no names of experiments beside it, got some; drop one of the two');
  const experiments = isAll ? 'all' : words.map((word) => findExperiment(word, problems));
  if (!isAll && words.length === 0) {
    problems.push(
      'chaos: expected experiments such as F5 clock-forward, --all or --simulate, got none; see chaos --list',
    );
  }
  if (problems.length > 0) throw new UsageError(problems);
  return {
    kind: 'experiments',
    lock: typeof raw['lock'] === 'string' ? raw['lock'] : 'redlock',
    experiments,
    masters,
    server: typeof raw['server'] === 'string' ? raw['server'] : undefined,
    seed,
  };
}

/** By its id or its name. */
function findExperiment(word: string, problems: string[]): string {
  const found = EXPERIMENT_NAMES.find(({ id, name }) => id.toLowerCase() === word.toLowerCase() || name === word);
  if (found === undefined) {
    problems.push(`chaos: expected the id or the name of an experiment, got ${word}; see redlock-bench chaos --list`);
  }
  return found?.id ?? word;
}

function readAssumptions(words: readonly string[], problems: string[]): AssumptionName[] {
  return words.flatMap((word) => {
    const found = ASSUMPTION_NAMES.find((name) => name === word);
    if (found !== undefined) return [found];
    problems.push(`--without: expected one of ${ASSUMPTION_NAMES.join(', ')}, got ${word}`);
    return [];
  });
}

function textsOf(given: unknown): string[] {
  if (given === undefined) return [];
  return (Array.isArray(given) ? given : [given]).map(String);
}
