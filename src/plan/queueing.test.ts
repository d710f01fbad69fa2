import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { randomExponential, seededRandom } from '../model/random.js';
import { msToNs, sToNs, usToNs } from '../model/time.js';
import { keyCeilingPerSecond, littleInFlight, md1CapacityPerSecond, md1ResponseQuantileNs } from './queueing.js';

/** One service takes a second, so that rates are utilisations. */
const SERVICE_NS = sToNs(1);

describe('md1ResponseQuantileNs', () => {
  // Erlang's formula of 1909, evaluated with 400 digits by mpmath 1.3 and inverted by bisection; waiting, in services.
  it.each([
    [0.3, 0.9, 0.8377147609363536],
    [0.5, 0.99, 3.336255957002204],
    [0.8, 0.99, 10.35588679199495],
    [0.9, 0.999, 33.0139697431193],
    [0.95, 0.99, 44.93776550838067],
    [0.99, 0.5, 34.20811526884081],
    [0.2, 0.999999, 4.876622769621925],
  ])('agrees with the exact formula at a utilisation of %d for the quantile %d', (utilization, quantile, waiting) => {
    const responseNs = md1ResponseQuantileNs(utilization, SERVICE_NS, quantile);
    expect(responseNs / SERVICE_NS / (1 + waiting)).toBeCloseTo(1, 9);
  });

  it('is one service for whoever does not wait', () => {
    expect(md1ResponseQuantileNs(0.4, SERVICE_NS, 0)).toBe(SERVICE_NS);
    expect(md1ResponseQuantileNs(0.4, SERVICE_NS, 0.6)).toBe(SERVICE_NS);
    expect(md1ResponseQuantileNs(0.4, SERVICE_NS, 0.61)).toBeGreaterThan(SERVICE_NS);
  });

  it('has the mean of Pollaczek and Khinchine', () => {
    for (const utilization of [0.1, 0.5, 0.9, 0.99]) {
      const cells = 500;
      let total = 0;
      for (let cell = 0; cell < cells; cell++) {
        total += md1ResponseQuantileNs(utilization, SERVICE_NS, (cell + 0.5) / cells) / SERVICE_NS;
      }
      const mean = 1 + utilization / (2 * (1 - utilization));
      // The outermost cell misses a third of a cell's worth of an exponential tail.
      expect(Math.abs(total / cells / mean - 1)).toBeLessThan(0.003);
    }
  });

  it.each([0.5, 0.8, 0.9])('foretells the waits of a simulated queue at a utilisation of %d', (utilization) => {
    const random = seededRandom(1909);
    const arrivals = 20_000;
    for (const quantile of [0.5, 0.9, 0.99]) {
      const limit = md1ResponseQuantileNs(utilization, SERVICE_NS, quantile) / SERVICE_NS;
      let waiting = 0;
      // Neighbours wait alike, so it is the scatter of long stretches that tells how sure their mean is.
      const later = Array.from({ length: 60 }, () => {
        let count = 0;
        for (let arrival = 0; arrival < arrivals; arrival++) {
          if (waiting + 1 > limit) count++;
          // Lindley: what is left of the work when the next one arrives.
          waiting = Math.max(0, waiting + 1 - randomExponential(random, 1 / utilization));
        }
        return count / arrivals;
      });
      const mean = later.reduce((total, share) => total + share, 0) / later.length;
      const squares = later.reduce((total, share) => total + (share - mean) ** 2, 0);
      const standardError = Math.sqrt(squares / (later.length - 1) / later.length);
      expect(Math.abs(mean - (1 - quantile))).toBeLessThan(4 * standardError);
      expect(standardError).toBeLessThan(0.15 * (1 - quantile));
    }
  });

  it('goes on smoothly where the exponential tail takes over', () => {
    // At 0.95, forty services are waited at a quantile of 0.98349.
    const waits = Array.from(
      { length: 21 },
      (_, step) => md1ResponseQuantileNs(0.95, SERVICE_NS, 0.9834 + step * 1e-5) / SERVICE_NS - 1,
    );
    expect(waits[0]).toBeLessThan(40);
    expect(waits.at(-1)).toBeGreaterThan(40);
    const steps = waits.slice(1).map((wait, index) => wait - waits[index]!);
    for (const [index, step] of steps.slice(1).entries()) expect(step / steps[index]!).toBeCloseTo(1.0006, 3);
  });

  it('nears the exponential of heavy traffic, whose mean is that of the wait', () => {
    const waiting = md1ResponseQuantileNs(0.9999, SERVICE_NS, 0.99) / SERVICE_NS - 1;
    expect(waiting / ((Math.log(100) * 0.9999) / (2 * 0.0001))).toBeCloseTo(1, 3);
  });

  it('grows with the rate and with the quantile', () => {
    const share = fc.double({ min: 0.01, max: 0.9999, noNaN: true });
    fc.assert(
      fc.property(share, share, share, share, (rate, otherRate, quantile, otherQuantile) => {
        const [low, high] = [Math.min(rate, otherRate), Math.max(rate, otherRate)];
        const [less, more] = [Math.min(quantile, otherQuantile), Math.max(quantile, otherQuantile)];
        expect(md1ResponseQuantileNs(low, SERVICE_NS, less)).toBeLessThanOrEqual(
          md1ResponseQuantileNs(high, SERVICE_NS, more) * (1 + 1e-9),
        );
      }),
    );
  });

  it('is without end when at least as much arrives as can be served', () => {
    expect(md1ResponseQuantileNs(1, SERVICE_NS, 0.5)).toBe(Infinity);
    expect(md1ResponseQuantileNs(7, SERVICE_NS, 0.5)).toBe(Infinity);
  });

  it.each([
    [0, 1, 0.5],
    [1, -1, 0.5],
    [NaN, 1, 0.5],
    [1, 1, 1],
    [1, 1, -0.1],
    [1, 1, NaN],
  ])('refuses a rate of %d, a service of %d and a quantile of %d', (rate, serviceNs, quantile) => {
    expect(() => md1ResponseQuantileNs(rate, serviceNs, quantile)).toThrow(RangeError);
  });
});

