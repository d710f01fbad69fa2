/**
 * What a run tells while it goes on: one report each second.
 *
 * @module
 */
import type { HistogramSnapshot } from './histogram.js';
import type { SeriesPoint } from './result.js';

/** The distributions of a run; the names are the tags of `intervals.hlog` and the files of `histograms/`. */
export const HISTOGRAM_TAGS = [
  'acquire.response',
  'acquire.service',
  'acquire.scheduleDelay',
  'acquire.gaveUp',
  'release',
  'hold',
  'handoff',
] as const;

export type HistogramTag = (typeof HISTOGRAM_TAGS)[number];

/** One second of the measured window, all workers merged. Histograms are in microseconds. */
export interface IntervalReport {
  readonly point: SeriesPoint;
  readonly histograms: Readonly<Record<HistogramTag, HistogramSnapshot>>;
}
