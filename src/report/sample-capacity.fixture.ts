/**
 * Searches for capacity that tests draw: one that found a bracket, one whose generator gave out first, and broken ones.
 *
 * @module
 */
import type { CapacityReport, CapacityStep, Scaling, StepPurpose, StepVerdict } from '../model/capacity.js';
import { completeScenario } from '../model/scenario.js';
import { msToNs } from '../model/time.js';

const SEED = 42;
const CAPACITY_PER_SECOND = 4_900;
const LIMIT_MS = 10;
const SLO = [`acquire.response: p(99)<${String(LIMIT_MS)}ms`, 'acquire.successRatio>99.9%'];

/** Three masters of which one is slowed down, searched through growth, bisection and shuffled confirmations. */
export function sampleCapacity(): CapacityReport {
  const plan: readonly (readonly [StepPurpose, number, StepVerdict])[] = [
    ['growth', 500, 'met'],
    ['growth', 1_000, 'met'],
    ['growth', 2_000, 'unsettled'],
    ['growth', 2_000, 'met'],
    ['growth', 4_000, 'invalid'],
    ['growth', 4_000, 'met'],
    ['growth', 8_000, 'missed'],
    ['bisection', 5_657, 'missed'],
    ['bisection', 4_757, 'met'],
    ['bisection', 5_187, 'missed'],
    ['bisection', 4_968, 'missed'],
    ['confirmation', 4_968, 'missed'],
    ['confirmation', 4_757, 'met'],
    ['confirmation', 4_757, 'met'],
    ['confirmation', 4_968, 'missed'],
    ['confirmation', 4_968, 'missed'],
    ['confirmation', 4_757, 'met'],
  ];
  const steps = plan.map(([purpose, ratePerSecond, verdict], index) =>
    sampleStep({ number: index + 1, purpose, ratePerSecond, verdict, workers: index < 5 ? 1 : 2 }),
  );
  return {
    schemaVersion: 1,
    kind: 'capacity',
    title: 'capacity of three masters',
    startedAt: '2026-01-02T03:04:05.000Z',
    status: 'complete',
    seed: SEED,
    scenario: completeScenario(
      { name: 'sample', masters: 3, ratePerSecond: 500, durationMs: 5_000, thresholds: SLO },
      SEED,
    ),
    lock: 'redlock (redlock-bench 0.1.0)',
    isUnsafe: false,
    flaw: null,
    slo: SLO,
    precision: 0.05,
    steps,
    answer: {
      kind: 'bracket',
      meetsPerSecond: 4_757,
      missesPerSecond: 4_968,
      confirmed: { meets: { agreed: 3, of: 3 }, misses: { agreed: 3, of: 3 } },
    },
    bottleneck: {
      kind: 'master-cpu',
      master: 2,
      explanation:
        'Master 2 limits: its CPU was 97 % of a core at 4,968/s, and that of the next busiest master 61 %. A Redis server uses one core for commands.',
      alsoAtLimit: [],
      ruledOut: [
        'The generator: its busiest event loop was 48 % busy, and starts were late by 0.21 ms at p99.',
        'The round trip: 0.11 ms of the 2.40 ms that the median response took at 4,757/s.',
        'The key: each client slot has a key of its own.',
      ],
    },
    knee: { method: 'power', ratePerSecond: 4_000, responseP50Ns: msToNs(1.1) },
    scaling: sampleScaling(),
    keyCeiling: null,
    headroom: {
      expectedPerSecond: 3_000,
      share: 4_757 / 3_000 - 1,
      sentence: 'At the expected 3,000/s there is 58.6 % of headroom up to 4,757/s.',
    },
    littleDeviation: 0.021,
    escalations: ['2 workers instead of 1 from step 6 on, because step 5 was invalid'],
    violations: [],
    statements: [
      'These masters serve between 4,757/s and 4,968/s within acquire.response: p(99)<10ms and acquire.successRatio>99.9%; 3 of 3 repetitions met it at the lower end and 3 of 3 missed it at the upper end.',
      'Master 2 limits: its CPU was 97 % of a core at 4,968/s.',
      'At the expected 3,000/s there is 58.6 % of headroom up to 4,757/s.',
      'What happens when a master fails at this rate is not from this data.',
    ],
    warnings: ['All masters and the generator share this machine: on machines of their own, masters serve more.'],
    exitCode: 0,
  };
}

