import { randomUUID } from 'node:crypto';
import { expect, it } from 'vitest';
import { UsageError } from '../model/errors.js';
import type { Calibration } from '../model/gate.js';
import type { RunResult } from '../model/result.js';
import { completeScenario, type Scenario } from '../model/scenario.js';
import { simulateRun } from '../report/simulated-run.fixture.js';
import { readFloors } from './calibrate.js';
import { gateArms, type GatePlan } from './gate.js';

const scenario = completeScenario({ durationMs: 2_000 }, 1);
const never = new AbortController().signal;

function planOf(changes: Partial<GatePlan> = {}): GatePlan {
  return {
    title: 'test',
    rounds: 8,
    seed: 3,
    remarks: [],
    base: { kind: 'command', text: 'old', scenario },
    head: { kind: 'settings', text: '', scenario },
    meantToDiffer: new Set(),
    baseline: undefined,
    minEffect: undefined,
    calibration: undefined,
    isStrict: true,
    commit: 'abc',
    ...changes,
  };
}

function simulate(given: Scenario, medianMs: number, changes: Partial<RunResult> = {}): RunResult {
  const run = { scenario: given, seed: given.seed, medianMs, intervals: 2, perInterval: 1_000 };
  return simulateRun(run, { runId: randomUUID(), ...changes }).result;
}

it('runs base and head in every round, and tells what each was', async () => {
  const places: string[] = [];
  const { report, failure } = await gateArms(
    planOf(),
    (given, { arm, round }) => {
      places.push(`${String(round)} ${arm.name}`);
      return Promise.resolve(simulate(given, arm.name === 'head' ? 1.3 : 1));
    },
    never,
  );
  expect(failure).toBeUndefined();
  expect(new Set(places).size).toBe(16);
  expect(report).toMatchObject({
    kind: 'gate',
    outcome: 'regression',
    exitCode: 98,
    commit: 'abc',
    calibration: null,
    base: { kind: 'command', text: 'old', tool: '0.1.0' },
    head: { kind: 'settings', text: '' },
    comparison: { design: 'interleaved', rounds: 8, seed: 3, status: 'complete' },
  });
  expect(report.comparison.arms.map(({ name }) => name)).toEqual(['base', 'head']);
});

it('stops when the sides measure different loads, says in what, and keeps what was measured', async () => {
  let runs = 0;
  const { report, failure } = await gateArms(
    planOf(),
    (given, { arm }) => {
      runs++;
      return Promise.resolve(simulate(arm.name === 'base' ? { ...given, masters: 5 } : given, 1));
    },
    never,
  );
  expect(runs).toBe(2);
  expect(failure).toBeInstanceOf(UsageError);
  expect(failure?.message).toContain('expected base and head to measure the same load, got --masters 5 against 3');
  expect(report.comparison.arms.map((arm) => arm.runs.length)).toEqual([1, 1]);
  expect(report.warnings.join()).toContain('it ended early: gate: expected base and head');
});

it('lets the sides differ in what their settings name', async () => {
  const { failure } = await gateArms(
    planOf({ rounds: 1, meantToDiffer: new Set(['masters']) }),
    (given, { arm }) => Promise.resolve(simulate(arm.name === 'base' ? { ...given, masters: 5 } : given, 1)),
    never,
  );
  expect(failure).toBeUndefined();
});

it('judges what there is when a side fails on the way', async () => {
  const { report, failure } = await gateArms(
    planOf(),
    (given, { round }) => (round > 2 ? Promise.reject(new Error('lost')) : Promise.resolve(simulate(given, 1))),
    never,
  );
  expect(failure?.message).toBe('lost');
  expect(report.comparison.arms.map((arm) => arm.runs.length)).toEqual([2, 2]);
  expect(report).toMatchObject({ outcome: 'inconclusive', exitCode: 130 });
});

