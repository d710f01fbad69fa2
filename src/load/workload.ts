/**
 * What the operations lock and how long they hold it.
 *
 * @module
 */
import { randomExponential, randomInteger, type Random } from '../model/random.js';
import type { HoldTime, KeyChoice, Scenario } from '../model/scenario.js';
import { zipfSampler } from './zipf.js';

/** One operation's work. The object is reused: read it before the next call. */
export interface Work {
  keyIndex: number;
  holdMs: number;
}

/** A stream of work; `slot` is the client slot that asks, counted over all workers. */
export interface Workload {
  next(slot: number): Readonly<Work>;
}

export function createWorkload(scenario: Scenario, random: Random): Workload {
  const nextKey = keyPicker(scenario.keys, random);
  const nextHoldMs = holdPicker(scenario.hold, random);
  const work: Work = { keyIndex: 0, holdMs: 0 };
  return {
    next: (slot) => {
      work.keyIndex = nextKey(slot);
      work.holdMs = nextHoldMs();
      return work;
    },
  };
}

/** How many client slots the run has in all: its clients (closed loop) or its in-flight cap (open loop). */
export function slotCount(scenario: Scenario): number {
  return scenario.concurrency ?? scenario.inFlight;
}

/** How many different keys the run can touch. */
export function keyCount(scenario: Scenario): number {
  switch (scenario.keys.kind) {
    case 'uncontended':
      return slotCount(scenario);
    case 'single':
      return 1;
    default:
      return scenario.keys.keys;
  }
}

function keyPicker(keys: KeyChoice, random: Random): (slot: number) => number {
  switch (keys.kind) {
    case 'uncontended':
      return (slot) => slot;
    case 'single':
      return () => 0;
    case 'uniform':
      return () => randomInteger(random, keys.keys);
    case 'zipf':
      return zipfSampler(keys.keys, keys.theta, random);
    case 'hotspot':
      // Key 0 is the hot one; the others share the rest evenly.
      return () => (random.next() < keys.hotShare ? 0 : 1 + randomInteger(random, keys.keys - 1));
  }
}

function holdPicker(hold: HoldTime, random: Random): () => number {
  return hold.kind === 'constant' ? () => hold.meanMs : () => randomExponential(random, hold.meanMs);
}
