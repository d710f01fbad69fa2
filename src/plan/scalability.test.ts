import { describe, expect, it } from 'vitest';
import type { Estimate } from '../model/capacity.js';
import { randomNormal, seededRandom } from '../model/random.js';
import { rateAt, type Curve, type LoadRate } from './scalability-curve.js';
import { fitScalability } from './scalability.js';
import { CISCO, RAYTRACER, SPECSDM91 } from './scalability-data.fixture.js';

const TRUTH: Curve = { lambda: 1_000, sigma: 0.05, kappa: 0.002 };

describe('fitScalability', () => {
  it('gives the published answer for the SPEC SDM91 benchmark, with a peak', () => {
    // R's usl 3.0: 89.9952330, 0.0277285, 0.0001044; peak at 96.5.
    const { fit, refusal } = fitScalability(SPECSDM91, seededRandom(1));
    expect(refusal).toBeNull();
    expect(fit!.lambda.value).toBeCloseTo(89.995233, 6);
    expect(fit!.sigma.value).toBeCloseTo(0.0277285, 7);
    expect(fit!.kappa.value).toBeCloseTo(0.0001044, 7);
    expect(fit!.peak!.clients.value).toBeCloseTo(96.52, 2);
    expect(fit!.peak!.ratePerSecond.value).toBeCloseTo(1_883.9, 1);
    expect(fit!.r2).toBeCloseTo(0.98956, 5);
    for (const estimate of estimatesOf(fit!)) {
      expect(estimate.low).toBeLessThan(estimate.value);
      expect(estimate.high).toBeGreaterThan(estimate.value);
    }
  });

  it('sees no peak in the ray tracer, whose κ is 0', () => {
    // R's usl 3.0: 21.8488, 0.0578, 0.
    const { fit, refusal } = fitScalability(RAYTRACER, seededRandom(1));
    expect(fit!.lambda.value).toBeCloseTo(21.8488, 4);
    expect(fit!.sigma.value).toBeCloseTo(0.0578, 4);
    expect(fit!.kappa).toMatchObject({ value: 0, low: 0 });
    expect(fit!.peak).toBeNull();
    expect(refusal).toBe(
      'Not from this data: there is no peak in the range of 1 to 64 clients, as what pairs of clients cost (κ) may as well be nothing.',
    );
  });

  it('does not tell a peak that lies beyond what was measured', () => {
    const { fit, refusal } = fitScalability(CISCO, seededRandom(1));
    expect(fit!.kappa.low).toBeGreaterThan(0);
    expect(fit!.peak).toBeNull();
    expect(refusal).toBe(
      'Not from this data: there is no peak in the range of 1 to 32 clients; the curve would have it at 36, where nothing was measured.',
    );
  });

  it('does not call the fewest clients a peak', () => {
    const points = [2, 3, 4, 6, 8, 12, 16].map((clients) => ({
      clients,
      ratePerSecond: 3_000 / (1 + 0.5 * clients ** 1.5),
    }));
    const { fit, refusal } = fitScalability(points, seededRandom(1));
    expect(fit).not.toBeNull();
    expect(fit!.peak).toBeNull();
    expect(refusal).toContain('the rate falls from the fewest clients on');
  });

  it('needs six different loads', () => {
    const five = [1, 2, 4, 8, 16, 16, 8, 4].map((clients) => ({ clients, ratePerSecond: rateAt(TRUTH, clients) }));
    expect(fitScalability(five, seededRandom(1))).toEqual({
      fit: null,
      refusal: 'Not from this data: the scalability law needs 6 different numbers of clients, and there are 5.',
    });
    expect(
      fitScalability([...five, { clients: 32, ratePerSecond: rateAt(TRUTH, 32) }], seededRandom(1)).fit,
    ).not.toBeNull();
    expect(fitScalability([], seededRandom(1)).fit).toBeNull();
  });

  it('says so when nothing was acquired', () => {
    const points = [1, 2, 4, 8, 16, 32].map((clients) => ({ clients, ratePerSecond: 0 }));
    expect(fitScalability(points, seededRandom(1))).toEqual({
      fit: null,
      refusal: 'Not from this data: nothing was acquired with any number of clients.',
    });
  });

  it('is certain of what lies on a curve', () => {
    const points = [1, 2, 4, 8, 16, 32].map((clients) => ({ clients, ratePerSecond: rateAt(TRUTH, clients) }));
    const { fit } = fitScalability(points, seededRandom(1));
    expect(fit!.lambda.low).toBeCloseTo(1_000, 6);
    expect(fit!.kappa.high).toBeCloseTo(0.002, 9);
    expect(fit!.peak!.clients.value).toBeCloseTo(Math.sqrt(0.95 / 0.002), 6);
    expect(fit!.r2).toBeCloseTo(1, 12);
  });

  it('repeats itself from the same seed', () => {
    expect(fitScalability(SPECSDM91, seededRandom(3))).toEqual(fitScalability(SPECSDM91, seededRandom(3)));
  });

  // Truth within the interval, of 100: λ, σ, κ and the peak each.
  it.each([
    ['six loads, scatter that grows with the rate', [1, 2, 4, 8, 16, 32], 1, 'share', 86],
    ['eight loads, scatter that grows with the rate', [1, 2, 4, 8, 16, 32, 48, 64], 1, 'share', 89],
    ['eight loads three times, scatter that grows with the rate', [1, 2, 4, 8, 16, 24, 32, 64], 3, 'share', 90],
    ['eight loads, constant scatter', [1, 2, 4, 8, 16, 32, 48, 64], 1, 'constant', 89],
    ['eight loads three times, constant scatter', [1, 2, 4, 8, 16, 24, 32, 64], 3, 'constant', 90],
  ] as const)('covers the truth with %s', (_, loads, rounds, scatter, least) => {
    const random = seededRandom(1986);
    const trials = 80;
    const covered = [0, 0, 0, 0];
    for (let trial = 0; trial < trials; trial++) {
      const points = loads.flatMap((clients) =>
        Array.from({ length: rounds }, (): LoadRate => {
          const rate = rateAt(TRUTH, clients);
          const deviation = scatter === 'share' ? 0.03 * rate : 200;
          return { clients, ratePerSecond: Math.max(0, rate + deviation * randomNormal(random)) };
        }),
      );
      const { fit } = fitScalability(points, random, 299);
      const truths = [TRUTH.lambda, TRUTH.sigma, TRUTH.kappa, Math.sqrt((1 - TRUTH.sigma) / TRUTH.kappa)];
      estimatesOf(fit!).forEach(({ low, high }, index) => {
        if (low <= truths[index]! && truths[index]! <= high) covered[index]!++;
      });
      // A peak that was refused was not told wrongly.
      if (fit!.peak === null) covered[3]!++;
    }
    for (const count of covered) expect((100 * count) / trials).toBeGreaterThanOrEqual(least);
  });

  it('rarely sees a peak where there is none', () => {
    const random = seededRandom(1993);
    const trials = 80;
    let seen = 0;
    for (let trial = 0; trial < trials; trial++) {
      const points = [1, 2, 4, 8, 16, 24, 32, 64].map((clients) => ({
        clients,
        ratePerSecond: rateAt({ lambda: 1_000, sigma: 0.05, kappa: 0 }, clients) * (1 + 0.03 * randomNormal(random)),
      }));
      if (fitScalability(points, random, 299).fit!.peak !== null) seen++;
    }
    expect(seen / trials).toBeLessThan(0.06);
  });

  it.each([
    [1.5, 100],
    [0, 100],
    [4, -1],
    [4, NaN],
    [4, Infinity],
  ])('refuses %d clients at %d/s', (clients, ratePerSecond) => {
    expect(() => fitScalability([{ clients, ratePerSecond }], seededRandom(1))).toThrow(RangeError);
  });
});

function estimatesOf({
  lambda,
  sigma,
  kappa,
  peak,
}: NonNullable<ReturnType<typeof fitScalability>['fit']>): Estimate[] {
  return peak === null ? [lambda, sigma, kappa] : [lambda, sigma, kappa, peak.clients];
}
