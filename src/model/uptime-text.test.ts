import { describe, expect, it } from 'vitest';
import { formatUptime } from './uptime-text.js';

describe('a share of time in which something is up', () => {
  it.each([
    [1, '100 %'],
    [0.9999999999, '99.99999 %'],
    [0.999702, '99.97020 %'],
    [0.99940797, '99.94079 %'],
    [0.9477, '94.770 %'],
    [0.99766, '99.766 %'],
    [0, '0.000 %'],
  ])('of %d is %s, never rounded up', (share, text) => {
    expect(formatUptime(share)).toBe(text);
  });
});
