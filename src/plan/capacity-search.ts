/**
 * Which rate to try next: a search as a pure function of what was answered so far.
 *
 * @module
 */
import type { Agreement, StepPurpose } from '../model/capacity.js';
import { seededRandom } from '../model/random.js';
import { layGrid, type GridSettings, type RateGrid } from './capacity-grid.js';

export interface SearchSettings extends GridSettings {
  /** Repetitions of either end of the bracket. */
  readonly confirmations: number;
  readonly seed: number;
}

/** `invalid`: this rate could not be offered, whatever was done about it. */
export type ProbeAnswer = 'met' | 'missed' | 'invalid';

/** A rate that was tried. */
export interface Probed {
  readonly purpose: StepPurpose;
  /** Its place on the grid. */
  readonly place: number;
  /** Counts up with every change of the generator that is kept: answers under different settings do not confirm each other. */
  readonly setting: number;
  readonly answer: ProbeAnswer;
}

/** The rate to try next. */
export interface NextProbe {
  readonly purpose: StepPurpose;
  readonly place: number;
  readonly ratePerSecond: number;
}

/** Where the search stands: between what met and what missed, of which either may not be there yet. */
export interface Standing {
  readonly meets: EndOfBracket | undefined;
  readonly misses: EndOfBracket | undefined;
  /** The lowest rate that could not be offered, where it lies below what missed. */
  readonly blockedPerSecond: number | undefined;
}

interface EndOfBracket extends Agreement {
  readonly ratePerSecond: number;
}

/** How often an end may turn out to be wrong before the search leaves it at that. */
export const MOST_MOVES = 4;

/** A generator that could offer none of so many rates, each half of the one before, is held up by something else. */
const MOST_REFUSALS = 3;

/**
 * Grows by doubling until a rate misses (or halves until one meets), halves the bracket on the grid until its ends are
 * neighbours, then repeats both ends in a shuffled order. An end that no majority confirms is taken for its opposite, and
 * the search goes on from there with a small, growing stride; at most {@link MOST_MOVES} times.
 *
 * @returns undefined when the search is over
 */
export function nextProbe(settings: SearchSettings, probed: readonly Probed[]): NextProbe | undefined {
  return replay(settings, probed).next(probed.length);
}

/** What the answers say so far, whether the search is over or not. */
export function standingOf(settings: SearchSettings, probed: readonly Probed[]): Standing {
  return replay(settings, probed).standing();
}

function replay(settings: SearchSettings, probed: readonly Probed[]): Search {
  const search = new Search(settings, layGrid(settings));
  for (const each of probed) search.absorb(each);
  return search;
}

interface Votes {
  met: number;
  missed: number;
  invalid: number;
}

class Search {
  readonly #settings: SearchSettings;
  readonly #grid: RateGrid;
  #low: number | undefined;
  #high: number | undefined;
  /** The lowest place that could not be offered. */
  #blocked: number | undefined;
  /** Rates in a row, each half of the one before, that could not be offered. */
  #refusals = 0;
  /** Places that met, and that could not be offered; of either, not what turned out otherwise since. */
  readonly #met = new Set<number>();
  readonly #refused = new Set<number>();
  #moves = 0;
  #stride: number;
  #setting = 0;
  /** Repetitions by place, under the present setting. */
  #votes = new Map<number, Votes>();

  constructor(settings: SearchSettings, grid: RateGrid) {
    this.#settings = settings;
    this.#grid = grid;
    this.#stride = grid.perDoubling;
  }

  /** The lowest place that is known not to meet, by whatever reason. */
  get #upper(): number {
    return Math.min(this.#high ?? Infinity, this.#blocked ?? Infinity);
  }

