/**
 * A scenario: everything that defines a run. The only home of defaults.
 *
 * @module
 */
import { expandFaults, type AskedFault, type ScheduledFault } from './fault.js';
import { findFaultProblems } from './fault-schedule.js';
import { formatDurationMs } from './time.js';

export type Persistence = 'none' | 'everysec' | 'always';
export type SocketKind = 'tcp' | 'unix';
export type Arrivals = 'poisson' | 'constant';
export type Transport = 'ioredis' | 'wire';
/** Which commands release and extend: the server's own compare-and-set where it has them, or Lua. */
export type Commands = 'auto' | 'native' | 'lua';
export type WakeUp = 'notify' | 'poll';

/** Which keys the operations lock. `uncontended`: every client slot has a key of its own and reuses it. */
export type KeyChoice =
  | { readonly kind: 'uncontended' }
  | { readonly kind: 'single' }
  | { readonly kind: 'uniform'; readonly keys: number }
  | { readonly kind: 'zipf'; readonly keys: number; readonly theta: number }
  | { readonly kind: 'hotspot'; readonly keys: number; readonly hotShare: number };

/** How long a lock is held: `constant`, or `exponential` with this mean. */
export interface HoldTime {
  readonly kind: 'constant' | 'exponential';
  readonly meanMs: number;
}

/** A delay that a proxy adds in front of one master: a round trip, and the half-width of its uniform jitter. */
export interface RoundTrip {
  readonly roundTripMs: number;
  readonly jitterMs: number;
}

/** A worker that is killed in the middle of the measured window, as a crash would. */
export interface WorkerDeath {
  /** Counted from 1. */
  readonly worker: number;
  /** `holding`: as soon as one of its clients holds a key. `acquiring`: at once, whatever its clients do. */
  readonly while: 'holding' | 'acquiring';
}

/** Everything that defines a run. */
export interface Scenario {
  readonly name: string;
  /** How many local masters the run spawns; ignored when `endpoints` names running ones. */
  readonly masters: number;
  /** URLs of running masters, credentials included; never written anywhere without redaction. */
  readonly endpoints: readonly string[];
  /** Hosts beyond this machine that the user allowed by name. */
  readonly allowRemote: readonly string[];
  /** Accept masters that other clients are using. */
  readonly allowShared: boolean;
  /** Path of the certificates of the authorities that may have signed the masters', in PEM; undefined: those of Node. */
  readonly tlsCa: string | undefined;
  /** Path of the client's own certificate, in PEM, for masters that ask for one; together with `tlsKey`. */
  readonly tlsCert: string | undefined;
  /** Path of its private key, in PEM, without a passphrase. */
  readonly tlsKey: string | undefined;
  /** Path of the server binary, or undefined to look for one. */
  readonly server: string | undefined;
  readonly persistence: Persistence;
  readonly socket: SocketKind;
  /**
   * Emulated round trips: a list for each zone, with one round trip for all masters or one for each. None = no zone. Worker
   * w, counted from 0, stands in zone w mod zones.
   */
  readonly rtt: readonly (readonly RoundTrip[])[];
  /**
   * Emulated masters of this speed: a proxy before each lets so many requests a second through, one after another.
   * Undefined: as fast as they are.
   */
  readonly serviceRatePerSecond: number | undefined;
  /** Masters (1-based) that are killed once every worker is connected and stay down: spawned masters only. */
  readonly downMasters: readonly number[];
  /** Workers that are killed on the way; one of them at least must survive. */
  readonly killedWorkers: readonly WorkerDeath[];
  /** What is injected while the run goes on: spawned masters only. */
  readonly faults: readonly ScheduledFault[];
  readonly lock: string;
  readonly transport: Transport;
  readonly commands: Commands;
  readonly ttlMs: number;
  readonly nodeTimeoutMs: number;
  /** How long an acquisition may wait for a held lock; 0 = one attempt. */
  readonly acquireTimeoutMs: number;
  readonly retryDelayMs: number;
  readonly retryJitterMs: number;
  readonly wakeUp: WakeUp;
  readonly workers: number;
  /** Closed loop: how many clients. Undefined in an open loop. */
  readonly concurrency: number | undefined;
  /** Open loop: intended starts per second. Undefined in a closed loop. */
  readonly ratePerSecond: number | undefined;
  readonly arrivals: Arrivals;
  /** Open loop: how many operations begin at the same intended instant; the rate stays operations per second. */
  readonly burst: number;
  /** Open loop: how many operations may be under way at once; starts beyond it are dropped and counted. */
  readonly inFlight: number;
  readonly keys: KeyChoice;
  readonly hold: HoldTime;
  readonly allowOverrun: boolean;
  readonly warmupMs: number;
  readonly durationMs: number;
  /** Record every operation, so that the run can be checked again from its folder. */
  readonly history: boolean;
  readonly seed: number;
  /** Thresholds in k6's manner, such as `acquire.response: p(99)<25ms`. */
  readonly thresholds: readonly string[];
}

