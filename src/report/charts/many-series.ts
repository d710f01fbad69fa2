/**
 * More series than there are colours: a few stand out by name, the others are a grey crowd behind them.
 *
 * @module
 */
import { formatCount, formatThings } from '../../model/figure-text.js';
import { SERIES_COLOURS } from './theme.js';

/** Of the crowd; it reads on white and on black. */
export const CROWD_COLOUR = '#8a96a3';

/** A series and what it is ranked by; null where it has nothing of that. */
export interface Ranked {
  readonly series: string;
  readonly value: number | null;
  /** Of a run that broke its promise, or whose figures are not to be believed. */
  readonly isAlarming: boolean;
}

/** Whether so many series can have a colour each. */
export function isCrowd(count: number): boolean {
  return count > SERIES_COLOURS;
}

/**
 * The names that stand out: all of a few; of a crowd those that alarm, as far as the colours go, then the least, the middle
 * and the most.
 */
export function standOut(ranked: readonly Ranked[]): string[] {
  if (!isCrowd(ranked.length)) return ranked.map(({ series }) => series);
  const known = ranked.flatMap(({ series, value }) => (value === null ? [] : [{ series, value }]));
  const sorted = [...known].sort((a, b) => a.value - b.value);
  const chosen = [0, Math.floor((sorted.length - 1) / 2), sorted.length - 1].flatMap(
    (place) => sorted[place]?.series ?? [],
  );
  const alarming = ranked.filter((each) => each.isAlarming).map(({ series }) => series);
  return [...new Set([...alarming, ...chosen])].slice(0, SERIES_COLOURS);
}

/** A crowd, as its chart shows it. */
export interface Crowd {
  readonly count: number;
  readonly named: number;
  readonly noun: string;
  /** What the series are ranked by. */
  readonly by: string;
  /** Which tables hold what the grey lines do not tell. */
  readonly where: string;
}

/** What a crowd owes its reader; nothing of a few. */
export function crowdNotes({ count, named, noun, by, where }: Crowd): string[] {
  if (!isCrowd(count)) return [];
  return [
    `named: the ${noun}s with the least, the middle and the most ${by}, and what violates or is invalid; grey: the other ${formatCount(count - named)} of ${formatThings(count, noun)}, ${where}`,
  ];
}