/** Everything that the machine could offer was met, and the generator gave out first; the closed loop has no peak. */
export function generatorBoundCapacity(): CapacityReport {
  const sample = sampleCapacity();
  const evidence =
    'With 2 workers over wire the generator started 12.4 ms late at p99 at 8,000/s, although the in-flight cap had room.';
  return {
    ...sample,
    title: 'bound by the generator',
    steps: [
      ...sample.steps.slice(0, 6),
      ...[7, 8].map((number) =>
        sampleStep({ number, purpose: 'growth', ratePerSecond: 8_000, verdict: 'invalid', workers: 2 }),
      ),
      ...[9, 10, 11].map((number) =>
        sampleStep({ number, purpose: 'confirmation', ratePerSecond: 4_000, verdict: 'met', workers: 2 }),
      ),
    ],
    answer: {
      kind: 'at-least',
      meetsPerSecond: 4_000,
      confirmed: { meets: { agreed: 3, of: 3 } },
      limit: 'generator',
      evidence,
    },
    bottleneck: {
      kind: 'generator',
      master: null,
      explanation: `The generator limits. ${evidence}`,
      alsoAtLimit: [],
      ruledOut: [],
    },
    knee: null,
    headroom: null,
    scaling: refusedScaling(),
    statements: ['These masters serve at least 4,000/s within the SLO; more could not be offered.', evidence],
  };
}

/** A lock that broke its promise on the way, on external masters whose CPU nobody tells, with a key of its own limit. */
export function brokenCapacity(): CapacityReport {
  const sample = sampleCapacity();
  const violation = 'hasty 2.1.0 broke mutual exclusion in 2 of 4 steps (7 overlaps), first in step 3 at 2,000/s.';
  return {
    ...sample,
    title: '</script><b>&"\'',
    lock: 'hasty 2.1.0',
    isUnsafe: true,
    flaw: 'it never asks how long it waited',
    scenario: completeScenario({ name: 'sample', masters: 1, lock: 'hasty', ratePerSecond: 500 }, SEED),
    steps: sample.steps.slice(0, 4).map((step, index) => ({
      ...step,
      masterCpu: [null],
      otherCores: null,
      verdict: 'missed',
      reasons: ['the p99 response was 14.2 ms, expected below 10 ms'],
      ...(index < 2 ? {} : { safety: 'violation', contractCount: index + 1 }),
    })),
    answer: { kind: 'below', missesPerSecond: 500, evidence: null },
    bottleneck: {
      kind: 'key',
      master: null,
      explanation: 'One key is handed on at most 167 times a second.',
      alsoAtLimit: [],
      ruledOut: [],
    },
    knee: null,
    headroom: null,
    scaling: null,
    keyCeiling: {
      acquireNs: msToNs(0.5),
      holdNs: msToNs(5),
      releaseNs: msToNs(0.2),
      handoffNs: msToNs(0.3),
      predictedPerSecond: 166.7,
      measuredPerSecond: 151.2,
      keyShare: 1,
    },
    violations: [violation],
    statements: [violation, 'The SLO was missed at 500/s already, the lowest rate that was tried.'],
    exitCode: 3,
  };
}

/** Interrupted before its first step was over. */
export function emptyCapacity(): CapacityReport {
  return {
    ...sampleCapacity(),
    title: 'interrupted at once',
    status: 'interrupted',
    steps: [],
    answer: { kind: 'unknown', reason: 'no step was over when the search was interrupted' },
    bottleneck: { kind: 'unknown', master: null, explanation: 'no step was over.', alsoAtLimit: [], ruledOut: [] },
    knee: null,
    scaling: null,
    headroom: null,
    littleDeviation: null,
    escalations: [],
    statements: [],
    warnings: [],
    exitCode: 130,
  };
}

type Planned = Pick<CapacityStep, 'number' | 'purpose' | 'ratePerSecond' | 'verdict' | 'workers'>;

