import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededRandom, type Random } from '../model/random.js';
import { hodgesLehmann, signedRankTest } from './signed-rank.js';

/** Depression scores before and after a tranquilizer: M. Hollander and D. A. Wolfe, table 3.1; `?wilcox.test` in R. */
const BEFORE = [1.83, 0.5, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.3];
const AFTER = [0.878, 0.647, 0.598, 2.05, 1.06, 1.29, 1.06, 3.14, 1.29];
const DEPRESSION = BEFORE.map((before, index) => before - AFTER[index]!);

describe('signedRankTest', () => {
  it("gives R's answer for its documented example", () => {
    expect(signedRankTest(DEPRESSION)).toEqual({ n: 9, statistic: 40, pValue: 0.0390625 });
  });

  it("gives SciPy's answer for Darwin's pairs of maize", () => {
    const heights = [6, 8, 14, 16, 23, 24, 28, 29, 41, -48, 49, 56, 60, -67, 75];
    expect(signedRankTest(heights)).toEqual({ n: 15, statistic: 96, pValue: 0.041259765625 });
  });

  it.each([5, 6, 7, 8, 9, 10])('gives 2 / 2^%d, the least there is, when all point one way', (n) => {
    const all = Array.from({ length: n }, (_, index) => index + 1);
    expect(signedRankTest(all).pValue).toBe(2 / 2 ** n);
    expect(signedRankTest(all.map((difference) => -difference))).toEqual({ n, statistic: 0, pValue: 2 / 2 ** n });
  });

  // Two-sided critical values at 0.05, as printed in most textbooks: the largest V that rejects.
  it.each([
    [6, 0],
    [7, 2],
    [8, 3],
    [9, 5],
    [10, 8],
    [12, 13],
    [15, 25],
    [20, 52],
    [25, 89],
    [30, 137],
    [50, 434],
  ])('rejects %d differences at the level of 0.05 up to V = %d, and not above', (n, critical) => {
    expect(signedRankTest(differencesWith(n, critical)).statistic).toBe(critical);
    expect(signedRankTest(differencesWith(n, critical)).pValue).toBeLessThanOrEqual(0.05);
    expect(signedRankTest(differencesWith(n, critical + 1)).pValue).toBeGreaterThan(0.05);
  });

  // SciPy 1.17.1: `wilcoxon(d, method='exact')` up to 50, then `method='approx', correction=True`.
  it.each([
    [12, 47, 0.5693359375],
    [30, 309, 0.11907656863331795],
    [50, 846, 0.043975372036140215],
    [80, 2208, 0.004835109928496742],
  ])("gives SciPy's answer for %d differences", (n, statistic, pValue) => {
    const test = signedRankTest(Array.from({ length: n }, (_, i) => ((i * 37 + 11) % 101) - 40 + i * 0.01));
    expect(test).toEqual({ n, statistic, pValue: expect.closeTo(pValue, 13) as number });
  });

  it("gives SciPy's answer where the approximation has to correct for ties", () => {
    const test = signedRankTest(Array.from({ length: 80 }, (_, i) => ((i * 37 + 11) % 23) - 8));
    expect(test).toEqual({ n: 76, statistic: 2181, pValue: expect.closeTo(0.0002010317732912785, 13) as number });
  });

  it('stays close to the exact answer where it changes over to the approximation', () => {
    const differences = Array.from({ length: 50 }, (_, i) => ((i * 37 + 11) % 101) - 40 + i * 0.01);
    const exact = signedRankTest(differences).pValue;
    const approximate = signedRankTest([...differences, 1e-6]).pValue;
    expect(Math.abs(approximate - exact)).toBeLessThan(0.002);
  });

  it('is exact where differences are equal and zeros are dropped', () => {
    // SciPy 1.17.1: `wilcoxon(d, method=PermutationMethod(n_resamples=10**6))`, which enumerates all 1,024 patterns.
    const test = signedRankTest([1, 2, 2, 3, -1, 4, 4, -2, 5, 3, 0, 0, -0]);
    expect(test).toEqual({ n: 10, statistic: 49.5, pValue: 0.025390625 });
  });

  it('agrees with all sign patterns written out, ties and zeros included', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -4, max: 4 }), { minLength: 1, maxLength: 9 }), (differences) => {
        expect(signedRankTest(differences)).toEqual(signedRankByEnumeration(differences));
      }),
    );
  });

  it('turns round with its input', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -9, max: 9 }), { minLength: 1, maxLength: 70 }), (differences) => {
        const { n, statistic, pValue } = signedRankTest(differences);
        const turned = signedRankTest(differences.map((difference) => -difference));
        expect(turned).toEqual({ n, statistic: (n * (n + 1)) / 2 - statistic, pValue });
        expect(pValue).toBeGreaterThan(0);
        expect(pValue).toBeLessThanOrEqual(1);
      }),
    );
  });

  it('tells nothing to test from nothing that moved', () => {
    expect(signedRankTest([])).toEqual({ n: 0, statistic: 0, pValue: NaN });
    expect(signedRankTest([0, -0, 0])).toEqual({ n: 0, statistic: 0, pValue: 1 });
  });

  it.each([NaN, Infinity, -Infinity])('refuses %d', (stray) => {
    expect(() => signedRankTest([1, stray])).toThrow(new RegExp(`finite numbers, got ${String(stray)}`));
    expect(() => hodgesLehmann([1, stray])).toThrow(RangeError);
  });
});

