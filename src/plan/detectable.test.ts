import { describe, expect, it } from 'vitest';
import { randomNormal, seededRandom } from '../model/random.js';
import { smallestDetectable } from './detectable.js';
import { signedRankTest } from './signed-rank.js';

/** Differences with this standard deviation. */
const scattered = (deviation: number): number[] => [-deviation / Math.SQRT2, deviation / Math.SQRT2];

describe('smallestDetectable', () => {
  // The power of the signed rank test as the gate asks it, simulated with other draws.
  it.each([
    [6, 0.05],
    [7, 0.05],
    [8, 0.05],
    [10, 0.05],
    [10, 0.05 / 4],
    [16, 0.05],
    [40, 0.05],
  ])('is found by %d rounds at %d in 80 % of cases', (rounds, significance) => {
    const deviation = 0.03;
    const detectable = smallestDetectable(scattered(deviation), rounds, 0.05 / significance)!;
    const random = seededRandom(2024);
    const trials = 2_500;
    let found = 0;
    for (let trial = 0; trial < trials; trial++) {
      const differences = Array.from(
        { length: rounds },
        () => Math.log1p(detectable) + deviation * randomNormal(random),
      );
      if (signedRankTest(differences).pValue < significance) found++;
    }
    // By √n instead of simulated it is a little too large, beyond 20 rounds.
    expect(found / trials).toBeGreaterThan(0.77);
    expect(found / trials).toBeLessThan(rounds > 20 ? 0.85 : 0.83);
  });

  it('needs all six differences on one side, so Φ(shift)⁶ = 80 %', () => {
    // SciPy 1.17.1: `norm.ppf(0.8 ** (1 / 6))` is 1.793.
    expect(Math.log1p(smallestDetectable(scattered(1), 6)!) / 1.793).toBeCloseTo(1, 1);
  });

  // SciPy 1.17.1: the noncentral t at which the t-test has 80 % power, in standard deviations. The signed rank test is 95.5 % as
  // efficient (3/π), and its levels are coarser with few rounds.
  it.each([
    [10, 0.996],
    [16, 0.7495],
    [20, 0.6604],
    [24, 0.5972],
  ])('lies a little above that of the t-test with %d rounds', (rounds, ofTTest) => {
    const ratio = Math.log1p(smallestDetectable(scattered(0.01), rounds)!) / 0.01 / ofTTest;
    expect(ratio).toBeGreaterThan(1);
    expect(ratio).toBeLessThan(1.1);
  });

  it('grows with the scatter and falls with the rounds', () => {
    const ofRounds = [6, 8, 10, 20, 40, 160].map((rounds) => smallestDetectable(scattered(0.02), rounds)!);
    expect(ofRounds).toEqual([...ofRounds].sort((one, other) => other - one));
    expect(Math.log1p(ofRounds[5]!) / Math.log1p(ofRounds[4]!)).toBeCloseTo(0.5, 12);
    const [once, twice] = [0.02, 0.04].map((deviation) => Math.log1p(smallestDetectable(scattered(deviation), 10)!));
    expect(twice! / once!).toBeCloseTo(2, 12);
    expect(smallestDetectable([0.5, 0.5, 0.5], 10)).toBe(0);
  });

  it('does not mind where the differences lie, and repeats itself', () => {
    const differences = [0.01, -0.02, 0.03, 0.005, -0.01, 0.02];
    const moved = differences.map((difference) => difference + 0.7);
    expect(smallestDetectable(moved, 12)).toBeCloseTo(smallestDetectable(differences, 12)!, 12);
    expect(smallestDetectable(differences, 12)).toBe(smallestDetectable(differences, 12));
  });

  it('finds nothing where no result could be called a difference', () => {
    expect(smallestDetectable([0.1, 0.2, 0.3], 5)).toBeNull();
    expect(smallestDetectable([0.1, 0.2, 0.3], 7, 4)).toBeNull();
    expect(smallestDetectable([0.1, 0.2, 0.3], 8, 4)).not.toBeNull();
    expect(smallestDetectable([0.1, 0.2, 0.3], 0)).toBeNull();
    expect(smallestDetectable([0.1], 10)).toBeNull();
    expect(smallestDetectable([], 10)).toBeNull();
  });

  it('refuses what is not finite', () => {
    expect(() => smallestDetectable([0.1, Infinity], 10)).toThrow(RangeError);
  });
});
