import { describe, expect, it } from 'vitest';
import { contrast } from './contrast.fixture.js';
import { DARK, LIGHT } from './theme.js';
import { VERDICT_MARKS } from './verdict-marks.js';

describe('the marks of verdicts', () => {
  it.each([
    ['white', LIGHT.background],
    ['black', DARK.background],
  ])('stand out on %s', (_, background) => {
    const faint = Object.entries(VERDICT_MARKS).filter(([, { colour }]) => contrast(colour, background) < 3);
    expect(faint).toEqual([]);
  });

  it('differ in their shapes, for those who cannot tell the colours apart', () => {
    const shapes = Object.values(VERDICT_MARKS).map(({ shape }) => shape);
    expect(new Set(shapes).size).toBe(5);
  });
});
