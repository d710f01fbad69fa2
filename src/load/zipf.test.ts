import { describe, expect, it } from 'vitest';
import { seededRandom } from '../model/random.js';
import { zipfSampler } from './zipf.js';

const DRAWS = 200_000;

describe('zipfSampler', () => {
  it.each([
    [2, 0.5],
    [10, 1],
    [100, 0.99],
    [1_000, 2],
    [5, 8],
  ])('draws each of %d ranks with the probability that theta %d gives it', (count, theta) => {
    const sample = zipfSampler(count, theta, seededRandom(11));
    const seen = new Array<number>(count).fill(0);
    for (let i = 0; i < DRAWS; i++) {
      const rank = sample();
      seen[rank] = (seen[rank] ?? 0) + 1;
    }
    const weights = seen.map((_, rank) => (rank + 1) ** -theta);
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    expect(seen.reduce((sum, times) => sum + times, 0)).toBe(DRAWS);
    seen.forEach((times, rank) => {
      const share = (weights[rank] ?? 0) / total;
      // Six standard deviations of a binomial count; the seed is fixed.
      expect(Math.abs(times / DRAWS - share)).toBeLessThan(6 * Math.sqrt((share * (1 - share)) / DRAWS) + 1e-6);
    });
  });

  it('stays within the ranks of a large set', () => {
    const sample = zipfSampler(1_000_000, 1.2, seededRandom(2));
    const ranks = Array.from({ length: DRAWS }, sample);
    expect(ranks.every((rank) => Number.isInteger(rank) && rank >= 0 && rank < 1_000_000)).toBe(true);
  });
});