  absorb({ purpose, place, setting, answer }: Probed): void {
    if (setting !== this.#setting) this.#votes = new Map();
    this.#setting = setting;
    if (purpose === 'confirmation') {
      const votes = this.#votesAt(place);
      votes[answer]++;
      this.#judgeConfirmations();
      return;
    }
    if (answer === 'met') {
      this.#low = place;
      this.#met.add(place);
      this.#refused.delete(place);
    }
    if (answer === 'missed') this.#high = place;
    if (answer === 'invalid') this.#block(place);
    // The careful steps after a move are no halves, and half of what could not be offered is far from it.
    if (answer !== 'invalid') this.#refusals = 0;
    else if (this.#stride === this.#grid.perDoubling) this.#refusals++;
    if (purpose === 'growth') this.#stride = Math.min(this.#grid.perDoubling, this.#stride * 2);
  }

  next(tried: number): NextProbe | undefined {
    const [low, upper] = [this.#low, this.#upper];
    const { lowest, highest } = this.#grid;
    if (low === undefined) {
      if (upper === Infinity) return this.#probe('growth', 0);
      return upper <= lowest || this.#refusals >= MOST_REFUSALS
        ? undefined
        : this.#probe('growth', Math.max(lowest, upper - this.#stride));
    }
    if (upper === Infinity && low < highest) {
      return this.#probe('growth', Math.min(highest, low + this.#stride));
    }
    if (upper !== Infinity && upper - low > 1) return this.#probe('bisection', Math.floor((low + upper) / 2));
    return this.#confirm(tried);
  }

  #probe(purpose: StepPurpose, place: number): NextProbe {
    return { purpose, place, ratePerSecond: this.#grid.rateAt(place) };
  }

  /** Draws from what is left to repeat, which shuffles the repetitions of both ends. */
  #confirm(tried: number): NextProbe | undefined {
    const pending = this.#ends().flatMap((place) =>
      Array.from({ length: Math.max(0, this.#settings.confirmations - total(this.#votesAt(place))) }, () => place),
    );
    const random = seededRandom(this.#settings.seed, tried);
    const place = pending[Math.floor(random.next() * pending.length)];
    return place === undefined ? undefined : this.#probe('confirmation', place);
  }

  /** The places to repeat; what the generator cannot offer is not tried again. */
  #ends(): number[] {
    return [this.#low, this.#high === this.#upper ? this.#high : undefined].filter((place) => place !== undefined);
  }

  /** When all repetitions of both ends are in: an end without its majority becomes what it turned out to be. */
  #judgeConfirmations(): void {
    const ends = this.#ends();
    if (ends.some((place) => total(this.#votesAt(place)) < this.#settings.confirmations)) return;
    if (this.#moves >= MOST_MOVES) return;
    const [low, high] = [this.#low, ends.find((place) => place === this.#high)];
    if (low !== undefined && !isMajority(this.#votesAt(low), 'met')) {
      // Both ends may be in doubt; below the lower one the doubt about the upper one no longer matters.
      if (isMajority(this.#votesAt(low), 'invalid')) this.#block(low);
      else this.#high = low;
      this.#met.delete(low);
      this.#low = undefined;
      this.#move();
    } else if (high !== undefined && !isMajority(this.#votesAt(high), 'missed')) {
      this.#high = undefined;
      if (isMajority(this.#votesAt(high), 'invalid')) this.#block(high);
      else {
        this.#low = high;
        this.#met.add(high);
      }
      this.#move();
    }
  }

  #block(place: number): void {
    this.#blocked = place;
    this.#refused.add(place);
  }

  #move(): void {
    this.#moves++;
    this.#refusals = 0;
    this.#stride = 2 ** (this.#moves - 1);
  }

  standing(): Standing {
    const high = this.#high;
    const low = this.#low ?? this.#highestMet();
    const refused = [...this.#refused].filter((place) => place > (low ?? -Infinity));
    const blocked = refused.length === 0 ? undefined : Math.min(...refused);
    return {
      meets: low === undefined ? undefined : this.#describe(low, 'met'),
      misses: high === undefined ? undefined : this.#describe(high, 'missed'),
      blockedPerSecond: blocked === undefined || blocked > (high ?? Infinity) ? undefined : this.#grid.rateAt(blocked),
    };
  }

  /** What is left when the lower end was moved and nothing met since: what could be offered once is known, though not again. */
  #highestMet(): number | undefined {
    const below = [...this.#met].filter((place) => place < (this.#high ?? Infinity) && !this.#refused.has(place));
    return below.length === 0 ? undefined : Math.max(...below);
  }

  #describe(place: number, answer: ProbeAnswer): EndOfBracket {
    const votes = this.#votesAt(place);
    return { ratePerSecond: this.#grid.rateAt(place), agreed: votes[answer], of: total(votes) };
  }

  #votesAt(place: number): Votes {
    const votes = this.#votes.get(place) ?? { met: 0, missed: 0, invalid: 0 };
    this.#votes.set(place, votes);
    return votes;
  }
}

function total({ met, missed, invalid }: Votes): number {
  return met + missed + invalid;
}

function isMajority(votes: Votes, answer: ProbeAnswer): boolean {
  return votes[answer] * 2 > total(votes);
}
