import { describe, expect, it } from 'vitest';
import { chartsOfCapacity } from '../capacity-charts.js';
import { chartsOfChaos } from '../chaos-charts.js';
import { chartsOf } from '../charts.js';
import { chartsOfComparison } from '../comparison-charts.js';
import { sampleCapacity } from '../sample-capacity.fixture.js';
import { sampleChaos } from '../sample-chaos.fixture.js';
import { sampleComparison } from '../sample-comparison.fixture.js';
import { comparedRuns, crowdOfRuns } from '../sample-runs.fixture.js';
import type { Chart } from './chart.js';
import { summarizeChart } from './chart-summary.js';

const said = (charts: readonly Chart[], name: string): string =>
  summarizeChart(charts.find((chart) => chart.name.endsWith(name))!);

describe('what a chart says to readers who do not see it', () => {
  it('spans every layer: p50 to p99, and not the first of them alone', () => {
    const text = said(chartsOf(comparedRuns()), 'compared-latencies');
    const [, least, most] = /response time \(ms\): ([\d.,]+) to ([\d.,]+)/.exec(text)!;
    const rows = comparedRuns().map(({ acquire }) => acquire.response);
    expect(Number(least)).toBeCloseTo(Math.min(...rows.map(({ p50Ns }) => p50Ns)) / 1e6, 1);
    expect(Number(most!.replace(',', ''))).toBeCloseTo(Math.max(...rows.map(({ p99Ns }) => p99Ns)) / 1e6, -1);
  });

  it('leaves out axes that nobody reads: the rows of a list', async () => {
    const lists = [...chartsOf(crowdOfRuns(9)), ...chartsOfComparison(await sampleComparison(2))];
    for (const chart of lists)
      expect([chart.name, /up: [\d.]+ to/.exec(summarizeChart(chart))?.[0]]).toEqual([chart.name, undefined]);
  });

  it('gives no colour for a name', () => {
    for (const chart of chartsOfChaos(sampleChaos())) expect(summarizeChart(chart)).not.toMatch(/#[\da-f]{6}/);
  });

  it('is not satisfied with a limit or a line at one', async () => {
    const charts = [...chartsOfCapacity(sampleCapacity()), ...chartsOfComparison(await sampleComparison(2))];
    const flat = charts.flatMap((chart) => /: ([\d.,]+) to \1(?=[. ]|$)/.exec(summarizeChart(chart))?.[0] ?? []);
    expect(flat).toEqual([]);
  });
});
