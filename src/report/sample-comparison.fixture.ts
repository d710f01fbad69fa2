/**
 * Comparisons that tests draw: the usual one, made by the planner from simulated runs, and those that break tables.
 *
 * @module
 */
import type { Arm, ArmRun, Comparison } from '../model/comparison.js';
import { Histogram } from '../model/histogram.js';
import { seededRandom } from '../model/random.js';
import type { RunResult } from '../model/result.js';
import { completeScenario, masterCount, type Scenario, type ScenarioInput } from '../model/scenario.js';
import { compareArms } from '../plan/compare.js';
import { crossFactors, type PlannedFactor } from '../plan/design.js';
import { compareStored } from '../plan/stored.js';
import { simulateRun } from './simulated-run.fixture.js';

const SEED = 42;
const SAMPLE_FACTORS: readonly PlannedFactor[] = [
  {
    name: 'lock',
    isCondition: false,
    levels: [
      { label: 'redlock', input: { lock: 'redlock' } },
      { label: 'hasty', input: { lock: 'hasty' } },
    ],
  },
  {
    name: 'masters',
    isCondition: false,
    levels: [1, 3, 5].map((masters) => ({ label: String(masters), input: { masters } })),
  },
];

/**
 * Two locks on one, three and five masters, ten rounds. `hasty` waits for all masters, is known to be unsafe, breaks
 * mutual exclusion on five of them, and scatters on three; one run of `redlock` is left out.
 */
export function sampleComparison(rounds = 10): Promise<Comparison> {
  return planned(SAMPLE_FACTORS, { keys: { kind: 'uncontended' }, concurrency: 16, durationMs: 1_000 }, rounds);
}

/** Twelve locks with names as people give them, held against the first. */
export function twelveLocks(rounds = 8): Promise<Comparison> {
  const labels = [
    'redlock over ioredis with notify wake-up',
    'redlock over wire with polling every 200 ms',
    'node-redlock 4.2.0',
    'node-redlock 5.0.0-beta.2 with extension',
    'redis-semaphore 5.8.0 RedlockMutex',
    'redlock-universal 0.8.5, quorum reads',
    'sesamecare-oss/redlock 1.4.0',
    'ioredis-lock 4.0.0 (one master alone)',
    'my-own-lock-with-a-name-nobody-would-give-it@1.0.0-rc.7',
    'simple-redis-mutex 3.0.0',
    'redis-lock 1.0.0',
    'python-redis-lock through a driver',
  ];
  const levels = labels.map((label, index) => ({ label, input: { concurrency: 8 + index } }));
  return planned([{ name: 'lock', isCondition: false, levels }], { masters: 3, keys: { kind: 'single' } }, rounds);
}

/** One lock alone: nothing to hold it against. */
export function lonelyComparison(): Promise<Comparison> {
  const masters = { name: 'masters', isCondition: false, levels: [{ label: '3', input: { masters: 3 } }] };
  return planned([masters], { keys: { kind: 'single' }, concurrency: 3 }, 2);
}

/** Two locks under twenty-five conditions, once each: more arms than a list can show. */
export function manifoldComparison(): Promise<Comparison> {
  const level = (label: string, input: ScenarioInput) => ({ label, input });
  const holds: PlannedFactor = {
    name: 'hold',
    isCondition: true,
    levels: [0, 1, 10, 50, 100].map((meanMs) => level(`${String(meanMs)}ms`, { hold: { kind: 'constant', meanMs } })),
  };
  const clients: PlannedFactor = {
    name: 'concurrency',
    isCondition: true,
    levels: [1, 2, 4, 8, 48].map((concurrency) => level(String(concurrency), { concurrency })),
  };
  return planned([holds, clients, SAMPLE_FACTORS[0]!], { masters: 1, keys: { kind: 'single' } }, 1);
}

/** Three locks of which two were run again at another time: no rounds, no pairs. */
export function storedComparison(): Comparison {
  const runs = ['redlock', 'hasty', 'redlock', 'hasty', 'redlock', 'hasty', 'redlock', 'hasty', 'late'].map(
    (lock, index) => {
      const scenario = completeScenario({ name: 'sample', masters: 3, lock, ratePerSecond: 1_500 }, SEED + index);
      return {
        name: lock,
        group: 'all',
        directory: `stored-${String(index)}`,
        result: sampleRun(scenario, 1, `run-${String(index)}`),
      };
    },
  );
  return compareStored('stored runs', runs);
}

