import { expect, it } from 'vitest';
import type { Comparison } from '../model/comparison.js';
import { UnsupportedError, UsageError } from '../model/errors.js';
import type { RunResult } from '../model/result.js';
import { completeScenario, type Scenario } from '../model/scenario.js';
import { simulateRun } from '../report/simulated-run.fixture.js';
import { compareArms, type ComparisonPlan, type RunPlace } from './compare.js';
import { crossFactors, type PlannedFactor } from './design.js';

const MASTERS: PlannedFactor = {
  name: 'masters',
  levels: [1, 3].map((masters) => ({ label: String(masters), input: { masters } })),
  isCondition: false,
};

function planOf(factors: readonly PlannedFactor[], rounds = 8): ComparisonPlan {
  const arms = crossFactors(factors).map(({ name, levels, input }) => ({
    name,
    levels,
    scenario: completeScenario({ ...input, name }, 1),
  }));
  return { title: 'test', factors, arms, rounds, seed: 40, remarks: [], minEffect: undefined };
}

/** A run whose service takes as long as its number of masters says. */
function simulate(scenario: Scenario, changes: Partial<RunResult> = {}): RunResult {
  const choice = { scenario, seed: scenario.seed, medianMs: scenario.masters, intervals: 2, perInterval: 1_000 };
  return simulateRun(choice, changes).result;
}

const never = new AbortController().signal;

it('runs every arm once a round with the seed of the round, and judges the pairs', async () => {
  const places: RunPlace[] = [];
  const seeds = new Map<number, Set<number>>();
  const { comparison } = await compareArms(
    planOf([MASTERS]),
    (scenario, place) => {
      places.push(place);
      seeds.set(place.round, (seeds.get(place.round) ?? new Set()).add(scenario.seed));
      return Promise.resolve(simulate(scenario));
    },
    never,
  );
  expect(places.map(({ done, total }) => `${String(done)}/${String(total)}`)).toEqual(
    Array.from({ length: 16 }, (_, done) => `${String(done)}/16`),
  );
  expect([...seeds].map(([round, drawn]) => [round, ...drawn])).toEqual(
    [1, 2, 3, 4, 5, 6, 7, 8].map((r) => [r, 40 + r]),
  );
  expect(new Set(places.map((place) => place.directory)).size).toBe(16);
  const [contrast] = comparison.contrasts;
  expect(contrast).toMatchObject({ factor: 'masters', arm: 1, baseline: 0 });
  expect(contrast?.effects.find(({ metric }) => metric === 'responseP50')).toMatchObject({
    pairs: 8,
    verdict: 'worse',
  });
  expect(comparison.arms.map(({ name, runs }) => [name, runs.length])).toEqual([
    ['N=1', 8],
    ['N=3', 8],
  ]);
  expect(comparison.status).toBe('complete');
  expect(comparison.exitCode).toBe(0);
});

it('merges the responses of an arm, and never averages their percentiles', async () => {
  const { comparison } = await compareArms(
    planOf([MASTERS], 2),
    (scenario) => Promise.resolve(simulate(scenario)),
    never,
  );
  for (const { response, runs } of comparison.arms) {
    expect(response.count).toBe(runs.reduce((sum, run) => sum + run.acquired, 0));
  }
});

it('leaves out of every comparison a run whose generator shaped the numbers, and says so', async () => {
  const { comparison } = await compareArms(
    planOf([MASTERS], 7),
    (scenario, { round, arm }) => {
      const run = simulate(scenario);
      const isBad = round === 2 && arm.name === 'N=3';
      return Promise.resolve(isBad ? { ...run, health: { ...run.health, verdict: 'invalid' }, exitCode: 96 } : run);
    },
    never,
  );
  expect(comparison.contrasts[0]?.effects[0]?.pairs).toBe(6);
  expect(comparison.warnings.join()).toMatch(/N=3: 1 of 7 runs left out: the generator shaped the numbers/);
  expect(comparison.exitCode).toBe(0);
});