it('holds the head against stored runs, without pairs, and warns of it', async () => {
  const first = await gateArms(planOf(), (given) => Promise.resolve(simulate(given, 1)), never);
  const arm = first.report.comparison.arms[1];
  if (arm === undefined) throw new Error('expected a head');
  const baseline = { arm, tool: '0.0.9', environment: { ...first.report.environment, cores: 64 } };
  const names: string[] = [];
  const { report } = await gateArms(
    planOf({ baseline, base: { kind: 'baseline', text: 'results/x', scenario } }),
    (given, place) => {
      names.push(place.arm.name);
      return Promise.resolve(simulate(given, 1.3));
    },
    never,
  );
  expect(new Set(names)).toEqual(new Set(['head']));
  expect(report).toMatchObject({
    outcome: 'regression',
    base: { kind: 'baseline', text: 'results/x', tool: '0.0.9' },
    comparison: { design: 'stored' },
  });
  expect(report.comparison.arms[0]?.runs.every(({ round, directory }) => round === null && directory === null)).toBe(
    true,
  );
  expect(report.warnings.join()).toMatch(/measured on another machine: 64 cores, not 2.*not interleaved/);
});

it('refuses stored runs of another load before anything is run', async () => {
  const first = await gateArms(planOf({ rounds: 1 }), (given) => Promise.resolve(simulate(given, 1)), never);
  const arm = first.report.comparison.arms[1];
  if (arm === undefined) throw new Error('expected a head');
  const other = planOf({
    baseline: { arm, tool: null, environment: null },
    head: { kind: 'settings', text: '', scenario: { ...scenario, masters: 1 } },
  });
  await expect(gateArms(other, () => Promise.reject(new Error('ran')), never)).rejects.toThrow(/--masters 3 against 1/);
});

/** A calibration of the simulated machine whose noise of the p50 is ±20 %. */
async function calibration(): Promise<Calibration> {
  const { report } = await gateArms(planOf(), (given) => Promise.resolve(simulate(given, 1)), never);
  const floors = readFloors(report.comparison, report.environment);
  return {
    ...floors,
    floors: floors.floors.map((floor) => (floor.metric === 'responseP50' ? { ...floor, halfWidth: 0.2 } : floor)),
  };
}

it('counts no difference smaller than twice the noise of the calibration', async () => {
  const stored = { file: 'results/calibration.json', calibration: await calibration() };
  const { report } = await gateArms(
    planOf({ calibration: stored }),
    (given, { arm }) => Promise.resolve(simulate(given, arm.name === 'head' ? 1.2 : 1)),
    never,
  );
  expect(report.calibration).toEqual({ file: stored.file, startedAt: stored.calibration.startedAt });
  expect(report.metrics.find(({ metric }) => metric === 'responseP50')).toEqual({
    metric: 'responseP50',
    outcome: 'pass',
    minEffect: 0.4,
    minEffectFrom: 'calibration',
  });
  expect(report.metrics.find(({ metric }) => metric === 'responseP99')).toMatchObject({
    minEffect: 0.1,
    minEffectFrom: 'metric',
  });
});

it('does not use a calibration of another machine or load, and says so', async () => {
  const noise = await calibration();
  const gate = async (changes: Partial<Calibration>): Promise<string> => {
    const stored = { file: 'c.json', calibration: { ...noise, ...changes } };
    const plan = planOf({ calibration: stored, rounds: 1, minEffect: 0.07 });
    const { report } = await gateArms(plan, (given) => Promise.resolve(simulate(given, 1)), never);
    expect(report.calibration).toBeNull();
    expect(report.metrics[0]).toMatchObject({ minEffect: 0.07, minEffectFrom: 'user' });
    return report.warnings.join();
  };
  expect(await gate({ environment: { ...noise.environment, cpuModel: 'other' } })).toMatch(
    /c\.json is not used.*other, not/,
  );
  expect(await gate({ environment: { ...noise.environment, node: 'v24.1.0' } })).toMatch(/Node v24.1.0, not v20/);
  expect(await gate({ scenario: { ...noise.scenario, masters: 5 } })).toMatch(/--masters 5 against 3/);
});

