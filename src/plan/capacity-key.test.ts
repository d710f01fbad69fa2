import { expect, it } from 'vitest';
import type { ScenarioInput } from '../model/scenario.js';
import { findKeyCeiling, hottestKeyShare } from './capacity-key.js';
import type { MeasuredStep } from './capacity-step.js';
import { measuredStep } from './capacity.fixture.js';

it('knows the share of the most wanted key', () => {
  expect(hottestKeyShare({ kind: 'uncontended' })).toBeUndefined();
  expect(hottestKeyShare({ kind: 'single' })).toBe(1);
  expect(hottestKeyShare({ kind: 'uniform', keys: 8 })).toBe(0.125);
  // 1 / (1 + 1/2 + 1/3).
  expect(hottestKeyShare({ kind: 'zipf', keys: 3, theta: 1 })).toBeCloseTo(6 / 11, 12);
  expect(hottestKeyShare({ kind: 'hotspot', keys: 11, hotShare: 0.3 })).toBe(0.3);
  expect(hottestKeyShare({ kind: 'hotspot', keys: 11, hotShare: 0.05 })).toBeCloseTo(0.095, 12);
});

it('takes the ceiling of a key apart, and counts no part of a handoff twice', () => {
  const input: ScenarioInput = { keys: { kind: 'single' }, hold: { kind: 'constant', meanMs: 5 } };
  const [light, heavy] = [measuredStep(10, 'met', {}, input), measuredStep(200, 'met', {}, input)];
  const timed = (step: MeasuredStep, acquireMs: number, releaseMs: number, handoffMs: number): MeasuredStep => {
    const { acquire, release, handoff } = step.result;
    const result = {
      ...step.result,
      acquire: { ...acquire, service: { ...acquire.service, p50Ns: acquireMs * 1e6 } },
      release: { ...release, p50Ns: releaseMs * 1e6 },
      handoff: { ...handoff, p50Ns: handoffMs * 1e6 },
    };
    return { ...step, result };
  };
  const ceiling = findKeyCeiling({ kind: 'single' }, [timed(heavy, 9, 9, 4), timed(light, 1, 2, 0)]);
  expect(ceiling).toMatchObject({ acquireNs: 1e6, releaseNs: 2e6, handoffNs: 1e6, keyShare: 1 });
  expect(ceiling?.holdNs).toBeCloseTo(5e6, -4);
  // 1 + 5 + 2 + 1 = 9 ms.
  expect(ceiling?.predictedPerSecond).toBeCloseTo(1_000 / 9, 0);
  expect(findKeyCeiling({ kind: 'uncontended' }, [light])).toBeNull();
  expect(findKeyCeiling({ kind: 'single' }, [])).toBeNull();
});

it('computes what fell to the most wanted key from its share only where the SLO was met', () => {
  const keys = { kind: 'uniform', keys: 4 } as const;
  const acquiring = (step: MeasuredStep, acquiredPerSecond: number): MeasuredStep => ({
    ...step,
    step: { ...step.step, acquiredPerSecond },
  });
  const met = acquiring(measuredStep(100, 'met'), 100);
  const missed = acquiring(measuredStep(200, 'missed'), 190);
  expect(findKeyCeiling(keys, [met, missed])?.measuredPerSecond).toBe(25);
  expect(findKeyCeiling(keys, [missed])?.measuredPerSecond).toBeNull();
  expect(findKeyCeiling({ kind: 'single' }, [met, missed])?.measuredPerSecond).toBe(190);
});
