import { describe, expect, it } from 'vitest';
import { Histogram } from '../../model/histogram.js';
import { chartsOf } from '../charts.js';
import { NONE } from '../figures.js';
import { rowsOfChart, warningsOfCharts, valuesBeyondAxes } from '../chart-checks.fixture.js';
import { crowdOfRuns } from '../sample-runs.fixture.js';
import { crowdNotes, standOut } from './many-series.js';
import { acquisitionRate } from './over-time.js';
import { SERIES_COLOURS } from './theme.js';

const ranked = (count: number) =>
  Array.from({ length: count }, (_, index) => ({
    series: `run ${String(index)}`,
    value: (index * 7) % count,
    isAlarming: false,
  }));

describe('of more series than there are colours', () => {
  it('the least, the middle and the most stand out; of a few all do', () => {
    expect(standOut(ranked(3))).toEqual(['run 0', 'run 1', 'run 2']);
    expect(standOut(ranked(9))).toEqual(['run 0', 'run 7', 'run 5']);
    expect(standOut([...ranked(8), { series: 'empty', value: null, isAlarming: false }])).not.toContain('empty');
  });

  it('what broke its promise has a name always, as far as there are colours', () => {
    const alarming = (...places: number[]) =>
      ranked(12).map((each, index) => ({ ...each, isAlarming: places.includes(index) }));
    expect(standOut(alarming(4))).toEqual(['run 4', 'run 0', 'run 11', 'run 5']);
    expect(standOut(alarming(0, 1, 2, 3, 4, 5, 6, 7, 8, 9)).length).toBe(SERIES_COLOURS);
    expect(standOut([...ranked(11), { series: 'idle', value: null, isAlarming: true }])).toContain('idle');
  });

  it('the others are counted', () => {
    const crowd = { named: 3, noun: 'run', by: 'p99', where: 'whose percentiles stand in the table' };
    expect(crowdNotes({ ...crowd, count: 7 })).toEqual([]);
    expect(crowdNotes({ ...crowd, count: 30 })).toEqual([
      'named: the runs with the least, the middle and the most p99, and what violates or is invalid; grey: the other 27 of 30 runs, whose percentiles stand in the table',
    ]);
  });
});

describe('the charts of a crowd of runs', () => {
  const charts = chartsOf(crowdOfRuns(12));
  const [rates, latencies, spectrum, overTime] = charts;

  it('compile without a warning, and hold their data within their axes', () => {
    expect(warningsOfCharts(charts)).toEqual([]);
    for (const chart of [spectrum!, overTime!]) expect([chart.name, valuesBeyondAxes(chart)]).toEqual([chart.name, []]);
  });

  it('list every run with its name, sorted within its group', () => {
    const listed = rowsOfChart(rates!).filter(({ rate }) => rate !== undefined);
    expect(listed).toHaveLength(12);
    for (const group of new Set(listed.map((row) => row['group']))) {
      const figures = listed.filter((row) => row['group'] === group).map((row) => Number(row['rate']));
      expect(figures).toEqual([...figures].sort((a, b) => b - a));
    }
    expect(rowsOfChart(latencies!).filter(({ p99 }) => p99 !== undefined)).toHaveLength(12);
  });

  it('name three lines of twelve, and draw the nine others', () => {
    for (const chart of [spectrum!, overTime!]) {
      const rows = rowsOfChart(chart);
      expect(new Set(rows.flatMap(({ series }) => series ?? [])).size).toBe(3);
      expect(new Set(rows.flatMap(({ other }) => other ?? [])).size).toBe(9);
      expect(chart.notes.join()).toContain('grey: the other 9 of 12 runs');
    }
  });

  it('name a run without a line in words, and one that broke its promise', () => {
    const [first, second, ...others] = crowdOfRuns(12);
    const violated = { ...first!, safety: { ...first!.safety, verdict: 'violation' as const } };
    const empty = new Histogram().summarizeLatency();
    const idle = { ...second!, acquire: { ...second!.acquire, response: empty, service: empty } };
    const [, , line, time] = chartsOf([violated, idle, ...others]);
    expect(line!.notes.join()).toContain('1 run without a line, because nothing was acquired: ');
    for (const chart of [line!, time!])
      expect(rowsOfChart(chart).some(({ series }) => String(series).includes('mutual exclusion violated'))).toBe(true);
  });
});

describe('the rates of runs of several lengths', () => {
  const runs = crowdOfRuns(12).map((run, index) => {
    const [point] = run.series;
    const seconds = index % 2 === 0 ? 60 : 100;
    const series = Array.from({ length: seconds }, (_, second) => ({
      ...point!,
      atMs: second * 1_000,
      lengthMs: 1_000,
    }));
    return { ...run, series };
  });
  const chart = acquisitionRate(runs);

  it('have an axis to the end of the longest run, and steps of one length', () => {
    expect(valuesBeyondAxes(chart)).toEqual([]);
    const times = rowsOfChart(chart).map(({ atS }) => Number(atS));
    expect(Math.max(...times)).toBe(100);
    const hovered = (chart.spec.layer.at(-1) as { data: { values: { fromS: number; toS: number }[] } }).data.values;
    expect(hovered.at(-1)!.toS).toBe(100);
    expect(new Set(times.filter((time) => time < 60)).size).toBe(hovered.filter(({ fromS }) => fromS < 60).length);
  });

  it('tell the pointer nothing of a run that had ended', () => {
    const rows = (chart.spec.layer.at(-1) as { data: { values: Record<string, string>[] } }).data.values;
    const ended = (row: Record<string, string>): number => Object.values(row).filter((value) => value === NONE).length;
    expect(ended(rows[0]!)).toBe(0);
    expect(ended(rows.at(-1)!)).toBeGreaterThan(0);
  });
});
