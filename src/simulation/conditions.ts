/**
 * Assumptions as data: under which conditions stories are told, with all of them or without some.
 *
 * @module
 */
import type { AssumptionName } from '../model/simulation.js';
import { DRIFT_FACTOR, POLITE, type Manners } from './careless-master.js';

/**
 * `part`: a client loses its connection to a master, and gets no other one. `hold`: what they send each other is late.
 * `hang`: a master executes nothing. `crash`: it ends, and comes back with its keys. `forget`: without them. `pause`: a
 * client executes nothing. `sleep`: its clock stands still as well. `jump`: a master's wall clock does. `evict`: a
 * master drops its keys.
 */
export type FaultKind = 'part' | 'hold' | 'hang' | 'crash' | 'forget' | 'pause' | 'sleep' | 'jump' | 'evict';

/** The times and clocks of a story. */
export interface Climate {
  /** How fast clocks run, those of masters and of clients. */
  readonly clockRates: readonly number[];
  readonly ttlsMs: readonly number[];
  /** The longest way of a message. */
  readonly longestDelayMs: number;
  /** Spans in which tasks start, first and last millisecond. */
  readonly startsMs: readonly (readonly [from: number, to: number])[];
}

/** Of each list one is drawn; what stands there twice is drawn twice as often, and a smaller story has the first. */
export interface Conditions {
  readonly masterCounts: readonly number[];
  readonly faults: readonly FaultKind[];
  /** By how many milliseconds wall clocks jump. */
  readonly jumpsMs: readonly number[];
  /** How long a master that forgets stays away at least, in longest ttls. */
  readonly absenceTtls: number;
  readonly climates: readonly Climate[];
  readonly manners: Manners;
}

/** Whatever two clocks of these show, the ratio of their rates is within the drift allowance: 1.005 / 0.995 < 1 / 0.99. */
const OUTERMOST_RATES = [1 - DRIFT_FACTOR / 2, 1 + DRIFT_FACTOR / 2];
const BOUNDED_RATES = [1, 1, ...OUTERMOST_RATES];
const UNBOUNDED_RATES = [1, 1, 0.5, 0.8, 1.25, 2];

const HARMLESS_FAULTS: readonly FaultKind[] = ['part', 'hold', 'pause', 'hang', 'crash', 'forget'];

/** All manner of times. */
const MIXED: Climate = {
  clockRates: BOUNDED_RATES,
  ttlsMs: [300, 100, 200, 1_000, 60],
  longestDelayMs: 20,
  startsMs: [[0, 400]],
};
/** In which little but the drift allowance, a hundredth of the ttl, keeps an old lock from a new one. */
const TIGHT: Climate = {
  clockRates: [1, ...OUTERMOST_RATES, ...OUTERMOST_RATES],
  ttlsMs: [1_000],
  longestDelayMs: 2,
  startsMs: [
    [0, 10],
    [985, 1_010],
  ],
};

/** All assumptions hold. */
export const ASSUMED: Conditions = {
  masterCounts: [3, 3, 3, 1, 2, 4, 5],
  faults: HARMLESS_FAULTS,
  jumpsMs: [0],
  absenceTtls: 1,
  climates: [MIXED, MIXED, MIXED, TIGHT],
  manners: POLITE,
};

/** What each assumption keeps from happening; what is likely then is drawn often, so that a search is short. */
const DROPPED: Readonly<Record<AssumptionName, (conditions: Conditions) => Conditions>> = {
  // Any: the drift allowance is for rates, which use it up.
  'no-clock-jumps': (kept) => ({
    ...kept,
    faults: [...kept.faults, 'jump', 'jump', 'jump', 'jump'],
    jumpsMs: [1_000, 300, 100, -100, -1_000],
  }),
  'clock-rates-bounded': (kept) => ({
    ...kept,
    faults: [...kept.faults, 'sleep', 'sleep'],
    climates: [{ ...MIXED, clockRates: UNBOUNDED_RATES }],
  }),
  'memory-kept-or-away': (kept) => ({
    ...kept,
    faults: [...kept.faults, 'forget', 'forget', 'forget', 'forget'],
    absenceTtls: 0,
  }),
  'no-eviction': (kept) => ({ ...kept, faults: [...kept.faults, 'evict', 'evict', 'evict', 'evict'] }),
  'validity-checked': (kept) => ({
    ...kept,
    faults: [...kept.faults, 'pause', 'pause', 'pause', 'pause'],
    manners: { ...kept.manners, checksValidity: false, trustsExpired: true },
  }),
  'drift-allowed': (kept) => ({ ...kept, climates: [TIGHT], manners: { ...kept.manners, allowsDrift: false } }),
  'released-by-token': (kept) => ({ ...kept, manners: { ...kept.manners, deletesAny: true } }),
  'majority-quorum': (kept) => ({ ...kept, manners: { ...kept.manners, favours: 1 } }),
  'set-if-absent': (kept) => ({ ...kept, manners: { ...kept.manners, overwrites: true } }),
};

/** The conditions that are left without these assumptions. */
export function conditionsWithout(dropped: readonly AssumptionName[]): Conditions {
  return dropped.reduce((conditions, name) => DROPPED[name](conditions), ASSUMED);
}
