/**
 * What the runs of an arm add up to, for tables and charts. No test is made on any of it.
 *
 * @module
 */
import type { Arm, ArmRun, MetricName } from '../model/comparison.js';

/** Sums over the runs of an arm: load and outcomes of those that are in, mutual exclusion of all. */
export interface ArmTotals {
  readonly runsIn: number;
  readonly runs: number;
  readonly acquired: number;
  readonly intended: number;
  /** Operations that ended without the lock: held, expired, too few answers, aborted. */
  readonly gaveUp: number;
  readonly unfinished: number;
  readonly dropped: number;
  readonly attempts: number;
  readonly splitVotes: number;
  readonly contract: number;
  readonly violatedRuns: number;
  readonly overruns: number;
  readonly leakedKeys: number;
  /** Runs after which nobody could be asked for leaked keys. */
  readonly runsWithUnknownLeaks: number;
}

/** The runs that are compared. */
export function runsIn({ runs }: Arm): ArmRun[] {
  return runs.filter((run) => run.leftOut === null);
}

/** What each of these runs says of a metric; those that say nothing are passed over. */
export function valuesOf(runs: readonly ArmRun[], metric: MetricName): number[] {
  return runs.flatMap((run) => run.metrics[metric] ?? []);
}

export function totalsOf(arm: Arm): ArmTotals {
  const { runs, gaveUp } = arm;
  const compared = runsIn(arm);
  const acquired = total(compared, (run) => run.acquired);
  const intended = total(compared, (run) => run.intended);
  const unfinished = total(compared, (run) => run.unfinished);
  return {
    runsIn: compared.length,
    runs: runs.length,
    acquired,
    intended,
    gaveUp: gaveUp.count,
    unfinished,
    // What was intended and neither ended nor went on was never started.
    dropped: Math.max(0, intended - acquired - gaveUp.count - unfinished),
    attempts: total(compared, (run) => run.attempts),
    splitVotes: total(compared, (run) => run.splitVotes),
    contract: total(runs, (run) => run.contractCount),
    violatedRuns: runs.filter((run) => run.contractCount > 0 || run.safety === 'violation').length,
    overruns: total(runs, (run) => run.overruns),
    leakedKeys: total(runs, (run) => run.leakedKeys ?? 0),
    runsWithUnknownLeaks: runs.filter((run) => run.leakedKeys === null).length,
  };
}

/** What the clients of a closed loop got in the runs that are in. */
export interface ClientShares {
  readonly clients: number;
  /** Acquisitions of all clients in a run: the median of the runs. */
  readonly sum: number;
  /** Of that, for one client. */
  readonly average: number;
  /** The fewest and the most that any client got in any run. */
  readonly least: number;
  readonly most: number;
}

/** The acquisitions per client; undefined in an open loop, whose operations belong to nobody. */
export function clientShares(arm: Arm): ClientShares | undefined {
  const clients = arm.scenario.concurrency ?? 0;
  const compared = runsIn(arm).filter((run) => run.minPerClient !== null && run.maxPerClient !== null);
  const sum = spreadOf(compared.map((run) => run.acquired))?.median;
  if (sum === undefined || clients === 0) return undefined;
  return {
    clients,
    sum,
    average: sum / clients,
    least: compared.reduce((least, run) => Math.min(least, run.minPerClient ?? Infinity), Infinity),
    most: compared.reduce((most, run) => Math.max(most, run.maxPerClient ?? 0), 0),
  };
}

/** Where the values of an arm's runs lie. */
export interface Spread {
  readonly least: number;
  readonly lowerQuartile: number;
  readonly median: number;
  readonly upperQuartile: number;
  readonly most: number;
}

/** The order statistics of some values, between two of them by linear interpolation; undefined when there are none. */
export function spreadOf(values: readonly number[]): Spread | undefined {
  if (values.length === 0) return undefined;
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number): number => {
    const place = share * (sorted.length - 1);
    const below = sorted[Math.floor(place)] ?? NaN;
    const above = sorted[Math.ceil(place)] ?? NaN;
    return below + (above - below) * (place - Math.floor(place));
  };
  return { least: at(0), lowerQuartile: at(0.25), median: at(0.5), upperQuartile: at(0.75), most: at(1) };
}

function total(runs: readonly ArmRun[], figure: (run: ArmRun) => number): number {
  return runs.reduce((sum, run) => sum + figure(run), 0);
}
