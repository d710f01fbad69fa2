import { describe, expect, it } from 'vitest';
import { ASCII_GLYPHS, sparkline, UNICODE_GLYPHS } from './sparkline.js';

describe('sparkline', () => {
  it('counts from 0 to the most on a linear scale, and leaves a gap where nothing is known', () => {
    expect(sparkline([0, 50, null, 100], 'linear', UNICODE_GLYPHS).join('')).toBe('▁▅ █');
    expect(sparkline([0, 50, null, 100], 'linear', ASCII_GLYPHS).join('')).toBe('_= #');
  });

  it('rises with the orders of magnitude on a logarithmic scale', () => {
    expect(sparkline([1, 10, 100, 1_000], 'log', UNICODE_GLYPHS).join('')).toBe('▁▃▆█');
  });

  it('keeps noise low: less than a decade does not reach the top', () => {
    expect(sparkline([1, 1.1, 2, 1], 'log', UNICODE_GLYPHS).join('')).toBe('▁▁▃▁');
  });

  it('draws what happens seldom only where it happens', () => {
    expect(sparkline([0, 0, 7, 1, 0], 'events', UNICODE_GLYPHS).join('')).toBe('··█▂·');
  });

  it.each(['linear', 'log', 'events'] as const)('has a character for each value when all are 0 (%s)', (scale) => {
    expect(sparkline([0, 0], scale, UNICODE_GLYPHS)).toHaveLength(2);
    expect(sparkline([], scale, UNICODE_GLYPHS)).toEqual([]);
  });
});