/** Times that grow with the load as those of a queue do; a step beyond the capacity has waits that grow on. */
function sampleStep({ number, purpose, ratePerSecond, verdict, workers }: Planned): CapacityStep {
  const load = ratePerSecond / (CAPACITY_PER_SECOND * 1.06);
  const isBeyond = load >= 1;
  // Repetitions differ a little, as real ones do.
  const wobble = 1 + 0.04 * Math.sin(number * 2.3);
  const p50Ms = (isBeyond ? 220 * load : 0.42 * (1 + load / (2 * (1 - load)))) * wobble;
  const p99Ms = (isBeyond ? 1_900 * load : 1.3 + (0.55 * load) / (1 - load)) * wobble;
  const missedMs = verdict === 'missed' && !isBeyond ? Math.max(p99Ms, LIMIT_MS * (1.2 + 0.1 * (number % 3))) : p99Ms;
  const acquired = Math.min(ratePerSecond, CAPACITY_PER_SECOND * 1.02);
  const count = Math.round(acquired * 5);
  const success = isBeyond ? acquired / ratePerSecond : 1;
  const times = (scale: number): CapacityStep['response'] => ({
    count,
    p50Ns: msToNs(p50Ms * scale),
    p90Ns: msToNs((p50Ms + missedMs) * 0.45 * scale),
    p99Ns: msToNs(missedMs * scale),
    p999Ns: msToNs(missedMs * 1.7 * scale),
    maxNs: msToNs(missedMs * 2.4 * scale),
  });
  const inFlight = (acquired * p50Ms * 1.2) / 1_000;
  const isInvalid = verdict === 'invalid';
  return {
    number,
    purpose,
    ratePerSecond,
    workers,
    transport: 'ioredis',
    warmupMs: 1_000,
    durationMs: verdict === 'unsettled' ? 3_000 : 5_000,
    directory: `step-${String(number).padStart(2, '0')}`,
    runId: `run-${String(number)}`,
    seed: SEED + number,
    verdict,
    cause: isInvalid ? 'generator' : null,
    reasons: REASONS[verdict],
    health: isInvalid ? 'invalid' : 'valid',
    safety: 'none-observed',
    contractCount: 0,
    slo: SLO.map((expression, index) => ({
      expression,
      value: index === 0 ? msToNs(missedMs) : success,
      passed: verdict !== 'missed',
    })),
    acquiredPerSecond: acquired,
    successRatio: success,
    dropped: isBeyond ? Math.round((ratePerSecond - acquired) * 5) : 0,
    unfinished: 0,
    response: times(1),
    service: times(0.9),
    scheduleDelayP99Ns: msToNs(isInvalid ? 12 : 0.2),
    drift: { nsPerSecond: msToNs(0.01), pValue: 0.6 },
    masterCpu: [0.55, 0.92, 0.57].map((share) => Math.min(share, (share * acquired) / CAPACITY_PER_SECOND)),
    generatorCores: 0.1 + (0.9 * acquired) / CAPACITY_PER_SECOND,
    otherCores: 0.04,
    eventLoopUtilization: Math.min(0.97, (isInvalid ? 0.97 : 0.5) * (acquired / CAPACITY_PER_SECOND)),
    inFlightMean: inFlight * 1.01,
    inFlightByLittle: inFlight,
  };
}

const REASONS: Readonly<Record<StepVerdict, readonly string[]>> = {
  met: [],
  missed: ['acquire.response: p(99)<10ms was missed'],
  invalid: ['p99 of the schedule delay was 12.0 ms, above the larger of 2 ms and 10 % of the p99 response'],
  unsettled: ['the p50 response rose by 0.4 ms each second (p 0.01)'],
};

const CLIENTS = [1, 2, 4, 8, 16, 24, 32, 48, 64, 96];

function sampleScaling(): Scaling {
  const [lambda, sigma, kappa] = [420, 0.02, 0.0009];
  const points = scalingPoints((n) => (lambda * n) / (1 + sigma * (n - 1) + kappa * n * (n - 1)));
  return {
    points,
    fit: {
      lambda: { value: lambda, low: 401, high: 438 },
      sigma: { value: sigma, low: 0.015, high: 0.026 },
      kappa: { value: kappa, low: 0.0007, high: 0.0011 },
      peak: {
        clients: { value: 33, low: 29.4, high: 37.1 },
        ratePerSecond: { value: 5_335, low: 5_210, high: 5_460 },
      },
      r2: 0.993,
    },
    refusal: null,
  };
}

function refusedScaling(): Scaling {
  return {
    points: scalingPoints((n) => (420 * n) / (1 + 0.05 * (n - 1))).slice(0, 12),
    fit: null,
    refusal:
      'The rate still rose at 8 clients, the most that were tried: the data have no peak, so no curve was fitted.',
  };
}

function scalingPoints(rateOf: (clients: number) => number): Scaling['points'] {
  return CLIENTS.flatMap((clients) =>
    [1, 2, 3].map((round) => ({
      clients,
      round,
      ratePerSecond: rateOf(clients) * (1 + 0.03 * Math.sin(clients + round * 2)),
      health: clients > 64 && round === 3 ? ('suspect' as const) : ('valid' as const),
      workers: clients > 1 ? 2 : 1,
      limitedBy: clients > 64 && round === 3 ? ('generator' as const) : null,
    })),
  );
}
