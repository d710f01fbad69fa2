/**
 * Runs for tests: drawn from seeded lognormal latencies, with the shape of real ones and none of their servers.
 *
 * @module
 */
import { Histogram, type LatencySummary } from '../model/histogram.js';
import { HISTOGRAM_TAGS, type HistogramTag, type IntervalReport } from '../model/interval.js';
import { keyed } from '../model/keyed.js';
import { OPERATION_STATUSES, type OperationStatus } from '../model/operation.js';
import { randomNormal, seededRandom, type Random } from '../model/random.js';
import { SCHEMA_VERSION, type Manifest, type MasterResult, type RunResult, type SeriesPoint } from '../model/result.js';
import { completeScenario, masterCount, type Scenario, type ScenarioInput } from '../model/scenario.js';
import { msToNs, msToS, nsToMs, usToNs, type Ns } from '../model/time.js';

export interface Simulation {
  readonly scenario: ScenarioInput;
  readonly seed: number;
  /** Median of the service time. */
  readonly medianMs: number;
  /** Standard deviation of its logarithm. */
  readonly spread: number;
  /** Mean number of operations per interval. */
  readonly perInterval: number;
  /** Share of operations that are granted. */
  readonly granted: number;
  /** How long the others wait. */
  readonly gaveUpMs: number;
  readonly intervals: number;
  readonly intervalMs: number;
  /** Masters (from 0) that never answer. */
  readonly dead: readonly number[];
}

const USUAL: Simulation = {
  scenario: {},
  seed: 1,
  medianMs: 1.2,
  spread: 0.5,
  perInterval: 500,
  granted: 1,
  gaveUpMs: 10_000,
  intervals: 10,
  intervalMs: 1_000,
  dead: [],
};

export interface SimulatedRun {
  readonly manifest: Manifest;
  readonly intervals: readonly IntervalReport[];
  readonly result: RunResult;
}

/** Draws a run; `changes` are laid over its result, to make the nasty ones. */
export function simulateRun(choice: Partial<Simulation> = {}, changes: Partial<RunResult> = {}): SimulatedRun {
  const simulation = { ...USUAL, ...choice };
  const scenario = completeScenario(
    { name: 'simulated', durationMs: simulation.intervals * simulation.intervalMs, ...simulation.scenario },
    simulation.seed,
  );
  const random = seededRandom(simulation.seed);
  const whole = histogramSet();
  const roundTrips = Array.from({ length: masterCount(scenario) }, () => new Histogram());
  const second = { set: histogramSet(), trips: roundTrips.map(() => new Histogram()) };
  const intervals = Array.from({ length: simulation.intervals }, (_, index) =>
    simulateInterval(simulation, scenario, index, random, { whole, roundTrips, second }),
  );
  const manifest: Manifest = {
    schemaVersion: SCHEMA_VERSION,
    runId: `run-${String(simulation.seed)}`,
    startedAt: '2026-11-21T09:00:00.000Z',
    scenario,
    lock: { name: scenario.lock, version: '4.2.0', isUnsafe: false, flaw: null },
    environment: {
      tool: { name: 'redlock-bench', version: '0.1.0' },
      node: 'v20.20.2',
      platform: 'linux x64',
      kernel: '6.1.0-32-amd64',
      cpuModel: 'AMD EPYC 7B13',
      cores: 2,
      memoryBytes: 8_589_934_592,
      libraries: { ioredis: '6.0.0' },
    },
    masters: roundTrips.map((_, index) => identity(scenario, index)),
  };
  return {
    manifest,
    intervals,
    result: { ...resultOf(manifest, simulation, intervals, whole, roundTrips), ...changes },
  };
}

type HistogramSet = Readonly<Record<HistogramTag, Histogram>>;

interface Recording {
  readonly whole: HistogramSet;
  readonly roundTrips: readonly Histogram[];
  /** Emptied after each interval. */
  readonly second: { readonly set: HistogramSet; readonly trips: readonly Histogram[] };
}

function histogramSet(): HistogramSet {
  return keyed(HISTOGRAM_TAGS, () => new Histogram());
}