/** What a user may leave out: everything. And a fault may be one of all masters, whose number is not known yet. */
export type ScenarioInput = {
  readonly [Key in keyof Scenario]?: (Key extends 'faults' ? readonly AskedFault[] : Scenario[Key]) | undefined;
};

/** Every default of the tool except the seed, which is drawn afresh for each run and printed. */
export const SCENARIO_DEFAULTS: Omit<Scenario, 'seed'> = {
  name: 'custom',
  masters: 3,
  endpoints: [],
  allowRemote: [],
  allowShared: false,
  tlsCa: undefined,
  tlsCert: undefined,
  tlsKey: undefined,
  server: undefined,
  persistence: 'none',
  socket: 'tcp',
  rtt: [],
  serviceRatePerSecond: undefined,
  downMasters: [],
  killedWorkers: [],
  faults: [],
  lock: 'redlock',
  transport: 'ioredis',
  commands: 'auto',
  ttlMs: 10_000,
  nodeTimeoutMs: 50,
  acquireTimeoutMs: 10_000,
  retryDelayMs: 5,
  retryJitterMs: 45,
  wakeUp: 'notify',
  workers: 1,
  concurrency: undefined,
  ratePerSecond: undefined,
  arrivals: 'poisson',
  burst: 1,
  inFlight: 1_000,
  keys: { kind: 'uncontended' },
  hold: { kind: 'constant', meanMs: 0 },
  allowOverrun: false,
  warmupMs: 1_000,
  durationMs: 10_000,
  history: false,
  thresholds: [],
};

/** How many clients a closed loop has when nobody says. */
export const DEFAULT_CONCURRENCY = 16;

/** Lays what the user asked for over the defaults. Without a rate the loop is closed. */
export function completeScenario(input: ScenarioInput, seed: number): Scenario {
  const given = Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined));
  const asked: Scenario = { ...SCENARIO_DEFAULTS, seed, ...given };
  // A number of masters that is refused later must not make as many faults before.
  const scenario = { ...asked, faults: expandFaults(input.faults ?? [], Math.min(masterCount(asked), MOST_MASTERS)) };
  const isClosed = scenario.ratePerSecond === undefined && scenario.concurrency === undefined;
  return Object.freeze(isClosed ? { ...scenario, concurrency: DEFAULT_CONCURRENCY } : scenario);
}

/** The number of masters of a run, spawned or external. */
export function masterCount(scenario: Scenario): number {
  return scenario.endpoints.length > 0 ? scenario.endpoints.length : scenario.masters;
}

/** Also what a lock says that takes any number. */
export const MOST_MASTERS = 99;
const MAX_WORKERS = 64;
const MAX_KEYS = 1_000_000;
const MAX_RATE = 1_000_000;
const MAX_IN_FLIGHT = 1_000_000;
const MAX_DURATION_MS = 24 * 3_600_000;
/** A per-node timeout beyond this share of the ttl leaves too little validity after one slow master. */
const NODE_TIMEOUT_SHARE = 0.2;

