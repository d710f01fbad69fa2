import { HistogramLogReader } from 'hdr-histogram-js';
import { describe, expect, it } from 'vitest';
import { HISTOGRAM_TAGS, type HistogramTag } from '../model/interval.js';
import { intervalLogHeader, intervalRows, readIntervalLog } from './interval-log.js';
import { simulateRun, type SimulatedRun } from './simulated-run.fixture.js';

const run = simulateRun({ perInterval: 300, intervals: 3, granted: 0.9, gaveUpMs: 700 });

function logOf({ manifest, intervals }: SimulatedRun): string {
  return intervalLogHeader(manifest) + intervals.map(intervalRows).join('');
}

describe('the interval log', () => {
  it("is read by HdrHistogram's own reader: tags, times, counts and percentiles", () => {
    const reader = new HistogramLogReader(logOf(run));
    const seen: { tag: string; startMs: number; endMs: number; count: number }[] = [];
    for (let next = reader.nextIntervalHistogram(); next !== null; next = reader.nextIntervalHistogram()) {
      const { tag, startTimeStampMsec, endTimeStampMsec, totalCount } = next;
      seen.push({ tag, startMs: startTimeStampMsec, endMs: endTimeStampMsec, count: totalCount });
    }
    const startMs = Date.parse(run.manifest.startedAt);
    const expected = run.intervals.flatMap(({ point, histograms }) =>
      HISTOGRAM_TAGS.filter((tag) => histograms[tag].count > 0).map((tag) => ({
        tag,
        startMs: startMs + point.atMs,
        endMs: startMs + point.atMs + point.lengthMs,
        count: histograms[tag].count,
      })),
    );
    expect(expected.length).toBeGreaterThan(12);
    expect(seen).toEqual(expected);
  });

  it('gives back the figures of every interval and the whole distributions', () => {
    const { points, histograms, problems } = readIntervalLog(logOf(run));
    const { acquire, release } = run.result;
    expect(problems).toEqual([]);
    expect(points).toEqual(run.result.series);
    const response = histograms['acquire.response'].summarizeLatency();
    expect([response.count, response.p50Ns, response.p99Ns]).toEqual([
      acquire.response.count,
      acquire.response.p50Ns,
      acquire.response.p99Ns,
    ]);
    expect(Math.abs(response.meanNs / acquire.response.meanNs - 1)).toBeLessThan(0.001);
    expect(Math.abs(response.maxNs / acquire.response.maxNs - 1)).toBeLessThan(0.001);
    expect(histograms['acquire.gaveUp'].count).toBe(acquire.gaveUp.count);
    expect(histograms.release.count).toBe(release.count);
  });

  it('states the largest value of an interval in milliseconds', () => {
    const row = intervalRows(run.intervals[0]!)
      .split('\n')
      .find((line) => line.startsWith('Tag=acquire.gaveUp,'));
    expect(Number(row?.split(',')[3])).toBeGreaterThan(690);
    expect(Number(row?.split(',')[3])).toBeLessThan(800);
  });

  it('is readable up to wherever a kill tore it', () => {
    const whole = logOf(run);
    const lastRows = intervalRows(run.intervals[2]!);
    const countOf = (text: string, tag: HistogramTag): number => readIntervalLog(text).histograms[tag].count;
    const beforeLast = countOf(whole.slice(0, whole.length - lastRows.length), 'acquire.response');
    expect(beforeLast).toBe(
      run.intervals[0]!.histograms['acquire.response'].count + run.intervals[1]!.histograms['acquire.response'].count,
    );
    for (let cut = 1; cut < lastRows.length; cut += 97) {
      const { problems, points } = readIntervalLog(whole.slice(0, whole.length - cut));
      expect(problems.length).toBeLessThanOrEqual(1);
      expect(points.length).toBeGreaterThanOrEqual(2);
      expect(countOf(whole.slice(0, whole.length - cut), 'acquire.response')).toBeGreaterThanOrEqual(beforeLast);
    }
  });
});
