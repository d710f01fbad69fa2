/**
 * `intervals.hlog`: the distributions of each interval as an HdrHistogram log, version 1.3, with tags.
 *
 * The figures of an interval that are no histogram stand in a comment before its rows, which readers of the format skip.
 *
 * @module
 */
import { HistogramLogWriter } from 'hdr-histogram-js';
import { toError } from '../model/errors.js';
import { Histogram } from '../model/histogram.js';
import { HISTOGRAM_TAGS, type HistogramTag, type IntervalReport } from '../model/interval.js';
import { keyed } from '../model/keyed.js';
import type { Manifest, SeriesPoint } from '../model/result.js';
import { msToS } from '../model/time.js';
import { US_PER_MS } from './percentile-text.js';

/** What a log still holds after its run was killed. */
export interface IntervalLog {
  readonly points: readonly SeriesPoint[];
  readonly histograms: Readonly<Record<HistogramTag, Histogram>>;
  /** What could not be read, one sentence each. */
  readonly problems: readonly string[];
}

/** The head of the log. Rows count from the start of the measured window, which begins after the set-up and the warm-up. */
export function intervalLogHeader(manifest: Manifest): string {
  return written((log) => {
    const startS = msToS(Date.parse(manifest.startedAt)).toFixed(3);
    log.outputComment('[redlock-bench: histograms in microseconds, Interval_Max in milliseconds]');
    log.outputLogFormatVersion();
    // Not outputStartTime(): it leaves an empty line behind, at which some readers stop.
    log.outputComment(`[StartTime: ${startS} (seconds since epoch), ${manifest.startedAt}]`);
    log.outputLegend();
  });
}

/** The rows of one interval: its figures, then one row for each distribution that has anything in it. */
export function intervalRows({ point, histograms }: IntervalReport): string {
  return written((log) => {
    log.outputComment(`${POINT_START}${JSON.stringify(point)}]`);
    for (const tag of HISTOGRAM_TAGS) {
      if (histograms[tag].count === 0) continue;
      const histogram = new Histogram();
      histogram.absorb(histograms[tag]);
      histogram.hdr.tag = tag;
      const endS = msToS(point.atMs + point.lengthMs);
      log.outputIntervalHistogram(histogram.hdr, msToS(point.atMs), endS, US_PER_MS);
    }
  });
}

/** Reads a log, whole or torn: a killed run may have written half of its last line. */
export function readIntervalLog(text: string): IntervalLog {
  const points: SeriesPoint[] = [];
  const histograms = keyed(HISTOGRAM_TAGS, () => new Histogram());
  const problems: string[] = [];
  text.split('\n').forEach((line, index) => {
    try {
      const point = parsePoint(line);
      if (point !== undefined) points.push(point);
      const row = parseRow(line);
      if (row !== undefined) histograms[row.tag].absorbEncoded(row.hdr);
    } catch (thrown) {
      problems.push(`intervals.hlog: line ${String(index + 1)} cannot be read: ${toError(thrown).message}`);
    }
  });
  return { points, histograms, problems };
}

const POINT_START = '[Point: ';

function parsePoint(line: string): SeriesPoint | undefined {
  if (!line.startsWith(`#${POINT_START}`)) return undefined;
  // Written by intervalRows(); a torn line ends before its bracket and does not parse.
  return JSON.parse(line.slice(POINT_START.length + 1, -1)) as SeriesPoint;
}

function parseRow(line: string): { tag: HistogramTag; hdr: string } | undefined {
  if (!line.startsWith('Tag=')) return undefined;
  const [tagged = '', , , , hdr = ''] = line.split(',');
  const tag = HISTOGRAM_TAGS.find((each) => `Tag=${each}` === tagged);
  if (tag === undefined) throw new Error(`no distribution is named ${tagged}`);
  return { tag, hdr };
}

function written(write: (log: HistogramLogWriter) => void): string {
  let text = '';
  write(
    new HistogramLogWriter((line) => {
      text += line;
    }),
  );
  return text;
}