function simulateInterval(
  simulation: Simulation,
  scenario: Scenario,
  index: number,
  random: Random,
  { whole, roundTrips, second: { set: second, trips } }: Recording,
): IntervalReport {
  const { medianMs, spread, perInterval, granted, gaveUpMs, intervalMs, dead } = simulation;
  const counts = noCounts();
  const record = (tag: HistogramTag, ms: number): void => {
    second[tag].recordNs(msToNs(ms));
    whole[tag].recordNs(msToNs(ms));
  };
  const operations = Math.round(perInterval * (0.9 + 0.2 * random.next()));
  for (let operation = 0; operation < operations; operation++) {
    trips.forEach((trip, master) => {
      if (dead.includes(master)) return;
      const ns = msToNs(lognormal(random, medianMs * (0.8 + 0.1 * master), spread));
      trip.recordNs(ns);
      roundTrips[master]?.recordNs(ns);
    });
    if (random.next() >= granted) {
      counts[random.next() < 0.8 ? 'held' : 'indeterminate']++;
      record('acquire.gaveUp', lognormal(random, gaveUpMs, 0.02));
      continue;
    }
    counts.acquired++;
    const service = lognormal(random, medianMs, spread);
    const delay = scenario.ratePerSecond === undefined ? 0 : lognormal(random, 0.05, 1);
    record('acquire.service', service);
    record('acquire.scheduleDelay', delay);
    record('acquire.response', service + delay);
    record('release', lognormal(random, medianMs, spread));
    record('hold', scenario.hold.meanMs);
    if (scenario.keys.kind !== 'uncontended') record('handoff', lognormal(random, medianMs * 2, spread));
  }
  const point = pointOf(index, intervalMs, counts, second, trips);
  for (const trip of trips) trip.drain();
  return { point, histograms: keyed(HISTOGRAM_TAGS, (tag) => second[tag].drain()) };
}

function pointOf(
  index: number,
  intervalMs: number,
  counts: Record<OperationStatus, number>,
  second: HistogramSet,
  trips: readonly Histogram[],
): SeriesPoint {
  const quantileNs = (histogram: Histogram, share: number): Ns => usToNs(histogram.quantile(share));
  const ofMasters = (share: number): (Ns | null)[] =>
    trips.map((trip) => (trip.count === 0 ? null : quantileNs(trip, share)));
  return {
    atMs: index * intervalMs,
    lengthMs: intervalMs,
    counts,
    ratePerSecond: counts.acquired / msToS(intervalMs),
    splitVotes: Math.round(Object.values(counts).reduce((sum, count) => sum + count, 0) / 40),
    responseP50Ns: quantileNs(second['acquire.response'], 0.5),
    responseP99Ns: quantileNs(second['acquire.response'], 0.99),
    serviceP50Ns: quantileNs(second['acquire.service'], 0.5),
    serviceP99Ns: quantileNs(second['acquire.service'], 0.99),
    roundTripP50Ns: ofMasters(0.5),
    roundTripP99Ns: ofMasters(0.99),
  };
}

