/**
 * Figures in tables, charts and pages: what is written where there is too little to say, and what fits.
 *
 * @module
 */
import { isSupported } from '../model/quantile-support.js';
import { formatNs, msToNs, type Ns } from '../model/time.js';

/** Stands where there is nothing to say, or too little to say it. */
export const NONE = '–';

export { isSupported };

/** What a histogram can hold; longer times stand at it in every percentile. */
const LONGEST_NS = msToNs(600_000);

/** Writes a quantile of a distribution of times: a dash where so few records cannot state it, `≥` where it was clamped. */
export function formatQuantile(ns: Ns, share: number, { count, exceeded }: Recorded): string {
  if (!isSupported(share, count)) return NONE;
  return `${exceeded > 0 && ns >= LONGEST_NS ? '≥' : ''}${formatNs(ns)}`;
}

interface Recorded {
  readonly count: number;
  readonly exceeded: number;
}

/** Writes a span that exists only when something was counted. */
export function formatIfCounted(ns: Ns, count: number): string {
  return count === 0 ? NONE : formatNs(ns);
}

/** Cuts the middle out of a long text, because both ends of an address tell more than its middle. */
export function shorten(text: string, limit: number): string {
  const characters = [...text];
  if (characters.length <= limit) return text;
  const kept = Math.max(2, limit) - 1;
  const head = Math.ceil(kept / 2);
  return `${characters.slice(0, head).join('')}…${characters.slice(characters.length - (kept - head)).join('')}`;
}

const LEAST_WORD = 8;

/** Makes a name fit by cutting into its longest words, so that every word can still be told, short ones whole. */
export function shortenWords(text: string, limit: number): string {
  const words = text.split(' ').map((word) => [...word]);
  let excess = [...text].length - limit;
  while (excess > 0) {
    const longest = words.reduce((most, word) => (word.length > most.length ? word : most), []);
    if (longest.length <= LEAST_WORD) return shorten(words.map((word) => word.join('')).join(' '), limit);
    words[words.indexOf(longest)] = [...shorten(longest.join(''), longest.length - 1)];
    excess--;
  }
  return words.map((word) => word.join('')).join(' ');
}

/** Breaks a text into lines of at most `width` characters, at spaces; a longer word is broken where it must be. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ').flatMap((each) => cut(each, width))) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return line === '' ? lines : [...lines, line];
}

function cut(word: string, width: number): string[] {
  const pieces: string[] = [];
  for (let at = 0; at < word.length; at += width) pieces.push(word.slice(at, at + width));
  return pieces;
}