describe('hodgesLehmann', () => {
  it('finds the 23rd of 45 Walsh averages of a worked example, and the sixth from either end', () => {
    const { estimate, low, high, confidence } = hodgesLehmann(DEPRESSION);
    expect(estimate).toBeCloseTo(0.46, 12);
    expect(low).toBeCloseTo(0.01, 12);
    expect(high).toBeCloseTo(0.786, 12);
    // 1 − 2 · 10/512.
    expect(confidence).toBe(0.9609375);
  });

  it('gives the published answer for the permeability of a membrane', () => {
    // W. R. Stephenson, Stat 403, Iowa State University: the 28th of 55 Walsh averages, and from the 9th to the 47th.
    const { estimate, low, high, confidence } = hodgesLehmann([
      0.9, 1.13, 1.89, 1.14, 1.45, 1.38, 1.91, 1.64, 0.83, 1.46,
    ]);
    expect(estimate).toBeCloseTo(1.385, 12);
    expect(low).toBeCloseTo(1.13, 12);
    expect(high).toBeCloseTo(1.67, 12);
    // 1 − 2 · 25/1,024; the printed 95.2 % comes from the tail's rounding to 0.024.
    expect(confidence).toBe(0.951171875);
  });

  it.each([
    [0.95, 5, 6],
    [0.99, 7, 8],
    [0.9, 4, 5],
    // Exactly what six differences achieve.
    [0.96875, 5, 6],
  ])(
    'knows no limits for a confidence of %d from %d differences, and the extremes from %d',
    (confidence, few, enough) => {
      const differences = Array.from({ length: enough }, (_, index) => index + 1);
      expect(hodgesLehmann(differences.slice(0, few), confidence)).toEqual({
        estimate: (few + 1) / 2,
        low: -Infinity,
        high: Infinity,
        confidence: 1,
      });
      expect(hodgesLehmann(differences, confidence)).toEqual({
        estimate: (enough + 1) / 2,
        low: 1,
        high: enough,
        confidence: 1 - 2 / 2 ** enough,
      });
    },
  );

  it('keeps zeros and equal differences', () => {
    // Walsh averages: 21 zeros, 12 halves and three ones.
    const { estimate, low, high } = hodgesLehmann([0, 0, 0, 0, 0, 0, 1, 1]);
    expect({ estimate, low, high }).toEqual({ estimate: 0, low: 0, high: 0.5 });
  });

  it('holds exactly the shifts that the test does not reject', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.integer({ min: -30, max: 30 }), { minLength: 1, maxLength: 12 }),
        fc.integer({ min: -35, max: 35 }),
        fc.constantFrom(0.5, 0.8, 0.9, 0.95, 0.99),
        (differences, whole, asked) => {
          // A quarter beside a whole number equals no Walsh average, so nothing is tied and nothing is zero.
          const shift = whole + 0.25;
          const { low, high, confidence } = hodgesLehmann(differences, asked);
          const { pValue } = signedRankTest(differences.map((difference) => difference - shift));
          expect(low < shift && shift < high).toBe(pValue > 1 - confidence);
        },
      ),
    );
  });

  it('achieves the least confidence that is not below the one asked for', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 9 }), fc.double({ min: 0.01, max: 0.999, noNaN: true }), (n, asked) => {
        const differences = Array.from({ length: n }, (_, index) => index + 1);
        const statistics = everyPattern(n).map((isPositive) =>
          differences.filter((_, index) => isPositive(index)).reduce((total, rank) => total + rank, 0),
        );
        // What cutting k averages off either end leaves: all that lies further inside than k − 1.
        const achievable = [...statistics.keys()].map(
          (k) => 1 - (2 * statistics.filter((statistic) => statistic < k).length) / statistics.length,
        );
        const least = Math.min(...achievable.filter((confidence) => confidence >= asked));
        expect(hodgesLehmann(differences, asked).confidence).toBe(least);
      }),
    );
  });

  it('cuts as deep as the exact distribution does where it is approximated', () => {
    // Cubes keep Walsh averages apart: the limits are the 649th from either end.
    const differences = Array.from({ length: 60 }, (_, index) => (index + 1) ** 3);
    // Counted, P(V ≤ 648) gives 0.95072; SciPy 1.17.1: `1 - 2 * norm.cdf((648.5 - mean) / deviation)` gives 0.95022.
    expect(hodgesLehmann(differences)).toEqual({
      estimate: 47_588.25,
      low: 28_349.5,
      high: 70_028,
      confidence: expect.closeTo(0.950222052567406, 13) as number,
    });
  });

  it.each([
    [10, 0.95],
    [10, 0.8],
    [60, 0.95],
  ])('covers the true shift of %d differences as often as it states for %d', (n, asked) => {
    const random = seededRandom(1963);
    const trials = n > 50 ? 1_000 : 4_000;
    let covered = 0;
    let stated = 0;
    for (let trial = 0; trial < trials; trial++) {
      const { low, high, confidence } = hodgesLehmann(
        Array.from({ length: n }, () => 7 + heavyTailed(random)),
        asked,
      );
      if (low <= 7 && 7 <= high) covered++;
      stated = confidence;
    }
    // Four standard deviations of a binomial share; the seed is fixed.
    expect(Math.abs(covered / trials - stated)).toBeLessThan(4 * Math.sqrt((stated * (1 - stated)) / trials));
  });

  it('covers more often than it states when rounding makes ties and zeros', () => {
    const random = seededRandom(1967);
    const trials = 2_000;
    let covered = 0;
    for (let trial = 0; trial < trials; trial++) {
      const { low, high } = hodgesLehmann(Array.from({ length: 8 }, () => Math.round(heavyTailed(random))));
      if (low <= 0 && 0 <= high) covered++;
    }
    expect(covered / trials).toBeGreaterThan(1 - 2 * (5 / 2 ** 8));
  });

  it('has neither estimate nor limits without differences', () => {
    expect(hodgesLehmann([])).toEqual({ estimate: NaN, low: -Infinity, high: Infinity, confidence: 1 });
  });

  it.each([0, 1, 95, NaN])('refuses %d as a confidence', (confidence) => {
    expect(() => hodgesLehmann([1, 2], confidence)).toThrow(RangeError);
  });
});

