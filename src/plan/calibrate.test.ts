import { expect, it } from 'vitest';
import type { Calibration } from '../model/gate.js';
import { completeScenario } from '../model/scenario.js';
import { simulateRun } from '../report/simulated-run.fixture.js';
import { calibrateArms, findReasonNotToStore, planCalibration } from './calibrate.js';

const scenario = completeScenario({ durationMs: 2_000 }, 1);

/** A/A runs whose median is 1 ms, times a factor for each run in the order of the rounds, by arm. */
async function calibrate(rounds: number, factorOf: (name: string, round: number) => number): Promise<Calibration> {
  const plan = planCalibration('test', scenario, { rounds, seed: 7 });
  const { calibration } = await calibrateArms(
    plan,
    (given, { arm, round }) =>
      Promise.resolve(
        simulateRun({ scenario: given, seed: 1, medianMs: factorOf(arm.name, round), intervals: 2, perInterval: 1_000 })
          .result,
      ),
    new AbortController().signal,
  );
  return calibration;
}

it('runs two arms of the same scenario, and finds no noise where there is none', async () => {
  const { comparison, floors, statements } = await calibrate(8, () => 1);
  expect(comparison.arms.map(({ name, runs }) => [name, runs.length])).toEqual([
    ['A', 8],
    ['A again', 8],
  ]);
  const p50 = floors.find(({ metric }) => metric === 'responseP50');
  // Nothing that never differs tells how much it would.
  expect(p50).toMatchObject({ rounds: 8, halfWidth: null, smallestDetectable: null, isConstant: true, isStable: true });
  expect(statements[0]).toMatch(/^Every run had the same acquisitions\/s: not from this data/);
  expect(statements.join()).not.toContain('±0');
});

it('measures the noise as half of the interval, on the scale of ratios', async () => {
  const { floors, warnings } = await calibrate(8, (name, round) =>
    name === 'A' ? 1 : ([1.2, 1 / 1.2][round % 2] ?? 1),
  );
  const p50 = floors.find(({ metric }) => metric === 'responseP50');
  expect(p50?.halfWidth).toBeCloseTo(0.2, 1);
  expect(p50?.smallestDetectable).toBeGreaterThan(0.2);
  expect(warnings.join()).not.toContain('differs from itself');
});

it('calls a metric unstable that scatters by more than a tenth', async () => {
  const { floors, warnings } = await calibrate(8, (_, round) => (round % 2 === 0 ? 1.5 : 1));
  expect(floors.find(({ metric }) => metric === 'responseP50')).toMatchObject({ isStable: false });
  expect(warnings.join()).toMatch(/UNSTABLE: p50 response scatters by ±\d+ % from run to run/);
});

it('warns when A differs from itself, and when there are too few rounds', async () => {
  const drifted = await calibrate(8, (name) => (name === 'A' ? 1 : 1.5));
  expect(drifted.warnings[0]).toMatch(/^A differs from itself in .*p50 response.*: the machine changed meanwhile/);
  const few = await calibrate(2, () => 1);
  expect(
    few.floors.every(({ halfWidth, smallestDetectable }) => halfWidth === null && smallestDetectable === null),
  ).toBe(true);
  expect(few.statements[0]).toBe('Too few rounds to say which change would be found: not from this data.');
  expect(few.warnings.join()).toContain('fewer than 8 rounds say little of the noise');
});

it('finds nothing smaller than what a gate counts, however quiet the machine is', async () => {
  const { floors, statements } = await calibrate(10, (name, round) => 1 + (name === 'A' ? 0.002 : 0.003) * (round % 3));
  const p50 = floors.find(({ metric }) => metric === 'responseP50');
  expect(p50).toMatchObject({ isConstant: false, smallestDetectable: 0.05 });
  expect(statements[0]).toContain('p50 response of 5 % or more');
});

it('is kept for later gates only when it is whole, quiet, and has a floor for what decides', async () => {
  const good = await calibrate(8, (name, round) => (name === 'A' ? 1 : ([1.02, 1 / 1.02][round % 2] ?? 1)));
  expect(findReasonNotToStore(good)).toBeUndefined();
  expect(findReasonNotToStore({ ...good, status: 'interrupted' })).toBe('it is not whole');
  expect(findReasonNotToStore({ ...good, exitCode: 3 })).toBe('its exit code is 3');
  const few = await calibrate(2, (name, round) => (name === 'A' ? 1 : 1 + round / 10));
  expect(findReasonNotToStore(few)).toMatch(/^it has too few rounds for a noise floor of .*p50 response/);
  const { cores } = good.environment;
  const arms = good.comparison.arms.map((arm, place) => ({
    ...arm,
    runs: arm.runs.map((run) => ({ ...run, otherCores: place === 0 ? cores : 0 })),
  }));
  expect(findReasonNotToStore({ ...good, comparison: { ...good.comparison, arms } })).toBe(
    'in 8 of 16 runs other processes were in the way',
  );
});