/** Runs that say nothing: every metric is null and every histogram empty. */
export async function mutedComparison(): Promise<Comparison> {
  const sample = await sampleComparison(2);
  const empty = new Histogram().summarizeLatency();
  const mute = (run: ArmRun): ArmRun => ({
    ...run,
    acquired: 0,
    attempts: 0,
    splitVotes: 0,
    intended: 0,
    contractCount: 0,
    safety: 'unknown',
    leakedKeys: null,
    minPerClient: null,
    maxPerClient: null,
    metrics: Object.fromEntries(Object.keys(run.metrics).map((name) => [name, null])) as unknown as ArmRun['metrics'],
  });
  const nothing = { pairs: 0, ratio: null, low: null, high: null, pValue: null, adjustedPValue: null } as const;
  return {
    ...sample,
    status: 'interrupted',
    predictions: [],
    arms: sample.arms.map((arm): Arm => ({ ...arm, runs: arm.runs.map(mute), response: empty, gaveUp: empty })),
    contrasts: sample.contrasts.map((contrast) => ({
      ...contrast,
      effects: contrast.effects.map(({ metric }) => ({ metric, ...nothing, verdict: 'not-compared' })),
    })),
  };
}

async function planned(factors: readonly PlannedFactor[], shared: ScenarioInput, rounds: number): Promise<Comparison> {
  const arms = crossFactors(factors).map(({ name, levels, input }) => ({
    name,
    levels,
    scenario: completeScenario({ name: 'sample', ...shared, ...input }, SEED),
  }));
  const plan = { title: 'sample comparison', factors, arms, rounds, seed: SEED, remarks: [], minEffect: undefined };
  const { comparison } = await compareArms(
    plan,
    (scenario, { round, directory }) => Promise.resolve(sampleRun(scenario, round, directory)),
    new AbortController().signal,
  );
  return comparison;
}

function sampleRun(scenario: Scenario, round: number, directory: string): RunResult {
  const masters = masterCount(scenario);
  const isHasty = scenario.lock === 'hasty';
  const noise = seededRandom(scenario.seed, masters + (isHasty ? 10 : 0));
  const scatter = isHasty && masters === 3 ? 0.8 : 0.06;
  const crowd = scenario.keys.kind === 'single' && isHasty ? 1 + (scenario.concurrency ?? 0) / 10 : 1;
  const luck = Math.exp(scatter * (noise.next() - 0.5));
  const { result } = simulateRun({
    seed: scenario.seed * 100 + masters + (isHasty ? 10 : 0),
    scenario,
    intervals: 1,
    perInterval: (isHasty ? 1_500 : 1_700) / (1 + 0.03 * masters) / luck / (1 + scenario.hold.meanMs / 4) / crowd,
    medianMs: (isHasty ? 0.6 + 0.2 * masters : 0.9 + 0.01 * masters) * luck,
    spread: isHasty ? 0.5 : 0.6 / Math.sqrt((masters + 1) / 2),
    granted: isHasty ? 0.97 : 0.998,
    gaveUpMs: 900,
  });
  const lock = isHasty
    ? { name: 'hasty', version: '2.1.0', isUnsafe: true, flaw: 'it never asks how long it waited' }
    : { name: 'redlock', version: 'redlock-bench 0.1.0', isUnsafe: false, flaw: null };
  const isLeftOut = !isHasty && masters === 3 && round === 4;
  const isBroken = isHasty && masters === 5 && round % 3 === 0;
  return {
    ...result,
    runId: directory,
    lock,
    fairness: { jain: 0.998, minPerClient: 60 + round, maxPerClient: 120 + round },
    health: isLeftOut ? { ...result.health, verdict: 'invalid', reasons: ['the generator was late'] } : result.health,
    safety: isBroken ? { ...result.safety, verdict: 'violation', contractCount: 2, overruns: 1 } : result.safety,
    exitCode: isBroken ? 3 : isLeftOut ? 96 : 0,
  };
}
