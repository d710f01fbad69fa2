/**
 * What every row of the benchmark shares: its masters, its rounds, and its order of contenders.
 *
 * @module
 */
import { describeEndpoint } from '../../src/model/endpoint.js';
import { freshSeed } from '../../src/model/random.js';
import { completeScenario } from '../../src/model/scenario.js';
import { openTopology, type Topology } from '../../src/servers/topology.js';
import { ClientFailedError } from './client.js';
import type { Contender } from './contender.js';

/** One run of the benchmark. */
export interface Bench {
  readonly signal: AbortSignal;
  /** How often everything is measured; some rows take long and do with fewer. */
  readonly rounds: number;
  /** Just enough to see that everything works: its figures mean nothing. */
  readonly isQuick: boolean;
  /** Says what is going on. */
  readonly announce: (line: string) => void;
}

/** Spawns masters on 127.0.0.1, without persistence; disposing ends them. */
export function openMasters(count: number, { signal }: Bench): Promise<Topology> {
  return openTopology(completeScenario({ masters: count, socket: 'tcp' }, freshSeed()), process.env, signal);
}

export function urlsOf({ masters }: Topology): string[] {
  return masters.map(({ endpoint }) => describeEndpoint(endpoint));
}

/** What one contender measured, round by round. */
export interface Measured<Report> {
  readonly name: string;
  readonly isOurs: boolean;
  /** Undefined where the round failed. */
  readonly reports: readonly (Report | undefined)[];
  /** Why the last failed round failed. */
  readonly failure: string | undefined;
}

export interface Plan<Report> {
  readonly label: string;
  readonly contenders: readonly Contender[];
  readonly rounds: number;
  readonly measure: (contender: Contender) => Promise<Report>;
}

/**
 * Measures the contenders in turn, round after round, each round beginning with another one, and every other round the
 * other way round: what the machine does meanwhile, and what one leaves behind for the next, meets all of them.
 */
export async function interleave<Report>(
  bench: Bench,
  { label, contenders, rounds, measure }: Plan<Report>,
): Promise<Measured<Report>[]> {
  const slots = contenders.map(({ name, isOurs }) => ({
    name,
    isOurs,
    reports: Array.from<Report | undefined>({ length: rounds }),
    failure: undefined as string | undefined,
  }));
  for (let round = 0; round < rounds; round++) {
    for (let turn = 0; turn < contenders.length; turn++) {
      const step = round % 2 === 0 ? turn : contenders.length - turn;
      const index = (round + step) % contenders.length;
      const contender = contenders[index];
      const slot = slots[index];
      if (contender === undefined || slot === undefined) continue;
      bench.announce(`${label}, round ${String(round + 1)} of ${String(rounds)}: ${contender.name}`);
      try {
        slot.reports[round] = await measure(contender);
      } catch (thrown) {
        if (!(thrown instanceof ClientFailedError)) throw thrown;
        slot.failure = thrown.message;
        bench.announce(thrown.message);
      }
    }
  }
  return slots;
}
