/**
 * Which experiments are made with a lock, with how many masters and in which variants.
 *
 * @module
 */
import type { Expectation } from '../check/experiment-verdict.js';
import { FINDINGS, type Finding, type Variant } from '../model/chaos.js';
import type { Experiment } from './experiment.js';
import { EXPERIMENTS } from './experiments.js';
import { mutationOfLedger } from './experiments/mutants.js';

/** One experiment to be made. */
export interface Trial {
  readonly experiment: Experiment;
  readonly lock: string;
  readonly variant: Variant;
  readonly masters: number;
  /** Instead of the experiment's own: of a mutant, what must be caught. */
  readonly expectation?: Expectation;
}

/** What a lock can do, as far as it decides what is tried. */
export interface Abilities {
  readonly maxMasters: number;
  readonly canFence: boolean;
}

/** Crashes that forget, which a delayed restart is the remedy for. */
const DELAYED = ['F8', 'F8c', 'F9b'];
/** Where a fence is the remedy, or is tried itself. */
const FENCED = ['F0', 'F1', 'F2', 'F4', 'F5', 'F7', 'F8', 'F9b', 'F12', 'F18', 'F19', 'F20'];
/** About fences alone. */
const FENCES = ['F23', 'F23b', 'F23c'];
/** Where five masters could differ from three. */
const WIDE = ['F0', 'F2', 'F5', 'F5b', 'F8', 'F13', 'F14', 'F14b', 'F18', 'F22'];
/** Where the votes can tie for ever. */
export const EVEN: readonly string[] = ['F22'];

/**
 * The trials of a lock: of one that takes several masters on three, and where it matters on five; of any other on one.
 *
 * @param masters only on so many
 */
export function trialsOf(
  lock: string,
  { maxMasters, canFence }: Abilities,
  ids: readonly string[] | 'all',
  masters: number | undefined,
): Trial[] {
  const chosen = EXPERIMENTS.filter(({ id }) => ids === 'all' || ids.includes(id));
  return chosen.flatMap((experiment): Trial[] => {
    const { id } = experiment;
    const trial = (variant: Variant, n: number): Trial => ({ experiment, lock, variant, masters: n });
    if (maxMasters === 1 || masters === 1) return [trial('plain', 1)];
    const counts =
      masters === undefined ? [3, ...(EVEN.includes(id) ? [4] : []), ...(WIDE.includes(id) ? [5] : [])] : [masters];
    const [first = 3] = counts;
    if (FENCES.includes(id)) return [trial(canFence ? 'fenced' : 'redlock', first)];
    return [
      ...counts.map((n) => trial('redlock', n)),
      ...(canFence && FENCED.includes(id) ? [trial('fenced', first)] : []),
      ...(DELAYED.includes(id) ? [trial('delayed-restart', first)] : []),
    ];
  });
}

interface Mutant {
  readonly lock: string;
  readonly experiment: string;
  readonly variant: Variant;
  readonly masters: number;
  readonly caughtBy: Finding;
}

/** F0m, in the order of the reference's list; its last one is a mistake of the resource, with a lock that is sound. */
const MUTANTS: readonly Mutant[] = [
  { lock: 'mutant:no-nx', experiment: 'F0', variant: 'redlock', masters: 3, caughtBy: 'contract' },
  { lock: 'mutant:plain-del', experiment: 'F1', variant: 'redlock', masters: 3, caughtBy: 'contract' },
  { lock: 'mutant:unchecked', experiment: 'F2', variant: 'redlock', masters: 3, caughtBy: 'granted-expired' },
  { lock: 'mutant:half-quorum', experiment: 'F14b', variant: 'redlock', masters: 3, caughtBy: 'contract' },
  { lock: 'mutant:short-key', experiment: 'F0', variant: 'redlock', masters: 3, caughtBy: 'contract' },
  { lock: 'mutant:no-drift', experiment: 'F5c', variant: 'redlock', masters: 3, caughtBy: 'contract' },
  { lock: 'mutant:max-counter', experiment: 'F23c', variant: 'fenced', masters: 3, caughtBy: 'rejected' },
];

/** The mistakes that the detectors must catch. */
export function mutantTrials(): Trial[] {
  const locks = MUTANTS.flatMap(({ lock, experiment: id, variant, masters, caughtBy }): Trial[] => {
    const experiment = EXPERIMENTS.find((one) => one.id === id);
    if (experiment === undefined) throw new RangeError(`experiment: expected one of the list, got ${id}`);
    return [{ experiment, lock, variant, masters, expectation: mustCatch(caughtBy) }];
  });
  const experiment = mutationOfLedger;
  const ledger = { experiment, lock: 'redlock', variant: 'fenced' as const, masters: 3 };
  return [...locks, { ...ledger, expectation: mustCatch('corruption') }];
}

function mustCatch(finding: Finding): Expectation {
  const allowed = FINDINGS.filter((one) => one !== finding);
  return {
    findings: [finding],
    allowed,
    fencesMayGoBack: true,
    reason: 'a mistake was made on purpose; a detector that misses it is none',
  };
}
