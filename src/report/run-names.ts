/**
 * Names that tell the runs of a comparison apart: they say what differs, and nothing else.
 *
 * @module
 */
import type { RunResult } from '../model/result.js';
import { masterCount, type Scenario } from '../model/scenario.js';
import { formatDurationMs } from '../model/time.js';
import { describeHold, describeKeys, describeLoadShortly, describeRoundTrips } from './describe.js';

export interface RunName {
  /** What is held side by side: `N=3`, with whatever else differs. */
  readonly member: string;
  /** What it is held side by side within: the keys, and the load where it differs. */
  readonly group: string;
  /** Both, unique among the runs. */
  readonly label: string;
}

type Aspect = (scenario: Scenario) => string;

/** What may differ besides keys and N, in the order in which people ask for it. */
const ASPECTS: readonly Aspect[] = [
  describeLoadShortly,
  (scenario) => scenario.lock,
  (scenario) => scenario.transport,
  (scenario) => scenario.commands,
  (scenario) => `persistence ${scenario.persistence}`,
  (scenario) => scenario.socket,
  (scenario) => (scenario.rtt.length === 0 ? 'no delay' : `rtt ${describeRoundTrips(scenario.rtt)}`),
  (scenario) => (scenario.downMasters.length === 0 ? 'all up' : `down ${scenario.downMasters.join(',')}`),
  (scenario) => `hold ${describeHold(scenario)}`,
  (scenario) => `ttl ${formatDurationMs(scenario.ttlMs)}`,
  (scenario) => `node timeout ${formatDurationMs(scenario.nodeTimeoutMs)}`,
  (scenario) => `wait ${formatDurationMs(scenario.acquireTimeoutMs)}`,
  (scenario) => `retry ${formatDurationMs(scenario.retryDelayMs)}+${formatDurationMs(scenario.retryJitterMs)}`,
  (scenario) => scenario.wakeUp,
  (scenario) => `${String(scenario.workers)} workers`,
];

/** Names each run, in the order given; repetitions are numbered. */
export function nameRuns(results: readonly RunResult[]): RunName[] {
  const scenarios = results.map((result) => result.scenario);
  const varying = ASPECTS.filter((aspect) => new Set(scenarios.map(aspect)).size > 1);
  // What follows from the choice of keys, such as a shorter wait on a contended one, belongs to the group.
  const ofGroup = varying.filter((aspect) => isSettledBy(describeKeysOf, aspect, scenarios));
  const ofMember = varying.filter((aspect) => !ofGroup.includes(aspect));
  const seen = new Map<string, number>();
  return scenarios.map((scenario) => {
    const group = [describeKeysOf(scenario), ...ofGroup.map((aspect) => aspect(scenario))].join(', ');
    const member = [`N=${String(masterCount(scenario))}`, ...ofMember.map((aspect) => aspect(scenario))].join(', ');
    const repetition = (seen.get(`${group} ${member}`) ?? 0) + 1;
    seen.set(`${group} ${member}`, repetition);
    const unique = repetition === 1 ? member : `${member} (${String(repetition)})`;
    return { group, member: unique, label: `${unique}, ${group}` };
  });
}

const describeKeysOf: Aspect = (scenario) => describeKeys(scenario.keys);

/** Whether scenarios that agree in one aspect agree in the other. */
function isSettledBy(settling: Aspect, settled: Aspect, scenarios: readonly Scenario[]): boolean {
  const pairs = new Set(scenarios.map((scenario) => JSON.stringify([settling(scenario), settled(scenario)])));
  return pairs.size === new Set(scenarios.map(settling)).size;
}
