/**
 * Figures over time in one line of characters.
 *
 * @module
 */

/** The characters that a terminal can show. */
export interface Glyphs {
  /** From the lowest to the highest. */
  readonly levels: string;
  /** Where a figure that is usually nothing is nothing. */
  readonly nothing: string;
  /** Under what happened while a fault was on. */
  readonly band: string;
  readonly done: string;
  readonly ahead: string;
}

export const UNICODE_GLYPHS: Glyphs = { levels: '▁▂▃▄▅▆▇█', nothing: '·', band: '▀', done: '━', ahead: '─' };
/** For locales that have nothing else. */
export const ASCII_GLYPHS: Glyphs = { levels: '_.-:=+*#', nothing: ' ', band: '^', done: '=', ahead: '-' };

/** `linear` from 0; `log` from the smallest, over a decade at the least, so that noise stays low; `events` as linear, 0 left out. */
export type Scale = 'linear' | 'log' | 'events';

/** A character for each value; a space where there is none. */
export function sparkline(values: readonly (number | null)[], scale: Scale, glyphs: Glyphs): string[] {
  const known = values.filter((value) => value !== null && (scale !== 'log' || value > 0)) as number[];
  const most = known.reduce((a, b) => Math.max(a, b), 0);
  const least = known.reduce((a, b) => Math.min(a, b), Infinity);
  const top = glyphs.levels.length - 1;
  const share = (value: number): number => {
    if (scale !== 'log') return most === 0 ? 0 : value / most;
    return value <= 0 ? 0 : Math.log10(value / least) / Math.max(1, Math.log10(most / least));
  };
  return values.map((value) => {
    if (value === null) return ' ';
    if (scale === 'events' && value === 0) return glyphs.nothing;
    return glyphs.levels.charAt(Math.min(top, Math.round(share(value) * top)));
  });
}
