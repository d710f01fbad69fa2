/**
 * A scenario in words: the subtitle of its charts and the second line of its summary.
 *
 * @module
 */
import { formatAmount, formatCount, formatThings } from '../model/figure-text.js';
import { nameLock } from '../model/measured-lock.js';
import type { Manifest } from '../model/result.js';
import { masterCount, SCENARIO_DEFAULTS, type KeyChoice, type RoundTrip, type Scenario } from '../model/scenario.js';
import { formatDurationMs } from '../model/time.js';

const CLOSED_LOOP_NOTE = 'closed loop: no protection against coordinated omission';

/** What stands beside the latencies of these scenarios, each of them of a run or of an arm: nothing for open loops. */
export function closedLoopNotes(scenarios: readonly Scenario[], noun: 'run' | 'arm' = 'run'): string[] {
  const closed = scenarios.filter(isClosedLoop).length;
  if (closed === 0) return [];
  return [
    closed === scenarios.length
      ? CLOSED_LOOP_NOTE
      : `${String(closed)} of ${formatThings(scenarios.length, noun)}: ${CLOSED_LOOP_NOTE}`,
  ];
}

/** Whether the clients start their next operation when the last one ended, instead of on a schedule. */
export function isClosedLoop(scenario: Scenario): boolean {
  return scenario.ratePerSecond === undefined;
}

/** A scenario, and the lock that was found under its name. */
export type Described = Pick<Manifest, 'scenario' | 'lock'>;

/** Tells a whole scenario in one line: masters, lock, keys, load, timing, length, seed. */
export function describeScenario(run: Described): string {
  return scenarioClauses(run).join(', ');
}

/** The clauses of that line, so that a comparison can tell what its runs share. */
export function scenarioClauses({ scenario, lock }: Described): string[] {
  return [
    describeMasters(scenario),
    `lock ${nameLock(lock)}${describeClient(scenario)}`,
    describeKeys(scenario.keys),
    describeLoad(scenario),
    ...(scenario.killedWorkers.length > 0 ? [describeDeaths(scenario)] : []),
    ...(scenario.faults.length > 0 ? [formatThings(scenario.faults.length, 'fault')] : []),
    `hold ${describeHold(scenario)}`,
    `ttl ${formatDurationMs(scenario.ttlMs)}`,
    `node timeout ${formatDurationMs(scenario.nodeTimeoutMs)}`,
    describeWaiting(scenario),
    `${formatDurationMs(scenario.durationMs)} after ${formatDurationMs(scenario.warmupMs)} of warm-up`,
    `seed ${String(scenario.seed)}`,
  ];
}

/** Other locks bring their own connections, commands and ways of waiting: these settings do not reach them. */
function isOwnClient(scenario: Scenario): boolean {
  return scenario.lock === SCENARIO_DEFAULTS.lock;
}

/** Names how our own client talks to its masters. */
function describeClient(scenario: Scenario): string {
  if (!isOwnClient(scenario)) return '';
  return ` over ${scenario.transport}${scenario.commands === 'auto' ? '' : `, ${scenario.commands} commands`}`;
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
  const bursts = scenario.burst === 1 ? '' : `, bursts of ${formatCount(scenario.burst)}`;
  return `open loop of ${formatAmount(scenario.ratePerSecond)}/s (${scenario.arrivals}${bursts}) on ${workers}`;
}

/** Names the load in a column's width: `64 clients` or `500/s`. */
export function describeLoadShortly(scenario: Scenario): string {
  return scenario.ratePerSecond === undefined
    ? formatThings(scenario.concurrency ?? 0, 'client')
    : `${formatAmount(scenario.ratePerSecond)}/s`;
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
    ...(scenario.serviceRatePerSecond === undefined
      ? []
      : [`each master serves ${describeServiceRate(scenario.serviceRatePerSecond)}`]),
    ...(scenario.downMasters.length > 0 ? [`down: master ${scenario.downMasters.join(', ')}`] : []),
  ].join(', ');
}

/** Names the emulated round trips, `2ms` or `2ms ± 0.5ms`; one for each master and each zone where they differ. */
export function describeRoundTrips(zones: Scenario['rtt']): string {
  const each = zones.map(describeZone);
  return new Set(each).size === 1 ? (each[0] ?? '') : `by zone: ${each.join('; ')}`;
}

function describeZone(roundTrips: readonly RoundTrip[]): string {
  const each = roundTrips.map(({ roundTripMs, jitterMs }) =>
    jitterMs === 0 ? formatDurationMs(roundTripMs) : `${formatDurationMs(roundTripMs)} ± ${formatDurationMs(jitterMs)}`,
  );
  return new Set(each).size === 1 ? (each[0] ?? '') : each.join(' | ');
}

/** Names the speed of emulated masters: `500 requests/s`. */
export function describeServiceRate(ratePerSecond: number): string {
  return `${formatAmount(ratePerSecond)} requests/s`;
}

/** Names the workers that are killed on the way. */
export function describeDeaths({ killedWorkers }: Scenario): string {
  if (killedWorkers.length === 0) return 'nobody killed';
  return killedWorkers.map((death) => `worker ${String(death.worker)} killed while ${death.while}`).join(' and ');
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
  return `waiting up to ${formatDurationMs(scenario.acquireTimeoutMs)} (${isOwnClient(scenario) ? `${scenario.wakeUp}, ` : ''}${least} to ${most})`;
}

function describePersistence(scenario: Scenario): string {
  return scenario.persistence === 'none' ? 'no persistence' : `appendfsync ${scenario.persistence}`;
}
