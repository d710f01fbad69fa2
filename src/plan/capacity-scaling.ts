/**
 * The closed-loop sweep that the scalability law is fitted to.
 *
 * @module
 */
import type { ScalingPoint } from '../model/capacity.js';
import type { RunResult } from '../model/result.js';
import type { Scenario } from '../model/scenario.js';
import { describeCrowd } from './capacity-cpu.js';
import { BUSY_WORKER } from './capacity-verdict.js';
import { drawRounds, seedOfRound } from './design.js';

const CLIENTS = [1, 2, 4, 8, 16, 32, 64];
const ROUNDS = 2;
const WARMUP_MS = 500;
const DURATION_MS = 2_000;

/** One run of the sweep. */
export interface ScalingRun {
  readonly clients: number;
  /** From 1. */
  readonly round: number;
  /** Runs that came before it, of how many. */
  readonly done: number;
  readonly total: number;
  /** Folder of the run, relative to that of the search. */
  readonly directory: string;
  readonly scenario: Scenario;
}

/** Every number of clients once a round, in an order drawn for each: no SLO, because nothing waits in a closed loop. */
export function planScaling(scenario: Scenario, seed: number): ScalingRun[] {
  const total = CLIENTS.length * ROUNDS;
  return drawRounds(CLIENTS.length, ROUNDS, seed).flatMap((order, index) =>
    order.map((place, turn): ScalingRun => {
      const clients = CLIENTS[place] ?? 1;
      const round = index + 1;
      return {
        clients,
        round,
        done: index * CLIENTS.length + turn,
        total,
        directory: `runs/scaling-${String(round)}-${String(clients).padStart(2, '0')}`,
        scenario: {
          ...scenario,
          ratePerSecond: undefined,
          concurrency: clients,
          workers: Math.min(scenario.workers, clients),
          // A zone that no worker stands in is refused.
          rtt: scenario.rtt.slice(0, Math.min(scenario.workers, clients)),
          thresholds: [],
          warmupMs: WARMUP_MS,
          durationMs: DURATION_MS,
          seed: seedOfRound(seed, round),
        },
      };
    }),
  );
}

/** The point of a run that lasted to its end. */
export function describeScaling({ clients, round }: ScalingRun, result: RunResult): ScalingPoint {
  const { acquire, health, scenario } = result;
  const { workers } = scenario;
  return {
    clients,
    round,
    ratePerSecond: acquire.ratePerSecond,
    health: health.verdict,
    workers,
    limitedBy: limitOf(result),
  };
}

function limitOf(result: RunResult): ScalingPoint['limitedBy'] {
  if (describeCrowd(result) !== undefined) return 'others';
  if (result.health.verdict === 'valid') return null;
  return result.health.eventLoopUtilization >= BUSY_WORKER ? 'generator' : 'machine';
}
