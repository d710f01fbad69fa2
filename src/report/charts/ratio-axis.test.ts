import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ratioAxis } from './ratio-axis.js';

describe('the axis of ratios', () => {
  it('spans all ratios and 1, with labels inside it', () => {
    const ratios = fc.array(fc.double({ min: 1e-6, max: 1e6, noNaN: true }));
    fc.assert(
      fc.property(ratios, (each) => {
        const { domain, values } = ratioAxis(each);
        expect(domain[0]).toBeLessThan(Math.min(1, ...each));
        expect(domain[1]).toBeGreaterThan(Math.max(1, ...each));
        expect(values).toContain(1);
        expect(values.length).toBeGreaterThanOrEqual(2);
        expect(values.every((value) => value > domain[0] && value < domain[1])).toBe(true);
      }),
    );
  });

  it('labels small differences finely and large ones by decades', () => {
    expect(ratioAxis([0.97, 1.08]).values).toEqual([0.9, 0.95, 1, 1.05, 1.1, 1.15]);
    expect(ratioAxis([0.6, 1.8]).values).toEqual([0.6, 0.7, 0.8, 0.9, 1, 1.1, 1.25, 1.5, 1.75]);
    expect(ratioAxis([0.03, 2]).values).toEqual([0.05, 0.1, 0.2, 0.5, 1, 2]);
    expect(ratioAxis([0.0002, 30]).values).toEqual([0.001, 0.01, 0.1, 1, 10]);
  });

  it('passes over what a logarithm cannot show', () => {
    expect(ratioAxis([0, Infinity])).toEqual(ratioAxis([]));
  });
});
