/**
 * What `chaos --simulate` leaves: how many schedules were searched, under which assumptions, and what was found.
 *
 * @module
 */

/**
 * What the promise of the lock rests on. Those of the environment are the administrator's to keep, those of the client
 * the client's; each can be dropped, and the promise must break then.
 */
export const ASSUMPTIONS = {
  'no-clock-jumps': { of: 'environment', says: "masters' wall clocks never jump" },
  'clock-rates-bounded': { of: 'environment', says: 'all clocks run at one rate, within the drift allowance' },
  'memory-kept-or-away': { of: 'environment', says: 'a master that forgets stays away for the longest ttl' },
  'no-eviction': { of: 'environment', says: 'masters drop no key before its end' },
  'validity-checked': { of: 'client', says: 'a grant without validity left is refused' },
  'drift-allowed': { of: 'client', says: 'the validity ends before the ttl, by the drift allowance' },
  'released-by-token': { of: 'client', says: 'a release deletes no key but its own' },
  'majority-quorum': { of: 'client', says: 'a lock needs floor(N/2)+1 masters' },
  'set-if-absent': { of: 'client', says: 'a grant overwrites no key' },
} as const satisfies Readonly<Record<string, { readonly of: 'environment' | 'client'; readonly says: string }>>;

export type AssumptionName = keyof typeof ASSUMPTIONS;

/** All of them, in the order in which they are told. */
export const ASSUMPTION_NAMES = Object.keys(ASSUMPTIONS) as readonly AssumptionName[];

/** A schedule in which two promises of one key overlap. */
export interface SimulatedViolation {
  /** Which schedule of the search it was, from 1. */
  readonly foundAfter: number;
  /** What replays it: fast-check's seed, and its path to the schedule. From there it always becomes smaller the same way. */
  readonly seed: number;
  readonly path: string;
  /** The smallest such schedule that was found, in plain words: its setting, a line for each event, and its end. */
  readonly story: readonly string[];
  /** The command that replays it. */
  readonly replay: string;
}

/** A search of schedules under one set of assumptions. */
export interface SimulationSearch {
  /** Which assumptions were dropped; none: a violation is a fault of the lock. */
  readonly without: readonly AssumptionName[];
  /** Schedules that were played; those that make a violation smaller excepted. */
  readonly schedules: number;
  /** Promises that were made in them. */
  readonly grants: number;
  /** Of all threads together, in wall time. */
  readonly schedulesPerSecond: number;
  /** The first one; null where none was found, which is of no account for a dropped assumption. */
  readonly violation: SimulatedViolation | null;
}

export interface SimulationSummary {
  readonly seed: number;
  readonly threads: number;
  readonly status: 'complete' | 'interrupted';
  /** In the order in which they were made. */
  readonly searches: readonly SimulationSearch[];
}
