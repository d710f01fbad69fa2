/**
 * A comparison in plain words: what the data say, what they do not say, and what to know before believing either.
 *
 * @module
 */
import type { Arm, ArmRun, Comparison, Contrast, Effect, Metric } from '../model/comparison.js';
import { formatThings, roughPercent } from '../model/figure-text.js';
import { leastPairs } from './judge.js';
import { sampleQuantile } from './sample-quantile.js';

type Judged = Pick<Comparison, 'design' | 'arms' | 'contrasts' | 'metrics'>;

/** What the data say and do not say, one sentence each. */
export function stateFindings(comparison: Judged): string[] {
  const { arms, contrasts } = comparison;
  return [
    ...stateViolations(arms),
    ...contrasts.filter(isTestable).flatMap((contrast) => stateContrast(comparison, contrast)),
    ...stateUntestable(comparison),
    ...stateScope(comparison),
  ];
}

/** What to know before believing any of it, one sentence each. */
export function stateWarnings(comparison: Judged): string[] {
  const { design, arms, contrasts } = comparison;
  return [
    ...(design === 'stored'
      ? ['these runs were not interleaved: whatever changed on the machine between them counts as a difference too']
      : []),
    ...(contrasts.length > 0 && hasTooFewRuns(comparison) ? [warnOfTooFewRuns(comparison)] : []),
    ...arms
      .filter((arm) => arm.isUnsafe)
      .map(({ name, flaw }) => `${name} is unsafe: ${flaw ?? 'see redlock-bench locks'}`),
    ...arms.flatMap(warnOfLeftOut),
    ...arms.flatMap(warnOfSaturation),
    ...arms.flatMap(warnOfScatter),
    ...arms.flatMap(warnOfCrossed),
  ];
}

/** Broken mutual exclusion, one sentence for each arm. */
export function stateViolations(arms: readonly Arm[]): string[] {
  return arms.flatMap(({ name, runs }) => {
    const violated = runs.filter((run) => run.contractCount > 0);
    if (violated.length === 0) return [];
    const overlaps = violated.reduce((sum, run) => sum + run.contractCount, 0);
    return [
      `${name} broke mutual exclusion in ${ofRuns(violated.length, runs.length)} (${formatThings(overlaps, 'overlap')} within a promised validity): its figures are not those of a lock.`,
    ];
  });
}

/** Whether there were runs enough for an interval of anything. */
function isTestable({ effects }: Contrast): boolean {
  return effects.some(({ low }) => low !== null);
}

/** One sentence for all of them: a table of many short runs would otherwise say the same of every row. */
function stateUntestable({ contrasts }: Judged): string[] {
  const untestable = contrasts.filter((contrast) => !isTestable(contrast)).length;
  if (untestable === 0) return [];
  const which =
    untestable === contrasts.length ? '' : `${String(untestable)} of ${formatThings(contrasts.length, 'contrast')}: `;
  return [`${which}Too few runs for an interval: the figures stand side by side, and nothing is decided.`];
}

/** One sentence for what is decided, one for what is open, one for what could not be compared; primary metrics only. */
function stateContrast(comparison: Judged, contrast: Contrast): string[] {
  const [arm, baseline] = [comparison.arms[contrast.arm], comparison.arms[contrast.baseline]];
  if (arm === undefined || baseline === undefined) return [];
  const title = `${arm.name} against ${baseline.name}`;
  const primary = contrast.effects.flatMap((effect): Finding[] => {
    const metric = comparison.metrics.find(({ name, isPrimary }) => isPrimary && name === effect.metric);
    return metric === undefined ? [] : [{ metric, effect, arm, baseline }];
  });
  const decided = primary.filter(({ effect }) => ['better', 'worse', 'no-difference'].includes(effect.verdict));
  const open = primary.filter(({ effect }) => effect.verdict === 'inconclusive');
  const missing = primary.filter(({ effect }) => effect.verdict === 'not-compared');
  return [
    ...(decided.length > 0 ? [`${title}: ${decided.map(sayDecided).join('; ')}.`] : []),
    ...(open.length > 0 ? [`${title}: the data do not decide ${open.map(sayOpen).join(', ')}; ${ADVICE}.`] : []),
    ...(missing.length > 0
      ? [
          `${title}: ${missing.map(({ metric }) => metric.label).join(', ')} not compared, because too little was acquired.`,
        ]
      : []),
  ];
}

