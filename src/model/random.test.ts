import { describe, expect, it } from 'vitest';
import { randomExponential, randomNormal, seededRandom } from './random.js';

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

describe('randomNormal', () => {
  it('has the moments of a standard normal distribution, and its tails', () => {
    const random = seededRandom(4);
    const draws = Array.from({ length: DRAWS }, () => randomNormal(random));
    const moment = (power: number): number => draws.reduce((sum, x) => sum + x ** power, 0) / DRAWS;
    // Five standard errors each, √(Var(xᵏ) / n); the seed is fixed.
    expect(Math.abs(moment(1))).toBeLessThan(0.016);
    expect(Math.abs(moment(2) - 1)).toBeLessThan(0.023);
    expect(Math.abs(moment(3))).toBeLessThan(0.062);
    expect(Math.abs(moment(4) - 3)).toBeLessThan(0.155);
    expect(Math.abs(draws.filter((x) => x > 1.959964).length / DRAWS - 0.025)).toBeLessThan(0.0025);
  });
});
