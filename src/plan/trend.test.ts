import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { randomNormal, seededRandom } from '../model/random.js';
import { trendOf } from './trend.js';

describe('trendOf', () => {
  // M. G. Kendall, "Rank Correlation Methods", table 1, and R. O. Gilbert, "Statistical Methods for Environmental Pollution
  // Monitoring", 1987, table A18: the probability, one-sided, of S and more.
  it.each([
    [4, 4, 0.167],
    [4, 6, 0.042],
    [5, 6, 0.117],
    [5, 8, 0.042],
    [5, 10, 0.0083],
    [6, 11, 0.028],
    [7, 13, 0.035],
    [8, 16, 0.031],
    [8, 18, 0.016],
    [9, 18, 0.038],
    [10, 21, 0.036],
    [10, 23, 0.023],
    [10, 25, 0.014],
  ])('gives the tabled probability for %d values and S = %d', (n, statistic, tail) => {
    const { pValue } = trendOf(orderWith(n, statistic));
    expect(Math.abs(pValue / 2 - tail)).toBeLessThan(0.0006);
  });

  it('gives the answer of an example worked by hand, with one tie', () => {
    // Holy Cross, MONT 106Q: S = 54, Z = 2.9058. Slope: SciPy 1.17.1, `theilslopes`.
    const { slope, pValue } = trendOf([
      12.9, 14.8, 13.2, 15.7, 13.8, 15.6, 12.9, 11.0, 17.3, 15.9, 19.0, 18.3, 20.1, 21.7,
    ]);
    expect(pValue).toBeCloseTo(0.003663, 6);
    expect(slope).toBeCloseTo(0.566666666666667, 12);
  });

  // SciPy 1.17.1: `kendalltau(range(n), values, method='exact')` and `theilslopes(values)`.
  it.each([
    ['7', [3, 1, 4, 1.5, 9, 2.6, 5.3], 0.3813492063492063, 0.4],
    [
      '14',
      [12.9, 14.8, 13.2, 15.7, 13.8, 15.6, 12.91, 11.0, 17.3, 15.9, 19.0, 18.3, 20.1, 21.7],
      0.0019570772224542067,
      0.566666666666667,
    ],
    [
      '60',
      Array.from({ length: 60 }, (_, i) => ((i * i * 7_919) % 104_729) / 1e3 + i * 0.3),
      0.47274443482384276,
      0.21332234432234431,
    ],
  ])("gives SciPy's answer for %s values", (_, values, pValue, slope) => {
    expect(trendOf(values).pValue).toBeCloseTo(pValue, 12);
    expect(trendOf(values).slope).toBeCloseTo(slope, 12);
  });

  it('stays close to the exact answer where it changes over to the approximation', () => {
    const random = seededRandom(1945);
    const values = Array.from({ length: 60 }, (_, index) => index * 0.02 + randomNormal(random));
    // One value more, in the middle of all, changes little but the way of counting.
    expect(
      Math.abs(trendOf(values).pValue - trendOf([...values.slice(0, 30), 0.601, ...values.slice(30)]).pValue),
    ).toBeLessThan(0.02);
  });

  it('counts all orders of a few values', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer(), { minLength: 2, maxLength: 6 }), (values) => {
        const scoreOf = (order: readonly number[]): number =>
          order
            .flatMap((later, j) => order.slice(0, j).map((earlier) => Math.sign(later - earlier)))
            .reduce((a, b) => a + b, 0);
        const orders = ordersOf(values);
        const asFar = orders.filter((order) => Math.abs(scoreOf(order)) >= Math.abs(scoreOf(values)));
        expect(trendOf(values).pValue).toBeCloseTo(asFar.length / orders.length, 12);
      }),
    );
  });

  it('turns round with its input, and keeps to the steps', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -50, max: 50 }), { minLength: 2, maxLength: 30 }), (values) => {
        const { slope, pValue } = trendOf(values);
        const reversed = trendOf([...values].reverse());
        expect(reversed.slope).toBeCloseTo(-slope, 12);
        expect(reversed.pValue).toBe(pValue);
        expect(trendOf(values.map((value, index) => value + 200 * index)).slope).toBeCloseTo(slope + 200, 9);
      }),
    );
  });

  it('calls a trend of nothing as often as it says', () => {
    const random = seededRandom(1975);
    for (const n of [8, 30, 70]) {
      const trials = 600;
      let called = 0;
      for (let trial = 0; trial < trials; trial++) {
        if (trendOf(Array.from({ length: n }, () => randomNormal(random))).pValue < 0.05) called++;
      }
      expect(called / trials).toBeLessThan(0.075);
      expect(called / trials).toBeGreaterThan(0.015);
    }
  });

  it('is not moved by one wild value', () => {
    expect(trendOf([1, 2, 3, 4, 5_000, 6, 7, 8, 9]).slope).toBe(1);
  });

  it('sees no trend in equal values, and nothing in one', () => {
    expect(trendOf([4, 4, 4])).toEqual({ slope: 0, pValue: 1 });
    expect(trendOf([1, 2])).toEqual({ slope: 1, pValue: 1 });
    expect(trendOf([4])).toEqual({ slope: NaN, pValue: NaN });
    expect(trendOf([])).toEqual({ slope: NaN, pValue: NaN });
  });

  it('refuses what is not finite', () => {
    expect(() => trendOf([1, NaN, 2])).toThrow(RangeError);
  });
});

/** An order of 0 … n − 1 whose later values exceed earlier ones in so many more pairs than not. */
function orderWith(n: number, statistic: number): number[] {
  let inversions = ((n * (n - 1)) / 2 - statistic) / 2;
  const left = Array.from({ length: n }, (_, value) => value);
  return Array.from({ length: n }, () => {
    const skipped = Math.min(inversions, left.length - 1);
    inversions -= skipped;
    return left.splice(skipped, 1)[0]!;
  });
}

function ordersOf(values: readonly number[]): number[][] {
  if (values.length === 0) return [[]];
  return values.flatMap((first, index) =>
    ordersOf(values.filter((_, other) => other !== index)).map((rest) => [first, ...rest]),
  );
}