/** Checks a scenario and returns every problem at once, each with what was expected, what was got, and the fix. */
export function validateScenario(scenario: Scenario): string[] {
  const problems: string[] = [];
  const refuse = (isWrong: boolean, problem: string): void => {
    if (isWrong) problems.push(problem);
  };
  const n = masterCount(scenario);

  checkWhole('--masters', scenario.masters, 1, MOST_MASTERS, problems);
  checkWhole('--workers', scenario.workers, 1, MAX_WORKERS, problems);
  checkWhole('--seed', scenario.seed, 0, 4_294_967_295, problems);
  checkDuration('--ttl', scenario.ttlMs, 1, problems);
  checkDuration('--node-timeout', scenario.nodeTimeoutMs, 1, problems);
  checkDuration('--acquire-timeout', scenario.acquireTimeoutMs, 0, problems);
  checkDuration('--retry-delay', scenario.retryDelayMs, 0, problems);
  checkDuration('--retry-jitter', scenario.retryJitterMs, 0, problems);
  checkDuration('--warmup', scenario.warmupMs, 0, problems);
  checkDuration('--duration', scenario.durationMs, 1, problems);
  checkDuration('--hold', scenario.hold.meanMs, 0, problems);
  checkLoad(scenario, problems);
  checkKeys(scenario.keys, problems);
  checkRoundTrips(scenario, problems);
  checkServiceRate(scenario, problems);
  checkKilledWorkers(scenario, problems);
  checkTls(scenario, problems);
  problems.push(
    ...findFaultProblems({
      ...scenario,
      masters: n,
      areMastersSpawned: scenario.endpoints.length === 0,
      killedWorkers: scenario.killedWorkers.map(({ worker }) => worker),
    }),
  );

  refuse(
    scenario.nodeTimeoutMs > scenario.ttlMs * NODE_TIMEOUT_SHARE,
    `--node-timeout: expected at most a fifth of --ttl ${formatDurationMs(scenario.ttlMs)}, got ${formatDurationMs(scenario.nodeTimeoutMs)}; ` +
      `one silent master would eat the validity: ${adviseNodeTimeout(scenario.ttlMs)}`,
  );
  refuse(
    scenario.hold.meanMs >= scenario.ttlMs && !scenario.allowOverrun,
    `--hold: expected less than --ttl ${formatDurationMs(scenario.ttlMs)}, got ${formatDurationMs(scenario.hold.meanMs)}; ` +
      'the lock would expire while it is held: use a longer --ttl, or --allow-overrun to see what happens then',
  );
  refuse(
    scenario.retryDelayMs === 0 && scenario.retryJitterMs === 0 && scenario.acquireTimeoutMs > 0,
    '--retry-delay, --retry-jitter: expected at least one above 0ms, got 0ms for both; ' +
      'a waiter would retry in a busy loop: use --retry-jitter 45ms, or --acquire-timeout 0ms for a single attempt',
  );
  for (const master of scenario.downMasters) {
    refuse(
      !Number.isInteger(master) || master < 1 || master > n,
      `downMasters: expected a master between 1 and ${String(n)}, got ${String(master)}`,
    );
  }
  refuse(
    scenario.downMasters.length > 0 && scenario.endpoints.length > 0,
    '--endpoint: expected masters spawned by this run, because the scenario takes one down, got --endpoint; use --masters',
  );
  refuse(
    scenario.server !== undefined && scenario.endpoints.length > 0,
    '--server: expected with --masters, got it with --endpoint; nothing is spawned when endpoints are given: drop one of the two',
  );
  return problems;
}

function adviseNodeTimeout(ttlMs: number): string {
  const longestMs = Math.floor(ttlMs * NODE_TIMEOUT_SHARE);
  return longestMs < 1 ? 'use a longer --ttl' : `use --node-timeout ${formatDurationMs(longestMs)} or a longer --ttl`;
}

function checkLoad(scenario: Scenario, problems: string[]): void {
  const { concurrency, ratePerSecond, workers } = scenario;
  if (concurrency !== undefined && ratePerSecond !== undefined) {
    problems.push(
      `--rate, --concurrency: expected one of the two, got --rate ${String(ratePerSecond)} and --concurrency ${String(concurrency)}; ` +
        '--rate is an open loop (latency), --concurrency a closed one (throughput): drop one',
    );
  }
  if (concurrency !== undefined) {
    checkWhole('--concurrency', concurrency, 1, MAX_IN_FLIGHT, problems);
    if (concurrency < workers) {
      problems.push(
        `--workers: expected at most --concurrency ${String(concurrency)}, got ${String(workers)}; ` +
          `a worker without a client has nothing to do: use --workers ${String(Math.max(1, concurrency))}`,
      );
    }
  }
  if (ratePerSecond !== undefined) {
    if (!(Number.isFinite(ratePerSecond) && ratePerSecond > 0 && ratePerSecond <= MAX_RATE)) {
      problems.push(
        `--rate: expected operations per second above 0 and at most ${String(MAX_RATE)}, got ${String(ratePerSecond)}; use --rate 500`,
      );
    }
    checkWhole('--in-flight', scenario.inFlight, workers, MAX_IN_FLIGHT, problems);
    checkWhole('--burst', scenario.burst, 1, MAX_IN_FLIGHT, problems);
    if (scenario.burst > scenario.inFlight) {
      problems.push(
        `--burst: expected at most --in-flight ${String(scenario.inFlight)}, got ${String(scenario.burst)}; ` +
          `the rest of each burst would be dropped: use --in-flight ${String(scenario.burst)}`,
      );
    }
  }
}