function resultOf(
  manifest: Manifest,
  simulation: Simulation,
  intervals: readonly IntervalReport[],
  whole: HistogramSet,
  roundTrips: readonly Histogram[],
): RunResult {
  const { schemaVersion, runId, startedAt, scenario, lock, environment } = manifest;
  const counts = noCounts();
  for (const { point } of intervals) for (const status of OPERATION_STATUSES) counts[status] += point.counts[status];
  const intended = Object.values(counts).reduce((sum, count) => sum + count, 0);
  const measuredMs = simulation.intervals * simulation.intervalMs;
  const attempts = new Histogram();
  for (let index = 0; index < intended; index++) attempts.record(index % 20 === 0 ? 2 : 1);
  return {
    schemaVersion,
    runId,
    startedAt,
    status: 'complete',
    incidents: [],
    scenario,
    lock,
    environment,
    masters: manifest.masters.map((master, index) => masterResult(master, roundTrips[index], intended)),
    measuredMs,
    acquire: {
      counts,
      successRatio: intended === 0 ? 0 : counts.acquired / intended,
      ratePerSecond: counts.acquired / msToS(measuredMs),
      response: whole['acquire.response'].summarizeLatency(),
      service: whole['acquire.service'].summarizeLatency(),
      scheduleDelay: whole['acquire.scheduleDelay'].summarizeLatency(),
      gaveUp: whole['acquire.gaveUp'].summarizeLatency(),
      unfinished: { count: counts.unfinished, oldestNs: 0 },
    },
    release: { ...whole.release.summarizeLatency(), counts: { released: counts.acquired, lost: 0, indeterminate: 0 } },
    hold: whole.hold.summarizeLatency(),
    handoff: whole.handoff.summarizeLatency(),
    validityMs: validityOf(counts.acquired),
    attempts: {
      total: intended + Math.ceil(intended / 20),
      perAcquisition: attempts.summarizeQuantity(),
      splitVotes: intervals.reduce((sum, { point }) => sum + point.splitVotes, 0),
      wakeUps: 0,
      margins: null,
    },
    inFlight: { mean: 61.4, max: 64 },
    fairness: scenario.ratePerSecond === undefined ? { jain: 0.998, minPerClient: 2_400, maxPerClient: 2_600 } : null,
    health: {
      verdict: 'valid',
      reasons: [],
      eventLoopUtilization: 0.62,
      eventLoopDelay: { p50Ns: 80_000, p99Ns: 900_000, maxNs: 4_200_000 },
      gcShare: 0.011,
      generatorCpuSeconds: 6.1,
      serverCpuSeconds: 4.4,
      otherCpuSeconds: 0.3,
      cpuSpanSeconds: 10,
      achievedOverOffered: 1,
      isRateLowerBound: false,
    },
    safety: {
      verdict: 'none-observed',
      contract: [],
      contractCount: 0,
      overruns: 0,
      grantedExpired: 0,
      witnessed: counts.acquired,
      leakedKeys: 0,
      keysWithoutTtl: 0,
      history: null,
      reasons: [],
    },
    thresholds: [{ expression: 'acquire.response: p(99)<25ms', value: msToNs(4.31), passed: true }],
    series: intervals.map(({ point }) => point),
    faults: [],
    exitCode: 0,
  };
}

function masterResult(
  master: Manifest['masters'][number],
  roundTrip: Histogram | undefined,
  intended: number,
): MasterResult {
  const summary: LatencySummary = (roundTrip ?? new Histogram()).summarizeLatency();
  const isDead = summary.count === 0;
  return {
    ...master,
    roundTrip: summary,
    timeouts: isDead ? intended : 0,
    errors: 0,
    cpuSeconds: isDead ? 0 : 1.46,
    commands: isDead ? {} : { set: summary.count, evalsha: summary.count },
    peakMemoryBytes: isDead ? 0 : 1_648_000,
    reachableAtEnd: !isDead,
  };
}

function identity(scenario: Scenario, index: number): Manifest['masters'][number] {
  return {
    endpoint: scenario.endpoints[index] ?? `redis://127.0.0.1:${String(40_001 + index)}`,
    server: 'redis',
    version: '7.0.15',
    runId: `${'0123456789abcdef'.repeat(2)}${String(index)}`,
    spawned: scenario.endpoints.length === 0,
    config: { save: '', appendonly: 'no', 'maxmemory-policy': 'noeviction' },
  };
}

function validityOf(count: number): RunResult['validityMs'] {
  const histogram = new Histogram();
  for (let index = 0; index < count; index++) histogram.record(9_896 - (index % 4));
  return histogram.summarizeQuantity();
}

function noCounts(): Record<OperationStatus, number> {
  return keyed(OPERATION_STATUSES, () => 0);
}

/** A lognormal time, at least a microsecond. */
function lognormal(random: Random, medianMs: number, spread: number): number {
  return Math.max(medianMs * Math.exp(spread * randomNormal(random)), nsToMs(usToNs(1)));
}