/** A metric of a contrast, with what it was measured on. */
export interface Finding {
  readonly metric: Metric;
  readonly effect: Effect;
  readonly arm: Arm;
  readonly baseline: Arm;
}

const ADVICE = 'more rounds or longer runs would narrow it';

function sayDecided(finding: Finding): string {
  const { metric, effect } = finding;
  const rounds = sayRounds(finding);
  if (effect.verdict === 'no-difference') {
    const of = metric.scale === 'odds' ? ' of the odds' : '';
    const bound = metric.name === 'rate' && [finding.arm, finding.baseline].every(isSaturated) ? SATURATED : '';
    return `${metric.label} no difference beyond ${roughPercent(metric.minEffect)}${of}${rounds}${bound}`;
  }
  return `${metric.label} ${effect.verdict}, ${sayDifference(finding)}${rounds}`;
}

/** By how much an arm differs: the ratio with its interval, or the two shares. */
export function sayDifference(finding: Finding): string {
  return finding.metric.scale === 'odds' ? sayShares(finding) : sayRatio(finding.effect);
}

const SATURATED = ' (both were limited by the load generator, so this says nothing of the locks)';

/** `acquisitions/s (ratio 0.98, 0.90 to 1.08)`. */
function sayOpen(finding: Finding): string {
  const { metric, effect } = finding;
  const { ratio, low, high } = effect;
  if (metric.scale === 'odds') return `${metric.label} (${sayShares(finding)})`;
  if (ratio === null) return metric.label;
  const range = low === null || high === null ? 'too few runs for an interval' : `${times(low)} to ${times(high)}`;
  return `${metric.label} (ratio ${times(ratio)}, ${range})${sayRounds(finding)}`;
}

/** Where a figure is missing in some rounds, those that remain may not be like the others. */
function sayRounds({ effect, arm, baseline }: Finding): string {
  const rounds = Math.min(arm.runs.length, baseline.runs.length);
  const isPaired = arm.runs.every(({ round }) => round !== null);
  return isPaired && effect.pairs < rounds ? ` in ${String(effect.pairs)} of ${String(rounds)} rounds` : '';
}

/** The shares themselves: a ratio of odds near 100 % is a number that nobody can picture. */
function sayShares({ arm, baseline }: Finding): string {
  return `${sayShare(medianShare(arm))} against ${sayShare(medianShare(baseline))}`;
}

/** 100 % only when it is exactly that. */
function sayShare(share: number): string {
  return Number.isInteger(share) ? roughPercent(share) : `${(share * 100).toFixed(2)} %`;
}

function medianShare({ runs }: Arm): number {
  const shares = runs.flatMap(({ leftOut, metrics }) =>
    leftOut === null && metrics.success !== null ? [metrics.success] : [],
  );
  return sampleQuantile(shares, 0.5);
}

/** `23 % lower (18 to 27 %)`; a factor of two or more reads better as one: `3.10 times (2.80 to 3.40)`. */
function sayRatio({ ratio, low, high }: Effect): string {
  if (ratio === null || low === null || high === null) return 'by how much is unknown';
  if (ratio >= 2 || ratio <= 0.5) return `${times(ratio)} times (${times(low)} to ${times(high)})`;
  return `${roughPercent(Math.abs(ratio - 1))} ${ratio >= 1 ? 'higher' : 'lower'} (${signed(low)} to ${signed(high)})`;
}

function stateScope({ contrasts, arms, design }: Judged): string[] {
  if (contrasts.length === 0) return ['No two arms differ in one thing alone: nothing was compared.'];
  const many =
    contrasts.length > 1
      ? ` ${String(contrasts.length)} contrasts were made; each by itself may be wrong once in twenty.`
      : '';
  const runs = arms.reduce((sum, arm) => sum + arm.runs.length, 0);
  const where = design === 'stored' ? 'where and as they were made' : 'on this machine under this load';
  return [
    `All of this is about these ${formatThings(runs, 'run')} ${where}; it says nothing about other machines or other loads.${many}`,
  ];
}

