/**
 * Which point of a sweep is recommended. Pure rules, from figures alone.
 *
 * @module
 */
import type { CountedOf, TunePoint } from '../model/tuning.js';
import { msToNs, type Ns } from '../model/time.js';
import { wilson } from './proportion.js';
import { HOLD_FACTOR } from './tune-grid.js';
import { hasP99, isCandidate } from './tune-point.js';

/** Differences of a percentile up to this share are the noise of a machine. */
const NOISE = 0.1;
/** More holds than this share must not outlive their validity. */
export const MOST_OVERRUNS = 1e-3;

/** What of two points is held against each other; of both figures less is better. */
interface Objectives {
  readonly first: number;
  readonly second: number;
}

/** Marks the points that no other one is better than in both objectives; points without an objective never are. */
export function markFrontier(
  points: readonly TunePoint[],
  objectivesOf: (point: TunePoint) => Objectives | null,
): TunePoint[] {
  const all = points.map((point) => (isCandidate(point) ? objectivesOf(point) : null));
  return points.map((point, place) => {
    const own = all[place] ?? null;
    const isBeaten = all.some((rival) => own && rival && rival.first < own.first && rival.second < own.second);
    return { ...point, isOnFrontier: own !== null && !isBeaten };
  });
}

/** Null where so little was granted that its p99 is unknown. */
export function timeoutObjectives(point: TunePoint): Objectives | null {
  return hasP99(point) ? { first: -point.success.share, second: point.p99Ns } : null;
}

/** Null as for the timeout. */
export function retryObjectives(point: TunePoint): Objectives | null {
  return hasP99(point) ? { first: point.p99Ns, second: point.attempts } : null;
}

/** Null where nothing was held. */
export function ttlObjectives({ outlived, settings }: TunePoint): Objectives | null {
  return outlived === null ? null : { first: outlived.share, second: settings.ttlMs };
}

/**
 * The shortest per-node timeout that gives what was asked, or, where that cannot be had, what the best one gives.
 *
 * Where a point surely reaches the target (the low end of its interval does): the shortest whose counted success is the
 * target or more. Where none does: the shortest that may well reach the target, or that is not surely worse than the best
 * one where that is less. Longer ones wait for masters that buy nothing of what was asked; one operation that was
 * lost or won is no reason to wait for a far master, which the low ends alone would make of it. The p99 has no say: a shorter timeout
 * only cuts off answers, so it cannot make a grant slower, and a longer one whose p99 came out lower did so by chance.
 *
 * @returns its place; null without a candidate
 */
export function chooseTimeout(points: readonly TunePoint[], targetSuccess: number): number | null {
  const candidates = points.filter((point) => isCandidate(point) && point.success.share > 0);
  const bestLow = Math.max(...candidates.map(({ success }) => success.low));
  const isEnough = ({ success }: TunePoint): boolean =>
    bestLow >= targetSuccess ? success.share >= targetSuccess : success.high >= bestLow;
  const [shortest] = candidates.filter(isEnough).sort((a, b) => a.settings.nodeTimeoutMs - b.settings.nodeTimeoutMs);
  return shortest === undefined ? null : points.indexOf(shortest);
}

/** Fewer rounds say nothing of the noise from round to round. */
const LEAST_RUNS = 3;

/** Whether a point of contended runs says enough to be held against another one. */
export function isComparable(point: TunePoint): boolean {
  return isCandidate(point) && point.runs >= LEAST_RUNS && hasP99(point);
}

/**
 * The wait before a retry that is better than what is set now.
 *
 * Better: p99 response or attempts for each acquisition lower by more than the noise, and the other one not higher by more
 * than it, and no success lost. Of several, the one with the lowest product of the two, which takes a per cent of either
 * for the same.
 *
 * @param now place of the point that is set now
 * @param noise what the p99 of one setting differs by from round to round, as a share
 * @returns its place; null when none is: the data are no reason to change anything
 */
export function chooseRetry(points: readonly TunePoint[], now: number, noise: number): number | null {
  const present = points[now];
  if (present === undefined || !isComparable(present)) return null;
  const most = 1 + Math.max(NOISE, noise);
  const [best] = points
    .filter((point) => {
      if (!isComparable(point) || point === present || point.success.high < present.success.low) return false;
      const p99 = point.p99Ns / present.p99Ns;
      const attempts = point.attempts / present.attempts;
      return Math.min(p99, attempts) < 1 / most && Math.max(p99, attempts) <= most;
    })
    .sort((a, b) => a.p99Ns * a.attempts - b.p99Ns * b.attempts);
  return best === undefined ? null : points.indexOf(best);
}

/**
 * The shortest ttl that outlasts the holds: fewer than one hold in 1,000 outlives its validity (the high end of the
 * interval, where there were so many holds that it can show this; the counted share otherwise), and twice the 99th
 * percentile of the holds fits into it. Longer ones only let a crashed holder block its key for longer.
 *
 * @returns its place; null when none does
 */
export function chooseTtl(points: readonly TunePoint[], holdP99Ns: Ns): number | null {
  const [shortest] = points
    .filter(
      (point) =>
        isCandidate(point) &&
        hasP99(point) &&
        point.outlived !== null &&
        isRarelyOutlived(point.outlived) &&
        point.validityLeftP1Ms !== null &&
        msToNs(point.validityLeftP1Ms) >= holdP99Ns * HOLD_FACTOR * (1 - ROUNDING),
    )
    .sort((a, b) => a.settings.ttlMs - b.settings.ttlMs);
  return shortest === undefined ? null : points.indexOf(shortest);
}

function isRarelyOutlived({ share, high, of }: CountedOf): boolean {
  return (wilson(0, of).high < MOST_OVERRUNS ? high : share) < MOST_OVERRUNS;
}

/** The measured holds end a little after the asked ones, by the delay of a timer. */
const ROUNDING = 0.05;

/** The largest spread of a figure over the rounds of one setting, as a share of its middle. */
export function spreadOf(rounds: readonly (readonly number[])[]): number {
  const spreads = rounds.map((values) => {
    const [least, most] = [Math.min(...values), Math.max(...values)];
    return values.length < 2 || least <= 0 ? 0 : Math.sqrt(most / least) - 1;
  });
  return Math.max(0, ...spreads);
}
