import { describe, expect, it } from 'vitest';
import { contrast } from './contrast.fixture.js';
import { DARK, LIGHT, type Theme } from './theme.js';

function seriesOf(theme: Theme): readonly string[] {
  return theme.config.range?.category as string[];
}

describe.each([
  ['light', LIGHT],
  ['dark', DARK],
])('the %s theme', (_, theme) => {
  it('draws every series with three times the contrast of its background', () => {
    const faint = seriesOf(theme).filter((colour) => contrast(colour, theme.background) < 3);
    expect(faint).toEqual([]);
  });

  it('writes with the contrast that small text needs', () => {
    const { text, faint, alarm, good, warning, background, raised } = theme;
    const pale = [text, faint, alarm, good, warning].filter(
      (colour) => Math.min(contrast(colour, background), contrast(colour, raised)) < 4.5,
    );
    expect(pale).toEqual([]);
  });

  it('has as many colours as an operation has outcomes', () => {
    expect(new Set(seriesOf(theme)).size).toBe(7);
  });
});
