/**
 * What each fault cost: how much of the rate was left while it lasted, and how long it took to come back.
 *
 * @module
 */
import type { FaultReceipt } from '../model/fault.js';
import type { RunResult, SeriesPoint } from '../model/result.js';
import { nsToMs } from '../model/time.js';
import { isPointFault } from './fault-words.js';

/** One fault that took effect; every figure is as fine as the intervals of the series, one second. */
export interface Recovery {
  readonly fault: FaultReceipt;
  /** Median rate of the undisturbed intervals before it; null when there are none, or nothing was acquired. */
  readonly ratePerSecondBefore: number | null;
  /** Rate while it lasted over the rate before; null where either is unknown. */
  readonly shareOfRate: number | null;
  /** Of the operations that ended while it lasted, the share that acquired; null when none ended. */
  readonly shareAcquired: number | null;
  /**
   * From the heal (of a fault without end: from its effect) to the end of the first interval whose rate was at least 80 %
   * of before: an upper bound. Null when that never came, or is unknown.
   */
  readonly recoveredWithinMs: number | null;
  /** Another fault was in effect meanwhile, so that its cost is in these figures too. */
  readonly isShared: boolean;
}

/** The share of the former rate at which a lock has recovered. */
const RECOVERED_SHARE = 0.8;
const MOST_INTERVALS_BEFORE = 10;

/** What each fault of a run cost, in the order of the faults; without those that never took effect. */
export function recoveriesOf({ faults, series }: Pick<RunResult, 'faults' | 'series'>): Recovery[] {
  const endMs = series.reduce((end, point) => Math.max(end, endOf(point)), 0);
  const spans = faults.flatMap((fault): Span[] => {
    if (fault.effectNs === null) return [];
    const fromMs = nsToMs(fault.effectNs);
    const healedMs = fault.healedNs === null ? null : nsToMs(fault.healedNs);
    return [{ fault, fromMs, healedMs, toMs: healedMs ?? (isPointFault(fault) ? fromMs : endMs) }];
  });
  return spans.map((span) => recoveryOf(span, spans, series));
}

interface Span {
  readonly fault: FaultReceipt;
  readonly fromMs: number;
  readonly toMs: number;
  readonly healedMs: number | null;
}

function recoveryOf(span: Span, spans: readonly Span[], series: readonly SeriesPoint[]): Recovery {
  const before = medianBefore(span, spans, series);
  const during = series.filter((point) => isTouched(point, span));
  const acquired = weighed(during, span, (point) => point.counts.acquired);
  const ended = weighed(during, span, (point) => Object.values(point.counts).reduce((sum, count) => sum + count, 0));
  const rate = meanRate(during, span);
  const isKnown = before !== null && before > 0;
  return {
    fault: span.fault,
    ratePerSecondBefore: isKnown ? before : null,
    shareOfRate: isKnown && rate !== null ? rate / before : null,
    shareAcquired: ended === 0 ? null : acquired / ended,
    recoveredWithinMs: isKnown ? recoveredWithin(span, before, series) : null,
    isShared: spans.some((other) => other !== span && other.fromMs <= span.toMs && other.toMs >= span.fromMs),
  };
}

/** Intervals of any fault are no measure of what was before; the latest of the others are. */
function medianBefore(span: Span, spans: readonly Span[], series: readonly SeriesPoint[]): number | null {
  const rates = series
    .filter((point) => endOf(point) <= span.fromMs && spans.every((each) => !isTouched(point, each)))
    .slice(-MOST_INTERVALS_BEFORE)
    .map((point) => point.ratePerSecond)
    .sort((a, b) => a - b);
  if (rates.length === 0) return null;
  const middle = rates.length / 2;
  const low = rates[Math.ceil(middle) - 1] ?? 0;
  const high = rates[Math.floor(middle)] ?? 0;
  return (low + high) / 2;
}

function recoveredWithin(
  { fault, toMs, healedMs }: Span,
  before: number,
  series: readonly SeriesPoint[],
): number | null {
  if (healedMs === null && !isPointFault(fault)) return null;
  const first = series.find((point) => endOf(point) > toMs && point.ratePerSecond >= RECOVERED_SHARE * before);
  return first === undefined ? null : endOf(first) - toMs;
}

function isTouched(point: SeriesPoint, { fromMs, toMs }: Span): boolean {
  return point.atMs <= toMs && endOf(point) > fromMs && (point.atMs < toMs || fromMs === toMs);
}

/** An interval counts as far as the fault covers it; that of a fault without length as a whole. */
function coverage(point: SeriesPoint, { fromMs, toMs }: Span): number {
  if (fromMs === toMs) return 1;
  if (point.lengthMs === 0) return 0;
  return Math.max(0, Math.min(endOf(point), toMs) - Math.max(point.atMs, fromMs)) / point.lengthMs;
}

function weighed(points: readonly SeriesPoint[], span: Span, countOf: (point: SeriesPoint) => number): number {
  return points.reduce((sum, point) => sum + coverage(point, span) * countOf(point), 0);
}

function meanRate(points: readonly SeriesPoint[], span: Span): number | null {
  const coveredMs = weighed(points, span, (point) => point.lengthMs);
  return coveredMs === 0 ? null : weighed(points, span, (point) => point.ratePerSecond * point.lengthMs) / coveredMs;
}

function endOf(point: SeriesPoint): number {
  return point.atMs + point.lengthMs;
}
