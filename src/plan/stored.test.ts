import { expect, it } from 'vitest';
import type { ScenarioInput } from '../model/scenario.js';
import { simulateRun } from '../report/simulated-run.fixture.js';
import { compareStored, type NamedRun } from './stored.js';

function stored(name: string, group: string, seed: number, scenario: ScenarioInput, medianMs: number): NamedRun {
  const { result } = simulateRun({ scenario, seed, medianMs, intervals: 2, perInterval: 1_000 });
  return { directory: `${name}-${String(seed)}`, result, name, group };
}

const six = [1, 2, 3, 4, 5, 6];

it('holds the kinds of a group against its first, by a test that needs no pairs', () => {
  const runs = six.flatMap((seed) => [
    stored('a', 'uncontended', seed, { masters: 1 }, 1),
    stored('b', 'uncontended', seed + 10, { masters: 3 }, 2),
    stored('c', 'single', seed + 20, { keys: { kind: 'single' } }, 3),
  ]);
  const comparison = compareStored('stored', runs);
  expect(comparison.arms.map(({ name, runs: of }) => [name, of.length])).toEqual([
    ['a', 6],
    ['b', 6],
    ['c', 6],
  ]);
  expect(comparison.contrasts.map(({ arm, baseline }) => [arm, baseline])).toEqual([[1, 0]]);
  const effect = comparison.contrasts[0]?.effects.find(({ metric }) => metric === 'responseP50');
  expect(effect).toMatchObject({ pairs: 12, verdict: 'worse' });
  expect(comparison.warnings[0]).toMatch(/^these runs were not interleaved/);
});

it('says what else was different between the runs', () => {
  const runs = [stored('a', 'g', 1, { durationMs: 2_000 }, 1), stored('b', 'g', 2, { durationMs: 9_000 }, 1)];
  expect(compareStored('stored', runs).warnings).toContain('these runs are of several durations: 2s; 9s');
});
