/**
 * Searches schedules for one in which two promises overlap, and tells the smallest such schedule that it can make of it.
 *
 * @module
 */
import fc from 'fast-check';
import { toError } from '../model/errors.js';
import type { AssumptionName } from '../model/simulation.js';
import { conditionsWithout, type Conditions } from './conditions.js';
import { play, tellPlay } from './play.js';
import { storiesUnder, type Story } from './story.js';

/** How many schedules are played to make one smaller. Counted, so that a path always ends in the same story. */
const MOST_SHRINKS = 2_000;

/** A schedule, as fast-check finds it again. */
export interface SchedulePath {
  readonly seed: number;
  readonly path: string;
}

export interface SearchRequest {
  readonly seed: number;
  /** How many schedules are played at most. */
  readonly schedules: number;
  readonly without: readonly AssumptionName[];
  /** Plays the one schedule of the seed that it leads to, instead of a search. */
  readonly path?: string | undefined;
}

export interface SearchResult {
  /** Schedules that were played. */
  readonly schedules: number;
  /** Promises that were made in them. */
  readonly grants: number;
  /** The last of them, when two promises overlap in it. */
  readonly found: SchedulePath | null;
}

export interface TellRequest extends SchedulePath {
  readonly without: readonly AssumptionName[];
}

/** Plays the schedules of a seed until two promises overlap. Must be alone in its thread: it replaces the timers. */
export async function search({ without, ...request }: SearchRequest): Promise<SearchResult> {
  return await searchUnder(conditionsWithout(without), request);
}

/** The same under conditions of the caller's own. */
export async function searchUnder(
  conditions: Conditions,
  { seed, schedules, path }: Omit<SearchRequest, 'without'>,
): Promise<SearchResult> {
  let played = 0;
  let grants = 0;
  let broken: Error | undefined;
  const property = fc.asyncProperty(storiesUnder(conditions), async (story) => {
    try {
      played++;
      const result = await play(story, conditions);
      grants += result.grants;
      return result.overlap === undefined;
    } catch (error) {
      // Not what was searched for: the simulation itself is broken.
      broken = toError(error);
      return false;
    }
  });
  const where = path === undefined ? { numRuns: schedules } : { numRuns: 1, path };
  const { counterexamplePath } = await fc.check(property, { seed, ...where, endOnFailure: true });
  if (broken !== undefined) throw broken;
  const found = counterexamplePath === null ? null : { seed, path: counterexamplePath };
  return { schedules: played, grants, found };
}

/** Makes a violation smaller and tells it, a line for each event; no lines when no promises overlap in it. */
export async function tellSmallest({ seed, path, without }: TellRequest): Promise<readonly string[]> {
  const conditions = conditionsWithout(without);
  let left = MOST_SHRINKS;
  const property = fc.asyncProperty(storiesUnder(conditions), async (story) => {
    if (left-- <= 0) return true;
    const { overlap } = await play(story, conditions);
    return overlap === undefined;
  });
  const { counterexample }: fc.RunDetails<[Story]> = await fc.check(property, { seed, path, numRuns: 1 });
  return counterexample === null ? [] : await tellPlay(counterexample[0], conditions);
}
