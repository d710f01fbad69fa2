import { describe, expect, it } from 'vitest';
import { randomInteger, randomNormal, seededRandom } from '../model/random.js';
import { bootstrapInterval } from './bootstrap.js';

describe('bootstrapInterval', () => {
  it('cuts 2.5 % off either end, whatever the order', () => {
    const resampled = Array.from({ length: 999 }, (_, index) => ((index * 7) % 999) + 1);
    expect(bootstrapInterval(resampled)).toEqual({ low: 25, high: 975 });
    expect(bootstrapInterval(resampled, 0.9)).toEqual({ low: 50, high: 950 });
  });

  it('keeps to the extremes of a few', () => {
    expect(bootstrapInterval([3, 1, 2])).toEqual({ low: 1, high: 3 });
    expect(bootstrapInterval([2])).toEqual({ low: 2, high: 2 });
    expect(bootstrapInterval([])).toEqual({ low: NaN, high: NaN });
  });

  it('takes an endless estimate for the largest', () => {
    const resampled = Array.from({ length: 999 }, (_, index) => (index < 40 ? Infinity : index));
    expect(bootstrapInterval(resampled)).toEqual({ low: 64, high: Infinity });
  });

  it('covers the mean of 30 values about as often as it says, by resampling them', () => {
    const random = seededRandom(1979);
    const trials = 600;
    let covered = 0;
    for (let trial = 0; trial < trials; trial++) {
      const values = Array.from({ length: 30 }, () => randomNormal(random));
      const means = Array.from({ length: 399 }, () => {
        let total = 0;
        for (let draw = 0; draw < 30; draw++) total += values[randomInteger(random, 30)]!;
        return total / 30;
      });
      const { low, high } = bootstrapInterval(means);
      if (low <= 0 && 0 <= high) covered++;
    }
    // The percentile interval of a mean takes the normal for t with 29 degrees, and n for n − 1: 93.6 % (Efron and Tibshirani).
    expect(Math.abs(covered / trials - 0.936)).toBeLessThan(0.03);
  });

  it.each([0, 1, 95, NaN])('refuses %d as a confidence', (confidence) => {
    expect(() => bootstrapInterval([1, 2], confidence)).toThrow(RangeError);
  });
});