it('refuses a side that gives the same run twice, and keeps what was measured before', async () => {
  const { report, failure } = await gateArms(
    planOf(),
    (given, { arm }) => Promise.resolve(simulate(given, 1, arm.name === 'base' ? { runId: 'stored' } : {})),
    never,
  );
  expect(failure).toBeInstanceOf(UsageError);
  expect(failure?.message).toContain('expected a new run of base in every round, got stored again');
  expect(report.comparison.arms[0]?.runs).toHaveLength(1);
});

it('warns of what stored runs once broke, which is no finding of this gate', async () => {
  const first = await gateArms(planOf(), (given) => Promise.resolve(simulate(given, 1)), never);
  const arm = first.report.comparison.arms[1];
  if (arm === undefined) throw new Error('expected a head');
  const broken = {
    ...arm,
    runs: arm.runs.map((run) => ({ ...run, contractCount: 2, safety: 'violation' as const, exitCode: 3 })),
  };
  const { report } = await gateArms(
    planOf({
      baseline: { arm: broken, tool: null, environment: null },
      base: { kind: 'baseline', text: 'x', scenario },
    }),
    (given) => Promise.resolve(simulate(given, 1)),
    never,
  );
  expect(report).toMatchObject({ exitCode: 0, comparison: { violations: [] } });
  expect(report.warnings[0]).toMatch(/^of the stored runs: base broke mutual exclusion in 8 of 8 runs/);
  expect(report.statements.join()).not.toContain('broke mutual exclusion');
});

it('keeps the thresholds of a head that is a command, with their values', async () => {
  const expression = 'acquire.response: p(99)<25ms';
  const asked = { ...scenario, thresholds: [expression] };
  const { report } = await gateArms(
    planOf({ head: { kind: 'command', text: 'new', scenario: asked } }),
    (given, { arm }) =>
      Promise.resolve(
        simulate({ ...given, thresholds: [] }, 1, {
          thresholds: arm.name === 'head' ? [{ expression, value: 3e7, passed: false }] : [],
        }),
      ),
    never,
  );
  expect(report.thresholds).toEqual([{ expression, runs: 8, crossed: 8, value: 3e7, passed: false }]);
  expect(report).toMatchObject({ exitCode: 99, plannedRounds: 8 });
});

it('scales the noise of a calibration to the rounds of the gate, and says what else is different about it', async () => {
  const noise = await calibration();
  const floors = noise.floors.map((floor) => {
    if (floor.metric === 'responseP50') return { ...floor, halfWidth: 0.21, rounds: 32 };
    if (floor.metric === 'responseP99') return { ...floor, halfWidth: null, isConstant: false };
    return { ...floor, isStable: floor.metric !== 'rate', spread: 0.3 };
  });
  const stored = { ...noise, floors, scenario: { ...noise.scenario, lock: 'set-nx-px' } };
  const { report } = await gateArms(
    planOf({ calibration: { file: 'c.json', calibration: stored } }),
    (given) => Promise.resolve(simulate(given, 1)),
    never,
  );
  // A quarter of the rounds, twice the noise on the scale of logarithms: 1.21 squared.
  const p50 = report.metrics.find(({ metric }) => metric === 'responseP50');
  expect(p50?.minEffect).toBeCloseTo((1.21 ** 2 - 1) * 2, 10);
  const warnings = report.warnings.join('\n');
  expect(warnings).toContain('the calibration is of 32 rounds, so its noise is scaled to 8 by the root');
  expect(warnings).toContain('the calibration is of --lock set-nx-px and not redlock');
  expect(warnings).toContain('the calibration has no noise floor of p99 response: too few rounds');
  expect(warnings).toContain('UNSTABLE: acquisitions/s scatters by ±30 %');
});
