/**
 * What the runs of two arms say about each other: estimate, interval, test and verdict of every metric.
 *
 * The unit of analysis is the run. A run's thousands of latencies depend on each other, and a test on them would call
 * any two runs different; runs of one round share the state of the machine, so they are compared in pairs.
 *
 * @module
 */
import type { ArmRun, Effect, Metric, Verdict } from '../model/comparison.js';
import { holm } from './holm.js';
import { logOf } from './metrics.js';
import { hodgesLehmannShift, rankSumTest } from './rank-sum.js';
import { hodgesLehmann, signedRankTest } from './signed-rank.js';

/** What a test may wrongly call a difference. */
export const SIGNIFICANCE = 0.05;

/**
 * The fewest pairs with which anything can be called a difference: the smallest p-value of n pairs is 2/2ⁿ, and Holm's
 * correction multiplies it by the number of primary metrics.
 */
export function leastPairs(metrics: readonly Metric[]): number {
  const primary = metrics.filter(({ isPrimary }) => isPrimary).length;
  return Math.ceil(Math.log2((2 * primary) / SIGNIFICANCE));
}

/** A difference of logarithms with its interval, and how likely so large a one is by chance. */
interface Difference {
  readonly pairs: number;
  readonly estimate: number;
  readonly low: number;
  readonly high: number;
  readonly pValue: number;
}

/** Runs of one round, paired: what was measured on the same machine in the same minute. */
export function judgePairs(metrics: readonly Metric[], arm: readonly ArmRun[], baseline: readonly ArmRun[]): Effect[] {
  const pairs = arm.flatMap((run) => {
    const partner = baseline.find((other) => other.round === run.round);
    return partner === undefined || run.leftOut !== null || partner.leftOut !== null ? [] : [{ run, partner }];
  });
  return judge(metrics, (metric) => {
    const differences = pairs.flatMap(({ run, partner }) => {
      const [of, against] = [logOf(metric, run), logOf(metric, partner)];
      return of === null || against === null ? [] : [of - against];
    });
    if (differences.length === 0) return undefined;
    return {
      pairs: differences.length,
      ...hodgesLehmann(differences, 1 - SIGNIFICANCE),
      pValue: signedRankTest(differences).pValue,
    };
  });
}

/** Runs that were made at other times: no pairs, so what changed between the times counts as a difference too. */
export function judgeStored(metrics: readonly Metric[], arm: readonly ArmRun[], baseline: readonly ArmRun[]): Effect[] {
  return judge(metrics, (metric) => {
    const [of, against] = [logsOf(metric, arm), logsOf(metric, baseline)];
    if (of.length === 0 || against.length === 0) return undefined;
    return {
      pairs: of.length + against.length,
      ...hodgesLehmannShift(against, of, 1 - SIGNIFICANCE),
      pValue: rankSumTest(against, of).pValue,
    };
  });
}

function logsOf(metric: Metric, runs: readonly ArmRun[]): number[] {
  return runs.flatMap((run) => {
    const log = run.leftOut === null ? logOf(metric, run) : null;
    return log === null ? [] : [log];
  });
}

/**
 * Holm's correction counts the primary metrics of this contrast. The others are for information and decide nothing; they
 * are corrected among themselves, so that the one of eight that chance picks is not called a difference.
 */
function judge(metrics: readonly Metric[], differenceOf: (metric: Metric) => Difference | undefined): Effect[] {
  const differences = metrics.map(differenceOf);
  const pValue = (index: number): number => differences[index]?.pValue ?? NaN;
  const [primary, beside] = [true, false].map((isPrimary) =>
    holm(metrics.map((metric, index) => (metric.isPrimary === isPrimary ? pValue(index) : NaN))),
  );
  return metrics.map((metric, index) => {
    const adjusted = (metric.isPrimary ? primary : beside)?.[index] ?? NaN;
    return describeEffect(metric, differences[index], adjusted);
  });
}

function describeEffect(metric: Metric, difference: Difference | undefined, adjustedPValue: number): Effect {
  if (difference === undefined) {
    const nothing = { ratio: null, low: null, high: null, pValue: null, adjustedPValue: null } as const;
    return { metric: metric.name, pairs: 0, ...nothing, verdict: 'not-compared' };
  }
  const { pairs, estimate, low, high, pValue } = difference;
  const hasInterval = Number.isFinite(low) && Number.isFinite(high);
  return {
    metric: metric.name,
    pairs,
    ratio: Math.exp(estimate),
    low: hasInterval ? Math.exp(low) : null,
    high: hasInterval ? Math.exp(high) : null,
    pValue,
    adjustedPValue: metric.isPrimary ? adjustedPValue : null,
    verdict: decide(metric, difference, adjustedPValue),
  };
}

/**
 * Better or worse: the interval leaves out 1, the corrected test agrees, and the estimate is at least the smallest
 * difference that matters. No difference beyond that: the whole interval lies within it. Everything else is open.
 *
 * Source of the rule: three conditions at once, as benchmark gates need them; the interval for `no-difference` is the
 * same 95 %, which is stricter than the 90 % of two one-sided tests (Schuirmann 1987).
 */
function decide({ better, minEffect }: Metric, { estimate, low, high }: Difference, pValue: number): Verdict {
  const least = Math.log(1 + minEffect);
  const isOneSided = low > 0 || high < 0;
  if (isOneSided && pValue < SIGNIFICANCE && Math.abs(estimate) >= least) {
    return estimate > 0 === (better === 'higher') ? 'better' : 'worse';
  }
  return low > -least && high < least ? 'no-difference' : 'inconclusive';
}
