import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { randomExponential, seededRandom } from '../model/random.js';
import { hodgesLehmannShift, rankSumTest } from './rank-sum.js';

/** Permeability of the human chorioamnion at term and earlier: M. Hollander and D. A. Wolfe, table 4.1; `?wilcox.test` in R. */
const AT_TERM = [0.8, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46];
const EARLIER = [1.15, 0.88, 0.9, 0.74, 1.21];

describe('rankSumTest', () => {
  it("gives R's answer for its documented example, whichever sample comes first", () => {
    // p = 764 / 3,003, printed by R as 0.2544.
    expect(rankSumTest(AT_TERM, EARLIER)).toEqual({ statistic: 35, pValue: closeTo(0.2544122544122544) });
    expect(rankSumTest(EARLIER, AT_TERM)).toEqual({ statistic: 15, pValue: closeTo(0.2544122544122544) });
  });

  it("gives SciPy's documented answer for the ages at which diabetes was found", () => {
    const males = [19, 22, 16, 29, 24];
    const females = [20, 11, 17, 12];
    expect(rankSumTest(males, females)).toEqual({ statistic: 17, pValue: closeTo(1 / 9) });
  });

  // Two-sided critical values at 0.05, as printed in most textbooks: the largest U that rejects.
  it.each([
    [3, 5, 0],
    [4, 4, 0],
    [5, 5, 2],
    [5, 10, 8],
    [8, 8, 13],
    [10, 10, 23],
    [20, 20, 127],
  ])('rejects %d against %d values at the level of 0.05 up to U = %d, and not above', (m, n, critical) => {
    expect(rankSumTest(...samplesWith(m, n, critical)).statistic).toBe(critical);
    expect(rankSumTest(...samplesWith(m, n, critical)).pValue).toBeLessThanOrEqual(0.05);
    expect(rankSumTest(...samplesWith(m, n, critical + 1)).pValue).toBeGreaterThan(0.05);
  });

  // SciPy 1.17.1: `mannwhitneyu(a, b, method='exact')` up to 2,500 pairs, then `method='asymptotic'`.
  it.each([
    [8, 9, 31, 0.6729740847387906],
    [20, 25, 180, 0.11301122305723746],
    [3, 40, 43, 0.4506928125759662],
    [50, 50, 1_024, 0.12038273352459716],
    [60, 50, 1_243, 0.12361640809656842],
  ])("gives SciPy's answer for %d against %d values", (m, n, statistic, pValue) => {
    const a = Array.from({ length: m }, (_, i) => ((i * 37 + 5) % 101) + i * 0.01);
    const b = Array.from({ length: n }, (_, i) => ((i * 53 + 17) % 103) + 8 + i * 0.007 + 0.003);
    expect(rankSumTest(a, b)).toEqual({ statistic, pValue: closeTo(pValue) });
  });

  it("gives SciPy's answer where the approximation has to correct for ties", () => {
    const a = Array.from({ length: 60 }, (_, i) => (i * 37 + 5) % 23);
    const b = Array.from({ length: 50 }, (_, i) => (i * 53 + 17) % 29);
    expect(rankSumTest(a, b)).toEqual({ statistic: 1_243.5, pValue: closeTo(0.12406224748257554) });
  });

  it('is exact where values are equal', () => {
    // SciPy 1.17.1: `mannwhitneyu(a, b, method=PermutationMethod(n_resamples=10**6))`, which enumerates all 1,716 ways.
    const test = rankSumTest([3, 3, 4, 5, 6, 6], [4, 6, 7, 7, 8, 9, 9]);
    expect(test).toEqual({ statistic: 4.5, pValue: closeTo(0.016317016317016316) });
  });

  it('agrees with all ways to draw the first sample written out, ties included', () => {
    const sample = fc.array(fc.integer({ min: 0, max: 5 }), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(sample, sample, (a, b) => {
        const { statistic, pValue } = rankSumByEnumeration(a, b);
        expect(rankSumTest(a, b)).toEqual({ statistic, pValue: closeTo(pValue) });
      }),
    );
  });

  it('turns round with its input', () => {
    const sample = fc.array(fc.integer({ min: -9, max: 9 }), { minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(sample, sample, (a, b) => {
        const { statistic, pValue } = rankSumTest(a, b);
        expect(rankSumTest(b, a)).toEqual({ statistic: a.length * b.length - statistic, pValue: closeTo(pValue) });
        expect(pValue).toBeGreaterThan(0);
        expect(pValue).toBeLessThanOrEqual(1);
      }),
      { numRuns: 30 },
    );
  });

  it('tells nothing to test from values that are all equal', () => {
    expect(rankSumTest([], [1, 2])).toEqual({ statistic: 0, pValue: NaN });
    expect(rankSumTest([1, 2], [])).toEqual({ statistic: 0, pValue: NaN });
    expect(rankSumTest([5, 5], [5, 5, 5])).toEqual({ statistic: 3, pValue: 1 });
    const many = new Array<number>(60).fill(5);
    expect(rankSumTest(many, many)).toEqual({ statistic: 1_800, pValue: 1 });
  });

  it.each([NaN, Infinity])('refuses %d in either sample', (stray) => {
    expect(() => rankSumTest([stray], [1])).toThrow(RangeError);
    expect(() => rankSumTest([1], [stray])).toThrow(RangeError);
    expect(() => hodgesLehmannShift([stray], [1])).toThrow(RangeError);
    expect(() => hodgesLehmannShift([1], [stray])).toThrow(RangeError);
  });
});

describe('hodgesLehmannShift', () => {
  it('finds the middle of 50 differences of a worked example, and the ninth from either end', () => {
    const { estimate, low, high, confidence } = hodgesLehmannShift(EARLIER, AT_TERM);
    expect(estimate).toBeCloseTo(0.305, 12);
    expect(low).toBeCloseTo(-0.15, 12);
    expect(high).toBeCloseTo(0.76, 12);
    // 1 − 2 · 60/3,003.
    expect(confidence).toBeCloseTo(0.96003996003996, 13);
  });

  it.each([
    [3, 4, 3, 5],
    [2, 7, 2, 8],
    [4, 3, 4, 4],
  ])(
    'knows no limits for a confidence of 0.95 from %d and %d values, and the extremes from %d and %d',
    (m, few, _, enough) => {
      const a = Array.from({ length: m }, (__, index) => index * 100);
      const b = Array.from({ length: enough }, (__, index) => index + 1_000);
      expect(hodgesLehmannShift(a, b.slice(0, few))).toMatchObject({ low: -Infinity, high: Infinity, confidence: 1 });
      expect(hodgesLehmannShift(a, b)).toMatchObject({ low: 1_000 - (m - 1) * 100, high: 999 + enough });
    },
  );

  it('holds exactly the shifts that the test does not reject', () => {
    const sample = fc.uniqueArray(fc.integer({ min: -30, max: 30 }), { minLength: 1, maxLength: 7 });
    fc.assert(
      fc.property(
        sample,
        sample,
        fc.integer({ min: -62, max: 62 }),
        fc.constantFrom(0.5, 0.8, 0.9, 0.95),
        (a, b, whole, asked) => {
          // A quarter beside a whole number equals no difference, so nothing is tied.
          const shift = whole + 0.25;
          const { low, high, confidence } = hodgesLehmannShift(a, b, asked);
          const { pValue } = rankSumTest(
            a,
            b.map((value) => value - shift),
          );
          // Nine digits: the two add the same probabilities in a different order.
          expect(low < shift && shift < high).toBe(pValue > 1 - confidence + 1e-9);
          expect(confidence).toBeGreaterThanOrEqual(asked);
        },
      ),
    );
  });

  it.each([
    [6, 7, 2_000],
    [51, 50, 200],
  ])('covers the true shift of %d against %d values as often as it states', (m, n, trials) => {
    const random = seededRandom(1947);
    let covered = 0;
    let stated = 0;
    for (let trial = 0; trial < trials; trial++) {
      const a = Array.from({ length: m }, () => randomExponential(random, 1));
      const b = Array.from({ length: n }, () => 3 + randomExponential(random, 1));
      const { low, high, confidence } = hodgesLehmannShift(a, b);
      if (low <= 3 && 3 <= high) covered++;
      stated = confidence;
    }
    // Four standard deviations of a binomial share; the seed is fixed.
    expect(Math.abs(covered / trials - stated)).toBeLessThan(4 * Math.sqrt((stated * (1 - stated)) / trials));
  });

  it('cuts where the normal distribution says when there are many pairs', () => {
    // All differences are distinct. SciPy 1.17.1: `1 - 2 * norm.cdf((1173.5 - mean) / deviation)`.
    const a = Array.from({ length: 60 }, (_, index) => index);
    const b = Array.from({ length: 50 }, (_, index) => index * 200);
    expect(hodgesLehmannShift(a, b)).toEqual({
      estimate: 4_870.5,
      low: 3_774,
      high: 5_967,
      confidence: closeTo(0.9500018995160686),
    });
  });

  it('has neither estimate nor limits without values on both sides', () => {
    const nothing = { estimate: NaN, low: -Infinity, high: Infinity, confidence: 1 };
    expect(hodgesLehmannShift([], [1, 2])).toEqual(nothing);
    expect(hodgesLehmannShift([1, 2], [])).toEqual(nothing);
  });

  it.each([0, 1, 95, NaN])('refuses %d as a confidence', (confidence) => {
    expect(() => hodgesLehmannShift([1, 2], [3], confidence)).toThrow(RangeError);
  });
});

function closeTo(value: number): number {
  return expect.closeTo(value, 13) as number;
}

/** The first sample takes the lowest ranks, then moves its largest ones up until it wins so many pairs. */
function samplesWith(m: number, n: number, statistic: number): [a: number[], b: number[]] {
  let missing = statistic;
  const a = Array.from({ length: m }, (_, index) => m - index).map((rank) => {
    const step = Math.min(missing, n);
    missing -= step;
    return rank + step;
  });
  return [a, Array.from({ length: m + n }, (_, index) => index + 1).filter((rank) => !a.includes(rank))];
}

/** The definition, word for word: pairs counted one by one, for every way to choose who belongs to the first sample. */
function rankSumByEnumeration(a: readonly number[], b: readonly number[]): ReturnType<typeof rankSumTest> {
  const all = [...a, ...b];
  const pairsWon = (isFirst: (index: number) => boolean): number => {
    const first = all.filter((_, index) => isFirst(index));
    const second = all.filter((_, index) => !isFirst(index));
    return first
      .flatMap((value) => second.map((other): number => (value > other ? 1 : value === other ? 0.5 : 0)))
      .reduce((total, won) => total + won, 0);
  };
  const statistic = pairsWon((index) => index < a.length);
  let [ways, below, above] = [0, 0, 0];
  for (let choice = 0; choice < 2 ** all.length; choice++) {
    const isFirst = (index: number): boolean => ((choice >> index) & 1) === 1;
    if (all.filter((_, index) => isFirst(index)).length !== a.length) continue;
    const won = pairsWon(isFirst);
    ways++;
    if (won <= statistic) below++;
    if (won >= statistic) above++;
  }
  return { statistic, pValue: Math.min(1, (2 * Math.min(below, above)) / ways) };
}
