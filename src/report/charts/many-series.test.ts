import { describe, expect, it } from 'vitest';
import { chartsOf } from '../charts.js';
import { rowsOfChart, warningsOfCharts, valuesBeyondAxes } from '../chart-checks.fixture.js';
import { crowdOfRuns } from '../sample-runs.fixture.js';
import { crowdNotes, standOut } from './many-series.js';

const ranked = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ series: `run ${String(index)}`, value: (index * 7) % count }));

describe('of more series than there are colours', () => {
  it('the least, the middle and the most stand out; of a few all do', () => {
    expect(standOut(ranked(3))).toEqual(['run 0', 'run 1', 'run 2']);
    expect(standOut(ranked(9))).toEqual(['run 0', 'run 7', 'run 5']);
    expect(standOut([...ranked(8), { series: 'empty', value: null }])).not.toContain('empty');
  });

  it('the others are counted', () => {
    expect(crowdNotes(7, 7, 'run', 'p99')).toEqual([]);
    expect(crowdNotes(30, 3, 'run', 'p99')[0]).toMatch(/the most p99; grey: the other 27 of 30 runs/);
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
});