it('gives the exit code of a violation, whatever else there is', async () => {
  const { comparison } = await compareArms(
    planOf([MASTERS], 1),
    (scenario) => {
      const run = simulate(scenario);
      if (scenario.masters === 1) return Promise.resolve(run);
      return Promise.resolve({
        ...run,
        exitCode: 3,
        safety: { ...run.safety, verdict: 'violation', contractCount: 2 },
      });
    },
    never,
  );
  expect(comparison.exitCode).toBe(3);
  expect(comparison.statements[0]).toMatch(/^N=3 broke mutual exclusion in 1 of 1 run \(2 overlaps/);
});

it('tells of a violation that only the recorded history saw', async () => {
  const history = { operations: 9, holds: 9, overruns: 0, grantedExpired: 0, unchecked: 0, agreesWithWitness: null };
  const { comparison } = await compareArms(
    planOf([MASTERS], 1),
    (scenario) => {
      const run = simulate(scenario);
      const safety = { ...run.safety, verdict: 'violation' as const, history: { ...history, contractCount: 4 } };
      return Promise.resolve(scenario.masters === 1 ? run : { ...run, exitCode: 3, safety });
    },
    never,
  );
  expect(comparison.violations).toEqual([
    'N=3 broke mutual exclusion in 1 of 1 run (4 overlaps within a promised validity): its figures are not those of a lock.',
  ]);
});

it('goes on without an arm that cannot do what is asked', async () => {
  const refuse = (scenario: Scenario): Promise<RunResult> =>
    scenario.masters === 3
      ? Promise.reject(new UnsupportedError(['expected at most 1 master, got 3']))
      : Promise.resolve(simulate(scenario));
  const { comparison } = await compareArms(planOf([MASTERS], 2), refuse, never);
  expect(comparison.arms.map(({ name }) => name)).toEqual(['N=1']);
  expect(comparison.warnings).toContain('N=3 is left out: expected at most 1 master, got 3');
  expect(comparison.statements.at(-1)).toMatch(/nothing was compared/);
});

it('fails when no arm can do it, and when anything else goes wrong', async () => {
  const refuse = (): Promise<RunResult> => Promise.reject(new UnsupportedError(['no']));
  const misspell = (): Promise<RunResult> => Promise.reject(new UsageError(['no such metric']));
  await expect(compareArms(planOf([MASTERS]), misspell, never)).rejects.toThrow('no such metric');
  await expect(compareArms(planOf([MASTERS]), refuse, never)).rejects.toThrow(UsageError);
  const fail = (): Promise<RunResult> => Promise.reject(new TypeError('a defect'));
  await expect(compareArms(planOf([MASTERS]), fail, never)).rejects.toThrow(TypeError);
});

it('keeps what was measured when a later run fails, and says what failed', async () => {
  const { comparison, failure } = await compareArms(
    planOf([MASTERS], 10),
    (scenario, { done }) =>
      done === 16 ? Promise.reject(new TypeError('no more memory')) : Promise.resolve(simulate(scenario)),
    never,
  );
  expect(failure).toBeInstanceOf(TypeError);
  expect(comparison.status).toBe('interrupted');
  expect(comparison.warnings).toContain('it ended early: no more memory');
  expect(comparison.contrasts[0]?.effects.find(({ metric }) => metric === 'responseP50')?.verdict).toBe('worse');
});

it('judges what there is when it is interrupted', async () => {
  const controller = new AbortController();
  const { comparison } = await compareArms(
    planOf([MASTERS], 10),
    (scenario, { done }) => {
      if (done === 15) controller.abort();
      return Promise.resolve(simulate(scenario));
    },
    controller.signal,
  );
  expect(comparison.arms.map(({ runs }) => runs.length)).toEqual([8, 8]);
  expect(comparison).toMatchObject({ status: 'interrupted', exitCode: 130 });
  expect(comparison.contrasts[0]?.effects.find(({ metric }) => metric === 'responseP50')?.verdict).toBe('worse');
});

it('predicts N masters from one, and only where nobody waits for a holder', async () => {
  const run = async (factors: readonly PlannedFactor[]): Promise<Comparison> =>
    (await compareArms(planOf(factors, 2), (scenario) => Promise.resolve(simulate(scenario)), never)).comparison;
  const { predictions } = await run([MASTERS]);
  expect(predictions.map(({ arm, from, quantile }) => [arm, from, quantile])).toEqual([
    [0, 0, 0.5],
    [0, 0, 0.9],
    [0, 0, 0.99],
    [1, 0, 0.5],
    [1, 0, 0.9],
    [1, 0, 0.99],
  ]);
  for (const { arm, measuredNs, predictedNs, waitForAllNs } of predictions) {
    if (arm === 1) expect(predictedNs).toBeLessThan(waitForAllNs);
    else expect([predictedNs, waitForAllNs]).toEqual([measuredNs, measuredNs]);
  }
  const keys: PlannedFactor = {
    name: 'keys',
    levels: [{ label: 'single', input: { keys: { kind: 'single' } } }],
    isCondition: true,
  };
  expect((await run([keys, MASTERS])).predictions).toEqual([]);
});
