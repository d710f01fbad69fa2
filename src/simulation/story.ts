/**
 * Stories: what clients do and what befalls them, drawn at random under conditions.
 *
 * @module
 */
import fc from 'fast-check';
import type { WakeUp } from '../model/scenario.js';
import type { Climate, Conditions, FaultKind } from './conditions.js';

/** The one key that everybody wants. */
export const KEY = 'k';

/** One client acquires the key, holds it, and lets it go. The clients take the tasks in turns. */
export interface Task {
  readonly startMs: number;
  readonly ttlMs: number;
  /** How long it waits for a held lock; 0 = one attempt. */
  readonly patienceMs: number;
  /** May be longer than the ttl: an honest client claims nothing after its validity. */
  readonly holdMs: number;
  /** The ttl that it extends by, half-way through its hold. */
  readonly extensionMs: number | undefined;
  /** `expiry`: it never releases. */
  readonly end: 'release' | 'expiry';
}

/** Something befalls a master, a client, or the way between; whom it does not concern is not looked at. */
export interface StoryFault {
  readonly kind: FaultKind;
  readonly client: number;
  readonly master: number;
  readonly atMs: number;
  readonly lastsMs: number;
  readonly byMs: number;
}

export interface StoryClient {
  readonly clockRate: number;
  /** Which master it never reaches. */
  readonly apartFrom: number | undefined;
  /** How long a message takes to or from each master. */
  readonly delaysMs: readonly number[];
}

export interface Story {
  readonly masters: number;
  /** How fast the masters' clocks run. */
  readonly masterRates: readonly number[];
  readonly clients: readonly StoryClient[];
  readonly tasks: readonly Task[];
  readonly faults: readonly StoryFault[];
  readonly wakeUp: WakeUp;
  readonly seed: number;
}

const MOST_MASTERS = 5;
const CLIENTS = 3;
const LONGEST_HOLD_MS = 400;
const MOST_TASKS = 6;
const MOST_FAULTS = 4;

/** Stories under these conditions. The first of each choice is what a smaller story has. */
export function storiesUnder(conditions: Conditions): fc.Arbitrary<Story> {
  return fc.oneof(...conditions.climates.map((climate) => storiesIn(climate, conditions)));
}

function storiesIn(climate: Climate, conditions: Conditions): fc.Arbitrary<Story> {
  const rate = fc.constantFrom(...climate.clockRates);
  const task: fc.Arbitrary<Task> = fc.record({
    startMs: fc.oneof(...climate.startsMs.map(([min, max]) => fc.integer({ min, max }))),
    ttlMs: fc.constantFrom(...climate.ttlsMs),
    patienceMs: fc.constantFrom(0, 200, 400),
    // From the longest on: a promise that lasts is the simplest.
    holdMs: fc.nat(LONGEST_HOLD_MS).map((ms) => LONGEST_HOLD_MS - ms),
    extensionMs: fc.constantFrom(undefined, undefined, undefined, 100, 300),
    end: fc.constantFrom('expiry', 'release'),
  });
  const fault: fc.Arbitrary<StoryFault> = fc.record({
    kind: fc.constantFrom(...conditions.faults),
    client: fc.nat(CLIENTS - 1),
    master: fc.nat(MOST_MASTERS - 1),
    atMs: fc.nat(400),
    lastsMs: fc.nat(400),
    byMs: fc.constantFrom(...conditions.jumpsMs),
  });
  const client: fc.Arbitrary<StoryClient> = fc.record({
    clockRate: rate,
    apartFrom: fc.constantFrom(undefined, undefined, undefined, 0, 1, 2, 3, 4),
    delaysMs: fc.array(fc.integer({ min: 1, max: climate.longestDelayMs }), {
      minLength: MOST_MASTERS,
      maxLength: MOST_MASTERS,
    }),
  });
  return fc.record({
    masters: fc.constantFrom(...conditions.masterCounts),
    masterRates: fc.array(rate, { minLength: MOST_MASTERS, maxLength: MOST_MASTERS }),
    clients: fc.array(client, { minLength: CLIENTS, maxLength: CLIENTS }),
    tasks: fc.array(task, { minLength: 2, maxLength: MOST_TASKS }),
    faults: fc.array(fault, { maxLength: MOST_FAULTS }),
    wakeUp: fc.constantFrom('poll', 'poll', 'poll', 'notify'),
    seed: fc.nat(),
  });
}

/** Whose task it is. */
export function clientOf(taskIndex: number): number {
  return taskIndex % CLIENTS;
}

/** The longest ttl that a key is given in a story. */
export function longestTtlMs({ tasks }: Story): number {
  return Math.max(...tasks.map(({ ttlMs, extensionMs }) => Math.max(ttlMs, extensionMs ?? 0)));
}
