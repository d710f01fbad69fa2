import { describe, expect, it } from 'vitest';
import { randomExponential, seededRandom } from './random.js';

const DRAWS = 100_000;

describe('seededRandom', () => {
  it('repeats itself from the same seed and stream', () => {
    const draw = (seed: number, stream: number): number[] => {
      const random = seededRandom(seed, stream);
      return Array.from({ length: 5 }, () => random.next());
    };
    expect(draw(7, 1)).toEqual(draw(7, 1));
    expect(draw(7, 1)).not.toEqual(draw(7, 2));
    expect(draw(7, 1)).not.toEqual(draw(8, 1));
  });

  it('spreads evenly, and neighbouring streams are not correlated', () => {
    const [a, b] = [seededRandom(1, 0), seededRandom(1, 1)];
    let sum = 0;
    let product = 0;
    for (let i = 0; i < DRAWS; i++) {
      const x = a.next();
      sum += x;
      product += (x - 0.5) * (b.next() - 0.5);
    }
    // Five standard errors: 5 · √(1/12 / n) and 5 · (1/12) / √n; the seed is fixed, so this is no gamble.
    expect(Math.abs(sum / DRAWS - 0.5)).toBeLessThan(0.0046);
    expect(Math.abs(product / DRAWS)).toBeLessThan(0.0014);
  });
});

describe('randomExponential', () => {
  it('has the mean and the deviation of an exponential distribution, which are equal', () => {
    const random = seededRandom(3);
    const draws = Array.from({ length: DRAWS }, () => randomExponential(random, 20));
    const mean = draws.reduce((sum, x) => sum + x, 0) / DRAWS;
    const deviation = Math.sqrt(draws.reduce((sum, x) => sum + (x - mean) ** 2, 0) / DRAWS);
    expect(mean).toBeCloseTo(20, 0);
    expect(deviation).toBeCloseTo(20, 0);
  });
});