/** Differences 1 … n with signs such that V is the sum that was asked for. */
function differencesWith(n: number, statistic: number): number[] {
  let missing = statistic;
  return Array.from({ length: n }, (_, index) => n - index).map((rank) => {
    if (rank > missing) return -rank;
    missing -= rank;
    return rank;
  });
}

/** The definition, word for word: ranks by counting, every sign pattern, and how many lie as far from the middle. */
function signedRankByEnumeration(differences: readonly number[]): ReturnType<typeof signedRankTest> {
  const moved = differences.filter((difference) => difference !== 0);
  const sizes = moved.map((difference) => Math.abs(difference));
  const ranks = sizes.map((size) => {
    const smaller = sizes.filter((other) => other < size).length;
    return smaller + (sizes.filter((other) => other === size).length + 1) / 2;
  });
  const n = ranks.length;
  const middle = (n * (n + 1)) / 4;
  const sumWhere = (chosen: (index: number) => boolean): number =>
    ranks.reduce((total, rank, index) => (chosen(index) ? total + rank : total), 0);
  const statistic = sumWhere((index) => moved[index]! > 0);
  const asFar = everyPattern(n).filter(
    (isPositive) => Math.abs(sumWhere(isPositive) - middle) >= Math.abs(statistic - middle),
  );
  return { n, statistic, pValue: asFar.length / 2 ** n };
}

/** All ways to give n differences a sign. */
function everyPattern(n: number): ((index: number) => boolean)[] {
  return Array.from({ length: 2 ** n }, (_, pattern) => (index) => ((pattern >> index) & 1) === 1);
}

/** A symmetric draw around 0 with the tails of a logistic distribution. */
function heavyTailed(random: Random): number {
  const u = (random.next() + 2 ** -33) / (1 + 2 ** -32);
  return Math.log(u / (1 - u));
}
