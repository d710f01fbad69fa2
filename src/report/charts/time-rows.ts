/**
 * A run's seconds as rows of a chart.
 *
 * @module
 */
import type { FaultReceipt } from '../../model/fault.js';
import type { OperationStatus } from '../../model/operation.js';
import type { SeriesPoint } from '../../model/result.js';
import { msToS } from '../../model/time.js';
import type { Layer, Row } from './chart.js';
import { faultsWithin } from './fault-bands.js';

/** A line over time: one value for each interval, null where there was nothing to measure. */
export interface TimeLine {
  readonly name: string;
  /** What its dashes say; lines of one kind share them. */
  readonly kind: string;
  readonly values: readonly (number | null)[];
}

/** More steps than this are finer than the pixels of a chart. */
const MAX_POINTS = 600;

/** A run's series, thinned for drawing. */
export interface DrawnSeries {
  readonly points: readonly SeriesPoint[];
  /** How many intervals each point stands for. */
  readonly merged: number;
}

/** Thins a long series: counts add up, and of each percentile the worst interval is kept, because they must not be averaged. */
export function drawnSeries(series: readonly SeriesPoint[]): DrawnSeries {
  return thinned(series, Math.ceil(series.length / MAX_POINTS));
}

/** Thins the series of one chart alike, because steps of several lengths cannot be told from each other. */
export function drawnTogether(all: readonly (readonly SeriesPoint[])[], mostPoints = MAX_POINTS): DrawnSeries[] {
  const longest = all.reduce((most, series) => Math.max(most, series.length), 0);
  return all.map((series) => thinned(series, Math.ceil(longest / mostPoints)));
}

function thinned(series: readonly SeriesPoint[], merged: number): DrawnSeries {
  if (merged <= 1) return { points: series, merged: 1 };
  const points: SeriesPoint[] = [];
  for (let at = 0; at < series.length; at += merged) points.push(mergePoints(series.slice(at, at + merged)));
  return { points, merged };
}

/** The sentence that a thinned chart owes its reader. */
export function thinningNotes({ merged }: DrawnSeries): string[] {
  return merged === 1 ? [] : [`each step is the worst of ${String(merged)} intervals`];
}

/** Start and end of an interval in seconds since the start of the measured window. */
export function spanS(point: SeriesPoint): { fromS: number; toS: number } {
  return { fromS: msToS(point.atMs), toS: msToS(point.atMs + point.lengthMs) };
}

/**
 * Rows for step-after lines. A step needs a point at the end of its last interval to have any width, and a row without a
 * value to break at a gap instead of bridging it.
 */
export function stepRows(points: readonly SeriesPoint[], lines: readonly TimeLine[]): Row[] {
  return lines.flatMap(({ name, kind, values }) =>
    points.flatMap((point, index) => {
      const { fromS, toS } = spanS(point);
      const value = values[index] ?? null;
      const row = { series: name, kind, atS: fromS, value };
      const isLast = (values[index + 1] ?? null) === null;
      return value !== null && isLast ? [row, { ...row, atS: toS }, { ...row, atS: toS, value: null }] : [row];
    }),
  );
}

/** Invisible columns, one for each interval, that show all its figures when pointed at. */
export function hoverLayer(
  points: readonly SeriesPoint[],
  figures: readonly Row[],
  faults: readonly FaultReceipt[] = [],
): Layer {
  const titles = [...Object.keys(figures[0] ?? {}), ...(faults.length > 0 ? ['faults'] : [])];
  const rows = points.map((point, index) => {
    const { fromS, toS } = spanS(point);
    const interval = `${fromS.toFixed(1)} s to ${toS.toFixed(1)} s`;
    const active = faults.length > 0 ? { faults: faultsWithin(faults, fromS, toS).join(', ') || 'none' } : {};
    return { fromS, toS, interval, ...figures[index], ...active };
  });
  return {
    data: { values: rows },
    params: [{ name: 'pointed', select: { type: 'point', on: 'pointerover', clear: 'pointerout' } }],
    mark: { type: 'rect', color: '#808890' },
    encoding: {
      x: { field: 'fromS', type: 'quantitative' },
      x2: { field: 'toS' },
      opacity: { condition: { param: 'pointed', empty: false, value: 0.16 }, value: 0 },
      tooltip: ['interval', ...titles].map((title) => ({ field: escapeField(title), type: 'nominal', title })),
    },
  };
}

/** Vega reads dots and brackets in a field's name as a path. */
function escapeField(name: string): string {
  return name.replace(/[.[\]\\'"]/g, (character) => `\\${character}`);
}

function mergePoints(points: readonly SeriesPoint[]): SeriesPoint {
  const first = points[0];
  if (first === undefined) throw new RangeError('points to merge: expected at least one, got none');
  const lengthMs = sum(points.map((point) => point.lengthMs));
  const counts = Object.fromEntries(
    Object.keys(first.counts).map((status) => [
      status,
      sum(points.map((point) => point.counts[status as OperationStatus])),
    ]),
  ) as Record<OperationStatus, number>;
  return {
    atMs: first.atMs,
    lengthMs,
    counts,
    ratePerSecond: lengthMs === 0 ? 0 : counts.acquired / msToS(lengthMs),
    splitVotes: sum(points.map((point) => point.splitVotes)),
    responseP50Ns: worst(points.map((point) => point.responseP50Ns)) ?? 0,
    responseP99Ns: worst(points.map((point) => point.responseP99Ns)) ?? 0,
    serviceP50Ns: worst(points.map((point) => point.serviceP50Ns)) ?? 0,
    serviceP99Ns: worst(points.map((point) => point.serviceP99Ns)) ?? 0,
    roundTripP50Ns: first.roundTripP50Ns.map((_, master) => worst(points.map((each) => each.roundTripP50Ns[master]))),
    roundTripP99Ns: first.roundTripP99Ns.map((_, master) => worst(points.map((each) => each.roundTripP99Ns[master]))),
  };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function worst(values: readonly (number | null | undefined)[]): number | null {
  const known = values.filter((value) => value !== null && value !== undefined);
  return known.length === 0 ? null : Math.max(...known);
}