function checkRoundTrips(scenario: Scenario, problems: string[]): void {
  const { rtt, workers } = scenario;
  const n = masterCount(scenario);
  if (rtt.length > Math.max(1, workers)) {
    problems.push(
      `--rtt: expected at most one zone for each of ${String(workers)} workers, got ${String(rtt.length)}; ` +
        `nobody would stand in the others: use --workers ${String(rtt.length)}`,
    );
  }
  for (const zone of rtt) {
    if (zone.length === 1 || zone.length === n) continue;
    problems.push(
      `--rtt: expected one round trip for all masters or one for each of ${String(n)}, got ${String(zone.length)}`,
    );
  }
  for (const { roundTripMs, jitterMs } of rtt.flat()) {
    if (!(Number.isFinite(roundTripMs) && roundTripMs >= 0 && roundTripMs <= MAX_DURATION_MS)) {
      problems.push(`--rtt: expected a duration such as 2ms, got ${String(roundTripMs)}ms`);
    }
    if (!(jitterMs >= 0 && jitterMs <= roundTripMs)) {
      problems.push(
        `--rtt: expected a jitter between 0ms and the round trip ${formatDurationMs(roundTripMs)}, got ${String(jitterMs)}ms`,
      );
    }
  }
}

function checkServiceRate({ serviceRatePerSecond }: Scenario, problems: string[]): void {
  if (serviceRatePerSecond === undefined) return;
  if (serviceRatePerSecond > 0 && serviceRatePerSecond <= MAX_RATE) return;
  problems.push(
    `--service-rate: expected requests per second above 0 and at most ${String(MAX_RATE)}, got ${String(serviceRatePerSecond)}; ` +
      'use --service-rate 1000, or leave it out for masters at their own speed',
  );
}

function checkTls({ endpoints, tlsCa, tlsCert, tlsKey }: Scenario, problems: string[]): void {
  if ((tlsCert === undefined) !== (tlsKey === undefined)) {
    const [given, missing] = tlsKey === undefined ? ['--tls-cert', '--tls-key'] : ['--tls-key', '--tls-cert'];
    problems.push(`${missing}: expected with ${given}, got only that; a certificate and its private key go together`);
  }
  if ([tlsCa, tlsCert, tlsKey].every((file) => file === undefined)) return;
  if (endpoints.some((url) => /^rediss:/i.test(url))) return;
  problems.push(
    '--tls-ca, --tls-cert, --tls-key: expected an --endpoint that begins with rediss://, got none; ' +
      'nothing else speaks TLS: correct the URL, or drop them',
  );
}

function checkKilledWorkers({ killedWorkers, workers }: Scenario, problems: string[]): void {
  if (killedWorkers.length === 0) return;
  const killed = new Set(killedWorkers.map(({ worker }) => worker));
  const least = Math.max(...killed, killed.size + 1);
  if (workers < least) {
    problems.push(
      `--workers: expected at least ${String(least)}, got ${String(workers)}; the scenario kills worker ` +
        `${[...killed].join(', ')}, and one of them must survive: use --workers ${String(least)}`,
    );
  }
  if (killed.size < killedWorkers.length || ![...killed].every((worker) => Number.isInteger(worker) && worker >= 1)) {
    problems.push(
      `killedWorkers: expected different whole numbers from 1, got ${killedWorkers.map(({ worker }) => worker).join(', ')}`,
    );
  }
}

function checkKeys(keys: KeyChoice, problems: string[]): void {
  if (keys.kind === 'uncontended' || keys.kind === 'single') return;
  checkWhole(`--keys ${keys.kind}`, keys.keys, keys.kind === 'uniform' ? 1 : 2, MAX_KEYS, problems);
  if (keys.kind === 'zipf' && !(keys.theta > 0 && keys.theta <= 10)) {
    problems.push(
      `--keys zipf: expected a theta above 0 and at most 10, got ${String(keys.theta)}; use zipf:1000:0.99`,
    );
  }
  if (keys.kind === 'hotspot' && !(keys.hotShare >= 0 && keys.hotShare <= 1)) {
    problems.push(
      `--keys hotspot: expected a share between 0 and 1, got ${String(keys.hotShare)}; use hotspot:1000:0.5 for half of all operations on one key`,
    );
  }
}

function checkWhole(flag: string, value: number, least: number, most: number, problems: string[]): void {
  if (!Number.isInteger(value) || value < least || value > most) {
    problems.push(
      `${flag}: expected a whole number between ${String(least)} and ${String(most)}, got ${String(value)}`,
    );
  }
}

function checkDuration(flag: string, valueMs: number, leastMs: number, problems: string[]): void {
  if (!Number.isFinite(valueMs) || valueMs < leastMs || valueMs > MAX_DURATION_MS) {
    problems.push(
      `${flag}: expected a duration between ${formatDurationMs(leastMs)} and 1440m, got ${Number.isFinite(valueMs) ? formatDurationMs(valueMs) : String(valueMs)}`,
    );
  }
}
