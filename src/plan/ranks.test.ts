import { describe, expect, it } from 'vitest';
import { normalTail } from './ranks.js';

describe('normalTail', () => {
  // SciPy 1.17.1: `norm.sf(z)`.
  it.each([
    [0, 0.5],
    [0.5, 0.3085375387259869],
    [1.96, 0.024997895148220435],
    [1.999999, 0.0227501859391997],
    [2, 0.022750131948179195],
    [3, 0.0013498980316300933],
    [8, 6.22096057427174e-16],
    [20, 2.7536241186061556e-89],
    [-1.96, 1 - 0.024997895148220435],
  ])('is right to 13 digits at %d', (z, tail) => {
    expect(Math.abs(normalTail(z) / tail - 1)).toBeLessThan(1e-13);
  });
});
