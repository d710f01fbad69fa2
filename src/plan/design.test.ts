import fc from 'fast-check';
import { expect, it } from 'vitest';
import { crossFactors, drawRounds, planContrasts, seedOfRound, type PlannedFactor } from './design.js';

const locks: PlannedFactor = {
  name: 'lock',
  levels: ['a', 'b'].map((lock) => ({ label: lock, input: { lock } })),
  isCondition: false,
};
const masters: PlannedFactor = {
  name: 'masters',
  levels: [1, 3, 5].map((n) => ({ label: String(n), input: { masters: n } })),
  isCondition: false,
};
const clients: PlannedFactor = {
  name: 'concurrency',
  levels: [1, 8].map((concurrency) => ({ label: String(concurrency), input: { concurrency } })),
  isCondition: true,
};

it('crosses every level of every factor', () => {
  expect(crossFactors([locks, masters]).map(({ name, input }) => [name, input])).toEqual([
    ['a, N=1', { lock: 'a', masters: 1 }],
    ['a, N=3', { lock: 'a', masters: 3 }],
    ['a, N=5', { lock: 'a', masters: 5 }],
    ['b, N=1', { lock: 'b', masters: 1 }],
    ['b, N=3', { lock: 'b', masters: 3 }],
    ['b, N=5', { lock: 'b', masters: 5 }],
  ]);
});

it('leaves out of the names what all arms have in common', () => {
  const one: PlannedFactor = { ...masters, levels: masters.levels.slice(0, 1) };
  expect(crossFactors([locks, one]).map(({ name, levels }) => [name, levels['masters']])).toEqual([
    ['a', '1'],
    ['b', '1'],
  ]);
  expect(crossFactors([one]).map(({ name }) => name)).toEqual(['N=1']);
});

it('holds every arm against the one that differs in one factor alone', () => {
  const factors = [locks, masters];
  const arms = crossFactors(factors);
  const named = planContrasts(factors, arms).map(
    ({ factor, arm, baseline }) => `${factor}: ${arms[arm]!.name} | ${arms[baseline]!.name}`,
  );
  expect(named).toEqual([
    'lock: b, N=1 | a, N=1',
    'lock: b, N=3 | a, N=3',
    'lock: b, N=5 | a, N=5',
    'masters: a, N=3 | a, N=1',
    'masters: a, N=5 | a, N=1',
    'masters: b, N=3 | b, N=1',
    'masters: b, N=5 | b, N=1',
  ]);
});

it('compares no conditions, and nothing with an arm that did not run', () => {
  const factors = [clients, locks];
  const arms = crossFactors(factors);
  expect(planContrasts(factors, arms).map(({ factor }) => factor)).toEqual(['lock', 'lock']);
  expect(planContrasts(factors, arms.slice(1))).toEqual([{ factor: 'lock', arm: 2, baseline: 1 }]);
});

it('takes the first level that ran for the baseline', () => {
  const arms = crossFactors([masters]).slice(1);
  expect(planContrasts([masters], arms)).toEqual([{ factor: 'masters', arm: 1, baseline: 0 }]);
});

it('runs every arm once a round, in an order that the seed draws', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 20 }), fc.nat(), (arms, rounds, seed) => {
      const drawn = drawRounds(arms, rounds, seed);
      expect(drawn).toHaveLength(rounds);
      for (const order of drawn)
        expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: arms }, (_, i) => i));
      expect(drawRounds(arms, rounds, seed)).toEqual(drawn);
    }),
  );
});

it('gives every arm every place as often as chance does', () => {
  const counts = [0, 0, 0];
  for (const [first = 0] of drawRounds(3, 3_000, 7)) counts[first]!++;
  // Binomial with p = 1/3: the standard deviation is 26, so 130 is five of them.
  for (const count of counts) expect(Math.abs(count - 1_000)).toBeLessThan(130);
});

it('gives the arms of a round the same load, and every round another', () => {
  expect([seedOfRound(7, 1), seedOfRound(7, 2), seedOfRound(4_294_967_295, 1)]).toEqual([8, 9, 0]);
});
