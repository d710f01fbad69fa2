import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../model/random.js';
import { wilson } from './proportion.js';

describe('wilson', () => {
  // R. G. Newcombe, "Two-sided confidence intervals for the single proportion: comparison of seven methods", Statistics in
  // Medicine 17, 1998, table I, method 3.
  it.each([
    [81, 263, 0.2553, 0.3662],
    [15, 148, 0.0624, 0.1605],
    [0, 20, 0, 0.1611],
    [1, 29, 0.0061, 0.1718],
  ])('gives the published interval for %d of %d', (successes, trials, low, high) => {
    const interval = wilson(successes, trials);
    expect(interval.share).toBe(successes / trials);
    expect(interval.low).toBeCloseTo(low, 4);
    expect(interval.high).toBeCloseTo(high, 4);
  });

  // SciPy 1.17.1: `binomtest(k, n).proportion_ci(method='wilson')`.
  it.each([
    [81, 263, 0.2552885198782742, 0.36620957698280004],
    [0, 20, 0, 0.16112515805281935],
    [29, 29, 0.8830302015002592, 1],
    [9_999, 10_000, 0.9994337311025987, 0.9999823473263989],
    [5, 10, 0.236593090512564, 0.7634069094874361],
  ])("gives SciPy's interval for %d of %d", (successes, trials, low, high) => {
    expect(wilson(successes, trials).low).toBeCloseTo(low, 14);
    expect(wilson(successes, trials).high).toBeCloseTo(high, 14);
  });

  it('holds the share, stays within 0 and 1, and turns round with its input', () => {
    fc.assert(
      fc.property(fc.nat(2_000), fc.nat(2_000), (one, other) => {
        const [successes, trials] = [Math.min(one, other), Math.max(one, other, 1)];
        const { share, low, high } = wilson(successes, trials);
        expect(low).toBeGreaterThanOrEqual(0);
        expect(low).toBeLessThanOrEqual(share);
        expect(high).toBeGreaterThanOrEqual(share);
        expect(high).toBeLessThanOrEqual(1);
        expect(wilson(trials - successes, trials).low).toBeCloseTo(1 - high, 12);
      }),
    );
  });

  it.each([
    [0.999, 1_000],
    [0.95, 200],
    [0.5, 40],
  ])('covers a true share of %d of %d trials about as often as it says', (truth, trials) => {
    const random = seededRandom(1927);
    const repetitions = 4_000;
    let covered = 0;
    for (let repetition = 0; repetition < repetitions; repetition++) {
      let successes = 0;
      for (let trial = 0; trial < trials; trial++) if (random.next() < truth) successes++;
      const { low, high } = wilson(successes, trials);
      if (low <= truth && truth <= high) covered++;
    }
    // Counts are whole, so the coverage swings around 95 % (Brown, Cai and DasGupta 2001, figure 5).
    expect(covered / repetitions).toBeGreaterThan(0.91);
    expect(covered / repetitions).toBeLessThan(0.99);
  });

  it('knows nothing without trials', () => {
    expect(wilson(0, 0)).toEqual({ share: NaN, low: 0, high: 1 });
  });

  it.each([
    [2, 1],
    [-1, 3],
    [0.5, 3],
    [1, NaN],
  ])('refuses %d of %d', (successes, trials) => {
    expect(() => wilson(successes, trials)).toThrow(RangeError);
  });
});
