/**
 * Names that tell the runs of a comparison apart: they say what differs, and nothing else.
 *
 * @module
 */
import { nameLock } from '../model/measured-lock.js';
import { masterCount } from '../model/scenario.js';
import { formatDurationMs } from '../model/time.js';
import {
  describeDeaths,
  describeHold,
  describeKeys,
  describeLoadShortly,
  describeRoundTrips,
  describeServiceRate,
  type Described,
} from './describe.js';

export interface RunName {
  /** What is held side by side: `N=3`, with whatever else differs. */
  readonly member: string;
  /** What it is held side by side within: the keys, and the load where it differs. */
  readonly group: string;
  /** Both, unique among the runs. */
  readonly label: string;
  /** Both, the same for repetitions of a run. */
  readonly kind: string;
}

/** One thing that may differ between the runs. */
type Aspect = (run: Described, runs: readonly Described[]) => string;

/** What may differ besides keys and N, in the order in which people ask for it. */
const ASPECTS: readonly Aspect[] = [
  ({ scenario }) => describeLoadShortly(scenario),
  nameLockAmong,
  ({ scenario }) => scenario.transport,
  ({ scenario }) => scenario.commands,
  ({ scenario }) => `persistence ${scenario.persistence}`,
  ({ scenario }) => scenario.socket,
  ({ scenario }) => (scenario.rtt.length === 0 ? 'no delay' : `rtt ${describeRoundTrips(scenario.rtt)}`),
  ({ scenario }) =>
    scenario.serviceRatePerSecond === undefined
      ? 'own speed'
      : `serving ${describeServiceRate(scenario.serviceRatePerSecond)}`,
  ({ scenario }) => (scenario.downMasters.length === 0 ? 'all up' : `down ${scenario.downMasters.join(',')}`),
  ({ scenario }) => describeDeaths(scenario),
  ({ scenario }) => `bursts of ${String(scenario.burst)}`,
  ({ scenario }) => `hold ${describeHold(scenario)}`,
  ({ scenario }) => `ttl ${formatDurationMs(scenario.ttlMs)}`,
  ({ scenario }) => `node timeout ${formatDurationMs(scenario.nodeTimeoutMs)}`,
  ({ scenario }) => `wait ${formatDurationMs(scenario.acquireTimeoutMs)}`,
  ({ scenario }) => `retry ${formatDurationMs(scenario.retryDelayMs)}+${formatDurationMs(scenario.retryJitterMs)}`,
  ({ scenario }) => scenario.wakeUp,
  ({ scenario }) => `${String(scenario.workers)} workers`,
];

/** Names each run, in the order given; repetitions are numbered. */
export function nameRuns(runs: readonly Described[]): RunName[] {
  const varying = ASPECTS.filter((aspect) => distinct(aspect, runs).size > 1);
  // What follows from the choice of keys, such as a shorter wait on a contended one, belongs to the group.
  const ofGroup = varying.filter((aspect) => isSettledBy(describeKeysOf, aspect, runs));
  const ofMember = varying.filter((aspect) => !ofGroup.includes(aspect));
  const seen = new Map<string, number>();
  return runs.map((run) => {
    const group = [describeKeysOf(run, runs), ...ofGroup.map((aspect) => aspect(run, runs))].join(', ');
    const member = [`N=${String(masterCount(run.scenario))}`, ...ofMember.map((aspect) => aspect(run, runs))].join(
      ', ',
    );
    const repetition = (seen.get(`${group} ${member}`) ?? 0) + 1;
    seen.set(`${group} ${member}`, repetition);
    const unique = repetition === 1 ? member : `${member} (${String(repetition)})`;
    return { group, member: unique, label: `${unique}, ${group}`, kind: `${member}, ${group}` };
  });
}

const describeKeysOf: Aspect = ({ scenario }) => describeKeys(scenario.keys);

/** Names a run's lock, with its version where the runs know several of that name. */
export function nameLockAmong({ lock }: Described, runs: readonly Described[]): string {
  const namesakes = runs.filter((run) => run.lock.name === lock.name);
  return namesakes.every((run) => run.lock.version === lock.version) ? lock.name : nameLock(lock);
}

function distinct(aspect: Aspect, runs: readonly Described[]): Set<string> {
  return new Set(runs.map((run) => aspect(run, runs)));
}

/** Whether runs that agree in one aspect agree in the other. */
function isSettledBy(settling: Aspect, settled: Aspect, runs: readonly Described[]): boolean {
  const pairs: Aspect = (run) => JSON.stringify([settling(run, runs), settled(run, runs)]);
  return distinct(pairs, runs).size === distinct(settling, runs).size;
}