describe('md1CapacityPerSecond', () => {
  it.each([
    [500, 280.4],
    [1_000, 773.5],
    [5_000, 4_770.3],
  ])('lets a server of %d/s take %d/s for a p99 within 10 ms', (servedPerSecond, expected) => {
    const capacity = md1CapacityPerSecond(sToNs(1) / servedPerSecond, 0.99, msToNs(10));
    expect(capacity).toBeCloseTo(expected, 1);
    expect(md1ResponseQuantileNs(capacity, sToNs(1) / servedPerSecond, 0.99)).toBeCloseTo(msToNs(10), 0);
  });

  it('lets a share of 1 − quantile wait where the limit leaves no time for it', () => {
    expect(md1CapacityPerSecond(msToNs(10), 0.99, msToNs(10))).toBeCloseTo(1, 9);
  });

  it('allows nothing when one service alone takes longer', () => {
    expect(md1CapacityPerSecond(msToNs(10.1), 0.99, msToNs(10))).toBe(0);
  });

  it('is the inverse of the quantile', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.05, max: 0.999, noNaN: true }),
        fc.double({ min: 0.5, max: 0.9999, noNaN: true }),
        (utilization, quantile) => {
          const rate = utilization * 1e4;
          const limitNs = md1ResponseQuantileNs(rate, usToNs(100), quantile);
          const capacity = md1CapacityPerSecond(usToNs(100), quantile, limitNs);
          // As long as nobody waits, a higher rate meets the same limit.
          if (limitNs > usToNs(100)) expect(capacity / rate).toBeCloseTo(1, 6);
          else expect(capacity).toBeGreaterThanOrEqual(rate * (1 - 1e-9));
        },
      ),
    );
  });
});

describe('littleInFlight', () => {
  it('multiplies rate and time', () => {
    expect(littleInFlight(2_000, msToNs(5))).toBe(10);
  });
});

describe('keyCeilingPerSecond', () => {
  it('is one over the time of a turn', () => {
    const turn = { acquireNs: msToNs(1), holdNs: msToNs(5), releaseNs: msToNs(1.5), handoffNs: msToNs(2.5) };
    expect(keyCeilingPerSecond(turn)).toBe(100);
    expect(keyCeilingPerSecond({ ...turn, handoffNs: 0 })).toBeCloseTo(133.3, 1);
  });
});
