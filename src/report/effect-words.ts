/**
 * The words of an effect: its ratio, its interval, its p-value and its verdict.
 *
 * @module
 */
import type { Comparison, Effect, Metric, Verdict } from '../model/comparison.js';
import { formatCount } from '../model/figure-text.js';
import { NONE } from './figures.js';
import type { Emphasis } from './style.js';

const LEAST_WRITTEN = 0.001;
const MOST_WRITTEN = 9_999;
/** Odds of shares near none or all are cut off before they are compared: their ratios have no more to say than this. */
const MOST_ODDS = 1_000;

/** Writes a ratio with three digits. */
export function formatRatio(ratio: number, { scale }: Pick<Metric, 'scale'>): string {
  if (ratio < LEAST_WRITTEN) return `<${String(LEAST_WRITTEN)}`;
  if (scale === 'odds' && ratio > MOST_ODDS) return `>${String(MOST_ODDS)}`;
  if (ratio > MOST_WRITTEN) return `>${formatCount(MOST_WRITTEN)}`;
  if (ratio >= 100) return formatCount(ratio);
  return ratio.toFixed(ratio >= 10 ? 1 : ratio >= 1 ? 2 : 3);
}

/** Writes an effect with its interval: `0.962 [0.941, 0.985]`. */
export function formatEffect({ ratio, low, high }: Effect, metric: Pick<Metric, 'scale'>): string {
  if (ratio === null) return NONE;
  const [from, to] = [low, high].map((end) => (end === null ? undefined : formatRatio(end, metric)));
  const interval = from === undefined || to === undefined ? 'no interval' : `${from}, ${to}`;
  return `${formatRatio(ratio, metric)} [${interval}]`;
}

export function formatPValue(p: number | null): string {
  if (p === null) return NONE;
  if (p < LEAST_WRITTEN) return `<${String(LEAST_WRITTEN)}`;
  return p >= 0.1 ? p.toFixed(2) : p.toFixed(p >= 0.01 ? 3 : 4);
}

/** What share of such intervals hold the truth: `95 %`. */
export function formatConfidence({ significance }: Comparison): string {
  return formatPercent(1 - significance);
}

/** Writes a share that somebody chose, without digits that nobody wrote. */
export function formatPercent(share: number): string {
  return `${String(Number((share * 100).toPrecision(6)))} %`;
}

/** The verdicts in few words; with `beyond …` where there is room. */
export const VERDICT_WORDS: Readonly<Record<Verdict, string>> = {
  better: 'better',
  worse: 'worse',
  'no-difference': 'no difference',
  inconclusive: 'inconclusive',
  'not-compared': 'not compared',
};

/** A verdict with what it is about: `no difference beyond 5 %`. */
export function describeVerdict({ verdict }: Effect, { minEffect, scale }: Metric): string {
  const words = VERDICT_WORDS[verdict];
  if (verdict !== 'no-difference') return words;
  return `${words} beyond ${formatPercent(minEffect)}${scale === 'odds' ? ' of the odds' : ''}`;
}

/** How loudly a verdict is shown, of which the word always stands beside it; faintly where it decides nothing. */
export function verdictEmphasis(verdict: Verdict, { isPrimary }: Metric): Emphasis {
  return isPrimary ? VERDICT_EMPHASIS[verdict] : 'faint';
}

/** Stands above the metrics that are not primary. */
export const BESIDE = 'beside it (decides nothing)';

const VERDICT_EMPHASIS: Readonly<Record<Verdict, Emphasis>> = {
  better: 'good',
  worse: 'bad',
  'no-difference': 'plain',
  inconclusive: 'warning',
  'not-compared': 'faint',
};
