import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { holm } from './holm.js';

describe('holm', () => {
  it('gives the answers of a worked example, in the order given', () => {
    // Sorted: 0.005 · 4, 0.01 · 3, 0.03 · 2, and 0.04 · 1 lifted to its predecessor's 0.06.
    expect(holm([0.01, 0.04, 0.03, 0.005])).toEqual([0.03, 0.06, 0.06, 0.02]);
  });

  it("gives statsmodels' answer for eight tests", () => {
    // statsmodels 0.15.0: `multipletests(p, method='holm')`.
    const adjusted = holm([0.0002, 0.0451, 0.0045, 0.2, 0.012, 0.0118, 0.9, 0.045]);
    const expected = [0.0016, 0.18, 0.0315, 0.4, 0.0708, 0.0708, 0.9, 0.18];
    for (const [index, value] of expected.entries()) expect(adjusted[index]).toBeCloseTo(value, 14);
  });

  it('never exceeds 1, and leaves a single test alone', () => {
    expect(holm([0.6, 0.7, 0.9])).toEqual([1, 1, 1]);
    expect(holm([0.04])).toEqual([0.04]);
    expect(holm([])).toEqual([]);
  });

  it('gives equal tests equal answers', () => {
    expect(holm([0.02, 0.5, 0.02])).toEqual([0.06, 0.5, 0.06]);
  });

  it('passes over what was not tested', () => {
    expect(holm([NaN, 0.01, NaN, 0.04])).toEqual([NaN, 0.02, NaN, 0.04]);
    expect(holm([NaN])).toEqual([NaN]);
  });

  it('rejects exactly what the step-down procedure rejects', () => {
    const probability = fc.integer({ min: 0, max: 40 }).map((step) => step / 64);
    fc.assert(
      fc.property(fc.array(probability, { maxLength: 8 }), (pValues) => {
        // Not a sixty-fourth over a whole number, so that no product meets it.
        const alpha = 0.0501;
        const rejected = stepDown(pValues, alpha);
        expect(holm(pValues).map((p) => p <= alpha)).toEqual(pValues.map((_, index) => rejected.has(index)));
      }),
    );
  });

  it('keeps the order of the p-values, and lies between them and Bonferroni', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 8 }), (pValues) => {
        const adjusted = holm(pValues);
        pValues.forEach((p, one) => {
          expect(adjusted[one]).toBeGreaterThanOrEqual(p);
          expect(adjusted[one]).toBeLessThanOrEqual(Math.min(1, p * pValues.length));
          pValues.forEach((q, other) => {
            if (p <= q) expect(adjusted[one]).toBeLessThanOrEqual(adjusted[other]!);
          });
        });
      }),
    );
  });

  it.each([-0.01, 1.01, Infinity])('refuses %d', (stray) => {
    expect(() => holm([0.5, stray])).toThrow(`between 0 and 1, got ${String(stray)}`);
  });
});

/** Holm's own wording: from the smallest on, reject while p ≤ alpha / (tests left), then stop. */
function stepDown(pValues: readonly number[], alpha: number): Set<number> {
  const rejected = new Set<number>();
  for (let left = pValues.length; left >= 1; left--) {
    const rest = [...pValues.keys()].filter((index) => !rejected.has(index));
    const next = rest.reduce((least, index) => (pValues[index]! < pValues[least]! ? index : least));
    if (pValues[next]! > alpha / left) break;
    rejected.add(next);
  }
  return rejected;
}
