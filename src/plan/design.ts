/**
 * The design of a comparison: which arms there are, in which order they run, and which are held against each other.
 *
 * @module
 */
import { randomInteger, seededRandom } from '../model/random.js';
import type { ScenarioInput } from '../model/scenario.js';

/** One value of a factor, and what it means for the scenario. */
export interface Level {
  readonly label: string;
  readonly input: ScenarioInput;
}

/** What differs between the arms. Of a condition every level is run, but none is held against another. */
export interface PlannedFactor {
  readonly name: string;
  readonly levels: readonly Level[];
  readonly isCondition: boolean;
}

/** One combination of levels. */
export interface PlannedArm {
  readonly name: string;
  /** Its level's label of each factor. */
  readonly levels: Readonly<Record<string, string>>;
  readonly input: ScenarioInput;
}

/** Two arms, as places in the list of arms, that differ in this factor alone. */
export interface PlannedContrast {
  readonly factor: string;
  readonly arm: number;
  readonly baseline: number;
}

/** Every combination of the factors' levels; the first factor varies slowest. */
export function crossFactors(factors: readonly PlannedFactor[]): PlannedArm[] {
  let arms: PlannedArm[] = [{ name: '', levels: {}, input: {} }];
  for (const { name, levels } of factors) {
    arms = arms.flatMap((arm) =>
      levels.map((level) => ({
        // What is the same for all arms tells them apart from nothing.
        name: levels.length === 1 && factors.length > 1 ? arm.name : joinNames(arm.name, nameLevel(name, level.label)),
        levels: { ...arm.levels, [name]: level.label },
        input: { ...arm.input, ...level.input },
      })),
    );
  }
  return arms;
}

/**
 * Every arm against the one that differs from it in one factor alone and stands at that factor's first level, or, where
 * that could not run, at the first that did.
 *
 * With one factor that is each arm against the first; with two, each lock against the first lock on the same masters,
 * and each number of masters against the first number with the same lock.
 */
export function planContrasts(
  factors: readonly PlannedFactor[],
  arms: readonly Pick<PlannedArm, 'levels'>[],
): PlannedContrast[] {
  return factors
    .filter((factor) => !factor.isCondition)
    .flatMap((factor) =>
      arms.flatMap(({ levels }, arm): PlannedContrast[] => {
        for (const { label } of factor.levels) {
          if (label === levels[factor.name]) return [];
          const sought: Readonly<Record<string, string>> = { ...levels, [factor.name]: label };
          const baseline = arms.findIndex((other) => factors.every(({ name }) => other.levels[name] === sought[name]));
          if (baseline !== -1) return [{ factor: factor.name, arm, baseline }];
        }
        return [];
      }),
    );
}

/**
 * The order of the arms in each round: all of them once, shuffled anew for every round (Fisher and Yates), so that a
 * machine that drifts, or an arm that disturbs its successor, favours nobody.
 *
 * Source: Abedi and Brecht, Conducting Repeatable Experiments in Highly Variable Cloud Computing Environments, ICPE 2017
 * (randomized multiple interleaved trials).
 */
export function drawRounds(arms: number, rounds: number, seed: number): number[][] {
  const random = seededRandom(seed, ORDER_STREAM);
  return Array.from({ length: rounds }, () => {
    const order = Array.from({ length: arms }, (_, arm) => arm);
    for (let last = order.length - 1; last > 0; last--) {
      const chosen = randomInteger(random, last + 1);
      [order[last], order[chosen]] = [order[chosen] ?? 0, order[last] ?? 0];
    }
    return order;
  });
}

/** The seed of a round's load: the same for all arms, so that a pair differs in nothing but what is compared. */
export function seedOfRound(seed: number, round: number): number {
  return (seed + round) >>> 0;
}

/** Streams of a seed from 0 on belong to the runs; this one is far from them. */
const ORDER_STREAM = 1_000_003;

function nameLevel(factor: string, label: string): string {
  if (factor === 'masters') return `N=${label}`;
  return factor === 'lock' ? label : `${factor} ${label}`;
}

function joinNames(before: string, name: string): string {
  return before === '' ? name : `${before}, ${name}`;
}
