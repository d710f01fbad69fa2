import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { logAxisMs } from './axes.js';

describe('the logarithmic axis', () => {
  it('spans all times from a microsecond to ten minutes, with labels inside it', () => {
    const times = fc.array(fc.double({ min: 0.001, max: 600_000, noNaN: true }), { minLength: 1 });
    fc.assert(
      fc.property(times, (timesMs) => {
        const { domain, values } = logAxisMs(timesMs);
        expect(domain[0]).toBeLessThanOrEqual(Math.min(...timesMs));
        expect(domain[1]).toBeGreaterThanOrEqual(Math.max(...timesMs));
        expect(values.length).toBeGreaterThanOrEqual(2);
        expect(values.length).toBeLessThanOrEqual(12);
        expect(values.every((value) => value >= domain[0] && value <= domain[1])).toBe(true);
      }),
    );
  });

  it('labels 1, 2 and 5 where there is room, 50 included', () => {
    expect(logAxisMs([3, 90]).values).toEqual([2, 5, 10, 20, 50, 100]);
    expect(logAxisMs([0.02, 9_000]).values).toEqual([0.01, 0.1, 1, 10, 100, 1_000, 10_000]);
  });

  it('shows a time of zero at a microsecond, and an axis where nothing is known', () => {
    expect(logAxisMs([0, 1]).domain[0]).toBeLessThanOrEqual(0.001);
    expect(logAxisMs([]).values.length).toBeGreaterThan(1);
  });
});
