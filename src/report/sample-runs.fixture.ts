/**
 * The runs that tests draw: the usual ones, and those that break charts and tables.
 *
 * @module
 */
import type { RunResult } from '../model/result.js';
import { msToNs } from '../model/time.js';
import { crowdedFaults } from './sample-chaos.fixture.js';
import { simulateRun } from './simulated-run.fixture.js';

/** N=1, 3 and 5, each with uncontended keys and with one key for all; fewer operations than real ones. */
export function comparedRuns(): RunResult[] {
  return [1, 3, 5].flatMap((masters) => [
    simulateRun({
      seed: masters,
      perInterval: 300,
      medianMs: 0.5 + 0.15 * masters,
      scenario: { masters, keys: { kind: 'uncontended' }, concurrency: 64, workers: 2 },
    }).result,
    simulateRun({
      seed: masters + 10,
      perInterval: 110,
      medianMs: 40 + 8 * masters,
      spread: 1.1,
      granted: 0.93 - 0.03 * masters,
      gaveUpMs: 1_000,
      scenario: { masters, keys: { kind: 'single' }, concurrency: 64, workers: 2, acquireTimeoutMs: 1_000 },
    }).result,
  ]);
}

/** More runs than there are colours, a minute each: locks of more and more clients, each on one, three and five masters. */
export function crowdOfRuns(count: number): RunResult[] {
  return Array.from(
    { length: count },
    (_, index) =>
      simulateRun({
        seed: index + 1,
        intervals: 60,
        perInterval: 60 + 8 * index,
        medianMs: 0.6 + 0.15 * index,
        spread: 0.4 + 0.02 * index,
        granted: index % 4 === 3 ? 0.95 : 1,
        gaveUpMs: 1_000,
        scenario: {
          masters: [1, 3, 5][index % 3] ?? 1,
          keys: index % 2 === 0 ? { kind: 'uncontended' } : { kind: 'single' },
          concurrency: 8 * (1 + Math.floor(index / 3)),
          acquireTimeoutMs: 1_000,
        },
      }).result,
  );
}

/** An open loop of five masters with drops, failures, a slow tail. */
export function openLoopRun(): RunResult {
  return simulateRun({
    seed: 7,
    perInterval: 500,
    spread: 0.8,
    granted: 0.985,
    gaveUpMs: 1_000,
    scenario: {
      masters: 5,
      ratePerSecond: 500,
      arrivals: 'poisson',
      keys: { kind: 'zipf', keys: 1_000, theta: 0.99 },
      hold: { kind: 'exponential', meanMs: 5 },
      rtt: [[{ roundTripMs: 2, jitterMs: 0.5 }]],
      acquireTimeoutMs: 1_000,
    },
  }).result;
}

/** Every master is silent: no acquisition succeeds. */
export function hopelessRun(): RunResult {
  return simulateRun({ seed: 8, perInterval: 40, granted: 0, gaveUpMs: 200, dead: [0, 1, 2] }).result;
}

/** Addresses longer than any axis, one dead master, a mutual exclusion that broke, and an invalid generator. */
export function nastyRun(): RunResult {
  const endpoints = [
    'rediss://redis-master-0.redis-headless.a-rather-long-namespace.svc.cluster.local:6379',
    'rediss://redis-master-1.redis-headless.a-rather-long-namespace.svc.cluster.local:6379',
    'redis://[2001:db8:85a3::8a2e:370:7334]:6379',
  ];
  const { result } = simulateRun({
    seed: 9,
    perInterval: 300,
    dead: [1],
    scenario: {
      endpoints,
      ratePerSecond: 300,
      burst: 2,
      workers: 2,
      killedWorkers: [{ worker: 2, while: 'holding' }],
      name: '</script><b>&"\'',
      keys: { kind: 'hotspot', keys: 12, hotShare: 0.5 },
    },
  });
  const overlap = { keyIndex: 3, holder: '0.4', intruder: '1.2', atNs: msToNs(1_234), promiseLeftNs: msToNs(9_400) };
  return {
    ...result,
    incidents: ['worker 2 died: out of memory <heap>'],
    health: {
      ...result.health,
      verdict: 'invalid',
      reasons: [
        'p99 of the schedule delay was 48.0 ms, above the larger of 2 ms and 10 % of the p99 response (3.20 ms), while the in-flight cap had room: the generator was late; use more --workers',
      ],
    },
    safety: {
      ...result.safety,
      verdict: 'violation',
      contract: [overlap],
      contractCount: 17,
      overruns: 3,
      leakedKeys: 2,
      keysWithoutTtl: 1,
    },
    thresholds: [
      { expression: 'acquire.response: p(99)<1ms', value: msToNs(4.6), passed: false },
      { expression: 'acquire.successRatio>99.9%', value: 1, passed: true },
    ],
    exitCode: 3,
  };
}

/** A handful of operations, half a second long, and waits of ten minutes. */
export function tinyRun(): RunResult {
  const { result } = simulateRun({
    seed: 11,
    perInterval: 3,
    intervals: 1,
    intervalMs: 500,
    medianMs: 599_000,
    spread: 0.3,
    scenario: { masters: 1, keys: { kind: 'single' }, concurrency: 3, acquireTimeoutMs: 900_000, ttlMs: 60_000 },
  });
  return {
    ...result,
    status: 'interrupted',
    acquire: {
      ...result.acquire,
      counts: { ...result.acquire.counts, unfinished: 1 },
      successRatio: result.acquire.counts.acquired / (result.acquire.counts.acquired + 1),
      unfinished: { count: 1, oldestNs: msToNs(600_000) },
    },
    health: {
      ...result.health,
      verdict: 'suspect',
      reasons: ['the busiest worker was busy 97 % of the time (limit 90 %)'],
      isRateLowerBound: true,
    },
    safety: {
      ...result.safety,
      verdict: 'unknown',
      reasons: ['the witness was not asked'],
      leakedKeys: null,
      keysWithoutTtl: null,
    },
    exitCode: 130,
  };
}

/** Thirty seconds under seven faults: a dip that comes back, one that does not, and margins of five masters. */
export function faultyRun(): RunResult {
  const { result } = simulateRun({
    seed: 13,
    intervals: 30,
    perInterval: 200,
    scenario: { masters: 5, ratePerSecond: 200, keys: { kind: 'uniform', keys: 100 } },
  });
  const series = result.series.map((point, second) => {
    const share = second >= 5 && second < 10 ? 0.25 : second >= 24 ? 0.1 : 1;
    const acquired = Math.round(point.counts.acquired * share);
    const counts = { ...point.counts, acquired, indeterminate: point.counts.acquired - acquired };
    return { ...point, counts, ratePerSecond: acquired };
  });
  return {
    ...result,
    series,
    faults: crowdedFaults(),
    attempts: { ...result.attempts, margins: [0, 40, 160, 4_800] },
    safety: {
      ...result.safety,
      grantedExpired: 3,
      history: {
        operations: 6_120,
        holds: 5_890,
        contractCount: 0,
        overruns: 2,
        grantedExpired: 3,
        unchecked: 4,
        agreesWithWitness: true,
      },
    },
  };
}
