import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fitCurve, leverages, peakClients, peakRate, rateAt, squaresLeft, type Curve } from './scalability-curve.js';
import { CISCO, RAYTRACER, SPECSDM91 } from './scalability-data.fixture.js';

const curves = fc.record({
  lambda: fc.double({ min: 1, max: 1e5, noNaN: true }),
  sigma: fc.double({ min: 0, max: 0.9, noNaN: true }),
  kappa: fc.double({ min: 0, max: 0.1, noNaN: true }),
});
const LOADS = [1, 2, 4, 8, 16, 32, 64];

describe('fitCurve', () => {
  it('gives the coefficients that were published', () => {
    // R's usl 3.0, summary of specsdm91 and coef of raytracer.
    expect(fitCurve(SPECSDM91).lambda).toBeCloseTo(89.995233, 6);
    expect(fitCurve(SPECSDM91).sigma).toBeCloseTo(0.0277285, 7);
    expect(fitCurve(SPECSDM91).kappa).toBeCloseTo(0.0001044, 7);
    expect(fitCurve(RAYTRACER)).toMatchObject({ kappa: 0, sigma: expect.closeTo(0.0578, 4) as number });
    // B. Schwartz, "Practical Scalability Analysis with the Universal Scalability Law": 995.6486, 0.02671591, 7.690945e-4.
    expect(fitCurve(CISCO).lambda).toBeCloseTo(995.6486, 3);
    expect(fitCurve(CISCO).sigma).toBeCloseTo(0.02671591, 7);
    expect(fitCurve(CISCO).kappa).toBeCloseTo(7.690945e-4, 8);
  });

  it('finds the curve that rates lie on', () => {
    fc.assert(
      fc.property(curves, (truth) => {
        const points = LOADS.map((clients) => ({ clients, ratePerSecond: rateAt(truth, clients) }));
        const found = fitCurve(points);
        for (const { clients, ratePerSecond } of points)
          expect(rateAt(found, clients) / ratePerSecond).toBeCloseTo(1, 5);
      }),
    );
  });

  it('leaves no smaller sum of squares nearby, nor where other searches end', () => {
    const noise = fc.array(fc.double({ min: 0.6, max: 1.4, noNaN: true }), { minLength: 7, maxLength: 7 });
    fc.assert(
      fc.property(curves, noise, (truth, factors) => {
        const points = LOADS.map((clients, index) => ({
          clients,
          ratePerSecond: rateAt(truth, clients) * factors[index]!,
        }));
        const found = fitCurve(points);
        const least = squaresLeft(points, found) * (1 + 1e-6);
        expect(found.sigma).toBeGreaterThanOrEqual(0);
        expect(found.kappa).toBeGreaterThanOrEqual(0);
        for (const lambda of [0.999, 1, 1.001]) {
          for (const [bySigma, byKappa] of [
            [1e-4, 0],
            [-1e-4, 0],
            [0, 1e-6],
            [0, -1e-6],
            [1e-4, 1e-6],
          ] as const) {
            const near: Curve = {
              lambda: found.lambda * lambda,
              sigma: Math.max(0, found.sigma + bySigma),
              kappa: Math.max(0, found.kappa + byKappa),
            };
            expect(squaresLeft(points, near)).toBeGreaterThanOrEqual(least / (1 + 2e-6));
          }
        }
        for (const start of [truth, { lambda: 1, sigma: 0, kappa: 0 }, { lambda: 1, sigma: 0.5, kappa: 0.05 }]) {
          expect(squaresLeft(points, fitCurve(points, start))).toBeGreaterThanOrEqual(least / (1 + 2e-6));
        }
      }),
    );
  });

  it('stands rates of nought', () => {
    const points = LOADS.map((clients) => ({ clients, ratePerSecond: clients > 16 ? 0 : 100 }));
    expect(fitCurve(points).lambda).toBeGreaterThan(0);
  });
});

describe('leverages', () => {
  it('make three where all parameters are free, and fewer where one is 0', () => {
    const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
    expect(sum(leverages(SPECSDM91, fitCurve(SPECSDM91)))).toBeCloseTo(3, 9);
    expect(sum(leverages(RAYTRACER, fitCurve(RAYTRACER)))).toBeCloseTo(2, 9);
  });

  it('tell how far the curve follows a point', () => {
    const points = CISCO.map((point) => ({ ...point }));
    const curve = fitCurve(points);
    const leverage = leverages(points, curve);
    for (const index of [0, 10, 31]) {
      const moved = points.map((point, other) =>
        other === index ? { ...point, ratePerSecond: point.ratePerSecond + 1 } : point,
      );
      const { clients } = points[index]!;
      // But for how the curve bends, which the derivatives do not hold.
      expect(Math.abs(rateAt(fitCurve(moved), clients) - rateAt(curve, clients) - leverage[index]!)).toBeLessThan(0.01);
    }
  });
});

describe('peakRate', () => {
  it('is the rate at the peak, what it nears without one, and that of one client where it only falls', () => {
    const curve = { lambda: 100, sigma: 0.1, kappa: 0.001 };
    expect(peakRate(curve)).toBe(rateAt(curve, 30));
    expect(peakRate({ ...curve, kappa: 0 })).toBe(1_000);
    expect(rateAt({ ...curve, kappa: 0 }, 1e9)).toBeCloseTo(1_000, 3);
    expect(peakRate({ ...curve, sigma: 1.5 })).toBe(100);
  });
});

describe('peakClients', () => {
  it('is where the rate is the highest', () => {
    const curve = { lambda: 100, sigma: 0.1, kappa: 0.001 };
    expect(peakClients(curve)).toBe(30);
    expect(rateAt(curve, 30)).toBeGreaterThan(Math.max(rateAt(curve, 29.9), rateAt(curve, 30.1)));
    expect(peakClients({ ...curve, kappa: 0 })).toBe(Infinity);
    expect(peakClients({ ...curve, sigma: 1.5 })).toBe(0);
  });
});