function hasTooFewRuns(comparison: Judged): boolean {
  return comparison.arms.some((arm) => inRuns(arm) < leastRuns(comparison));
}

/** The fewest runs of an arm with which anything can be called a difference. */
export function leastRuns({ design, metrics }: Pick<Comparison, 'design' | 'metrics'>): number {
  return design === 'interleaved' ? leastPairs(metrics) : LEAST_STORED;
}

/** Two groups of five: the smallest p-value of the rank sum test is 2/252, and Holm's correction takes up to four of it. */
const LEAST_STORED = 5;

function warnOfTooFewRuns(comparison: Judged): string {
  const least = String(leastRuns(comparison));
  const advice = comparison.design === 'interleaved' ? `use --rounds ${least} or more` : 'store more runs of each';
  return `fewer than ${least} runs of an arm cannot show a difference with 95 % confidence: ${advice}`;
}

function warnOfLeftOut({ name, runs }: Arm): string[] {
  const out = runs.filter((run) => run.leftOut !== null);
  if (out.length === 0) return [];
  const reasons = [...new Set(out.map((run) => run.leftOut))].join('; ');
  return [`${name}: ${ofRuns(out.length, runs.length)} left out: ${reasons}`];
}

function isSaturated({ runs }: Arm): boolean {
  return runs.some(isBounded);
}

function isBounded({ leftOut, isRateLowerBound }: ArmRun): boolean {
  return leftOut === null && isRateLowerBound;
}

function warnOfSaturation({ name, runs }: Arm): string[] {
  const bounded = runs.filter(isBounded);
  const suspect = runs.filter((run) => run.leftOut === null && run.health === 'suspect' && !isBounded(run));
  return [
    ...(bounded.length === 0
      ? []
      : [
          `${name}: in ${ofRuns(bounded.length, runs.length)} the load generator or the machine was the limit, so the rate is a lower bound`,
        ]),
    ...(suspect.length === 0
      ? []
      : [
          `${name}: ${ofRuns(suspect.length, runs.length)} ${suspect.length === 1 ? 'is' : 'are'} suspect: something besides the locks may have shaped the figures, as the runs say`,
        ]),
  ];
}

/** Beyond this relative spread (half the interquartile range over the median) the runs of an arm do not agree. */
const UNEVEN = 0.1;

function warnOfScatter({ name, runs }: Arm): string[] {
  const rates = runs.flatMap((run) => (run.leftOut === null && run.metrics.rate !== null ? [run.metrics.rate] : []));
  const spread = (sampleQuantile(rates, 0.75) - sampleQuantile(rates, 0.25)) / 2 / sampleQuantile(rates, 0.5);
  if (rates.length < 4 || !(spread > UNEVEN && Number.isFinite(spread))) return [];
  return [`${name}: its rate scatters by ±${roughPercent(spread)} from run to run`];
}

function warnOfCrossed({ name, runs }: Arm): string[] {
  const expressions = [...new Set(runs.flatMap(({ crossed }) => crossed))];
  return expressions.map((expression) => {
    const times = runs.filter(({ crossed }) => crossed.includes(expression)).length;
    return `${name}: ${expression} crossed in ${ofRuns(times, runs.length)}`;
  });
}

function inRuns({ runs }: Arm): number {
  return runs.filter((run) => run.leftOut === null).length;
}

function ofRuns(some: number, all: number): string {
  return `${String(some)} of ${formatThings(all, 'run')}`;
}

function signed(ratio: number): string {
  return `${ratio < 1 ? '−' : '+'}${roughPercent(Math.abs(ratio - 1))}`;
}

function times(ratio: number): string {
  if (ratio >= 100) return ratio.toFixed(0);
  return ratio > 0.1 && ratio < 10 ? ratio.toFixed(2) : ratio.toPrecision(2);
}
