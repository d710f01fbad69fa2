/**
 * What may be said of a point of a tuning at all.
 *
 * @module
 */
import { isSupported } from '../model/quantile-support.js';
import type { TunePoint } from '../model/tuning.js';

/** Whether two holders had the lock at once: then its figures are not those of a lock. */
export function isBroken({ safety, contractCount }: TunePoint): boolean {
  return safety === 'violation' || contractCount > 0;
}

/** Whether it may be recommended, or held against another one. */
export function isCandidate(point: TunePoint): boolean {
  return point.leftOut === null && !isBroken(point);
}

/** Whether so many were acquired that the 99th percentile of their times can be stated. */
export function hasP99({ operations, success }: TunePoint): boolean {
  return isSupported(0.99, Math.round(operations * success.share));
}
