/**
 * A shard: the part of a scenario that one worker runs. Plain data, sent to its thread.
 *
 * @module
 */
import type { Endpoint } from '../model/endpoint.js';
import type { Scenario } from '../model/scenario.js';
import { msToNs, type Ns } from '../model/time.js';
import type { WitnessMemory } from './witness.js';
import { slotCount } from './workload.js';

export interface Shard {
  readonly worker: number;
  readonly runId: string;
  readonly scenario: Scenario;
  /** What the clients of this worker connect to, in the order of the scenario. */
  readonly masters: readonly Endpoint[];
  /** This worker's client slots, counted over all workers. */
  readonly firstSlot: number;
  readonly slots: number;
  readonly witness: WitnessMemory;
  /** Where this worker writes its segment of the history; undefined in a run that records none. */
  readonly historyFile?: string | undefined;
}

/** The length of an interval of the series. */
export const INTERVAL_MS = 1_000;

/** The measured window of a run, warm-up before it excluded. */
export interface Window {
  readonly startNs: Ns;
  readonly endNs: Ns;
}

export function measuredWindow(scenario: Scenario, barrierNs: Ns): Window {
  const startNs = barrierNs + msToNs(scenario.warmupMs);
  return { startNs, endNs: startNs + msToNs(scenario.durationMs) };
}

/** Splits the client slots over the workers: contiguous, sizes that differ by at most one, the sum exact. */
export function splitSlots(scenario: Scenario): { firstSlot: number; slots: number }[] {
  const total = slotCount(scenario);
  const { workers } = scenario;
  return Array.from({ length: workers }, (_, worker) => {
    const firstSlot = Math.floor((total * worker) / workers);
    return { firstSlot, slots: Math.floor((total * (worker + 1)) / workers) - firstSlot };
  });
}

/** The name of a key on the servers. */
export function keyName(runId: string, keyIndex: number): string {
  return `redlock-bench:${runId}:${String(keyIndex)}`;
}
