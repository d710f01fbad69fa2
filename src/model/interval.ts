/**
 * What a run tells while it goes on: one report each second.
 *
 * @module
 */
import type { HistogramSnapshot } from './histogram.js';
import type { InFlight, SeriesPoint } from './result.js';
import type { Ns } from './time.js';

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

/** What clients had of one master in a second. */
export interface MasterSecond {
  readonly timeouts: number;
  readonly errors: number;
}

/** How late operations began that a schedule had intended, at the quantile that says so of this many of them. */
export interface LateStarts {
  readonly starts: number;
  /** 0.99, or 0.9 where there are few. */
  readonly quantile: number;
  readonly delayNs: Ns;
}

/** What workers tell of a second for those who watch, and no file keeps. */
export interface WatchedSecond {
  readonly masters: readonly MasterSecond[];
  /** Null where operations are known only when they are over. */
  readonly inFlight: InFlight | null;
  /** Share of the second that the event loop was busy, spinning excluded; the busiest worker. Null where none told. */
  readonly busiestLoop: number | null;
  readonly lateStarts: LateStarts;
  readonly responseMaxNs: Ns;
}

/** What the witness has seen since the load began, by all who have told. */
export interface WitnessedSoFar {
  readonly holds: number;
  readonly contractCount: number;
  readonly overruns: number;
}

/** A second as it is watched, and what the witness has seen until its end. */
export interface WatchedReport extends WatchedSecond {
  readonly witnessed: WitnessedSoFar;
}

/** How a master is, as INFO tells once a second. */
export interface MasterVitals {
  /** False when it did not answer. */
  readonly isReachable: boolean;
  /** Of one core, since the answer before; null without one. */
  readonly cpuShare: number | null;
  readonly commandsPerSecond: number | null;
}
