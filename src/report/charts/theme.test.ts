import { describe, expect, it } from 'vitest';
import { DARK, LIGHT, type Theme } from './theme.js';

/** Relative luminance of WCAG 2. */
function luminance(hex: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const channel = parseInt(hex.slice(at, at + 2), 16) / 255;
    return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(a: string, b: string): number {
  const [bright = 0, dim = 0] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (bright + 0.05) / (dim + 0.05);
}

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
