/**
 * A scenario in words: the subtitle of its charts and the second line of its summary.
 *
 * @module
 */
import { masterCount, type KeyChoice, type RoundTrip, type Scenario } from '../model/scenario.js';
import { formatDurationMs } from '../model/time.js';
import { formatCount, formatThings } from './figures.js';

const CLOSED_LOOP_NOTE = 'closed loop: no protection against coordinated omission';

/** What stands beside the latencies of these scenarios: nothing for open loops. */
export function closedLoopNotes(scenarios: readonly Scenario[]): string[] {
  const closed = scenarios.filter(isClosedLoop).length;
  if (closed === 0) return [];
  return [
    closed === scenarios.length
      ? CLOSED_LOOP_NOTE
      : `${String(closed)} of ${String(scenarios.length)} runs: ${CLOSED_LOOP_NOTE}`,
  ];
}

/** Whether the clients start their next operation when the last one ended, instead of on a schedule. */
export function isClosedLoop(scenario: Scenario): boolean {
  return scenario.ratePerSecond === undefined;
}

/** Tells a whole scenario in one line: masters, lock, keys, load, timing, length, seed. */
export function describeScenario(scenario: Scenario): string {
  return scenarioClauses(scenario).join(', ');
}

/** The clauses of that line, so that a comparison can tell what its runs share. */
export function scenarioClauses(scenario: Scenario): string[] {
  return [
    describeMasters(scenario),
    `${scenario.lock} over ${scenario.transport}${scenario.commands === 'auto' ? '' : `, ${scenario.commands} commands`}`,
    describeKeys(scenario.keys),
    describeLoad(scenario),
    `hold ${describeHold(scenario)}`,
    `ttl ${formatDurationMs(scenario.ttlMs)}`,
    `node timeout ${formatDurationMs(scenario.nodeTimeoutMs)}`,
    describeWaiting(scenario),
    `${formatDurationMs(scenario.durationMs)} after ${formatDurationMs(scenario.warmupMs)} of warm-up`,
    `seed ${String(scenario.seed)}`,
  ];
}

/** Names the choice of keys. */
export function describeKeys(keys: KeyChoice): string {
  switch (keys.kind) {
    case 'uncontended':
      return 'uncontended keys';
    case 'single':
      return 'one key for all';
    case 'uniform':
      return `${formatCount(keys.keys)} keys uniformly`;
    case 'zipf':
      return `${formatCount(keys.keys)} keys by zipf ${String(keys.theta)}`;
    case 'hotspot':
      return `${formatCount(keys.keys)} keys, ${String(Math.round(keys.hotShare * 100))} % on one`;
  }
}

/** Names the choice of keys as it would be typed. */
export function describeKeysShortly(keys: KeyChoice): string {
  switch (keys.kind) {
    case 'uncontended':
    case 'single':
      return keys.kind;
    case 'uniform':
      return `uniform:${String(keys.keys)}`;
    case 'zipf':
      return `zipf:${String(keys.keys)}:${String(keys.theta)}`;
    case 'hotspot':
      return `hotspot:${String(keys.keys)}:${String(keys.hotShare)}`;
  }
}

/** Names the load: how many clients, or how many starts per second. */
function describeLoad(scenario: Scenario): string {
  const workers = formatThings(scenario.workers, 'worker');
  if (scenario.ratePerSecond === undefined) {
    return `closed loop of ${formatThings(scenario.concurrency ?? 0, 'client')} on ${workers}`;
  }
  return `open loop of ${formatCount(scenario.ratePerSecond)}/s (${scenario.arrivals}) on ${workers}`;
}

/** Names the load in a column's width: `64 clients` or `500/s`. */
export function describeLoadShortly(scenario: Scenario): string {
  return scenario.ratePerSecond === undefined
    ? formatThings(scenario.concurrency ?? 0, 'client')
    : `${formatCount(scenario.ratePerSecond)}/s`;
}

/** Names the masters: how many, where, and what stands between them and the clients. */
function describeMasters(scenario: Scenario): string {
  const n = masterCount(scenario);
  const origin =
    scenario.endpoints.length > 0
      ? `N=${String(n)} running masters`
      : `N=${String(n)} local ${n === 1 ? 'master' : 'masters'} (${describePersistence(scenario)}, ${scenario.socket})`;
  return [
    origin,
    ...(scenario.rtt.length > 0 ? [`emulated round trip ${describeRoundTrips(scenario.rtt)}`] : []),
    ...(scenario.downMasters.length > 0 ? [`down: master ${scenario.downMasters.join(', ')}`] : []),
  ].join(', ');
}

/** Names the emulated round trips, `2ms` or `2ms ± 0.5ms`; one for each master where they differ. */
export function describeRoundTrips(roundTrips: readonly RoundTrip[]): string {
  const each = roundTrips.map(({ roundTripMs, jitterMs }) =>
    jitterMs === 0 ? formatDurationMs(roundTripMs) : `${formatDurationMs(roundTripMs)} ± ${formatDurationMs(jitterMs)}`,
  );
  return new Set(each).size === 1 ? (each[0] ?? '') : each.join(' | ');
}

/** Names the time for which a lock is held. */
export function describeHold(scenario: Scenario): string {
  const mean = formatDurationMs(scenario.hold.meanMs);
  return scenario.hold.kind === 'exponential' ? `exponential, mean ${mean}` : mean;
}

/** Names how a held lock is waited for. */
function describeWaiting(scenario: Scenario): string {
  if (scenario.acquireTimeoutMs === 0) return 'one attempt each';
  const least = formatDurationMs(scenario.retryDelayMs);
  const most = formatDurationMs(scenario.retryDelayMs + scenario.retryJitterMs);
  return `waiting up to ${formatDurationMs(scenario.acquireTimeoutMs)} (${scenario.wakeUp}, ${least} to ${most})`;
}

function describePersistence(scenario: Scenario): string {
  return scenario.persistence === 'none' ? 'no persistence' : `appendfsync ${scenario.persistence}`;
}
