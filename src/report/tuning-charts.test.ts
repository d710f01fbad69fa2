import { describe, expect, it } from 'vitest';
import type { TuningReport } from '../model/tuning.js';
import { brokenPictures, rowsOfChart, valuesBeyondAxes, warningsOfCharts } from './chart-checks.fixture.js';
import type { Chart } from './charts/chart.js';
import { contrast } from './charts/contrast.fixture.js';
import { DARK, LIGHT } from './charts/theme.js';
import { ROLE_MARKS } from './charts/tuning-frame.js';
import { brokenTuning, refusedTuning, sampleTuning } from './sample-tuning.fixture.js';
import { chartsOfTuning } from './tuning-charts.js';

const sample = sampleTuning();
const charts = chartsOfTuning(sample);
const named = (name: string): Chart => charts.find((chart) => chart.name === name)!;

describe.each(
  Object.entries<TuningReport>({
    'a recommendation': sample,
    'nothing to recommend': refusedTuning(),
    'a broken lock': brokenTuning(),
  }),
)('the charts of %s', (_, report) => {
  const drawn = chartsOfTuning(report);

  it('compile without a warning from Vega-Lite, and are drawn without impossible coordinates', async () => {
    expect(warningsOfCharts(drawn)).toEqual([]);
    expect(await brokenPictures(drawn)).toEqual([]);
  });

  it('hold all their data within their axes', () => {
    for (const chart of drawn) expect([chart.name, valuesBeyondAxes(chart)]).toEqual([chart.name, []]);
  });

  it('say for which network and under which load', () => {
    for (const { scenario } of drawn) {
      expect(scenario).toContain('30ms ± 3ms | 80ms ± 8ms');
      expect(scenario).toMatch(/200\/s on keys of their own|8 clients that want one key/);
    }
  });
});

describe('the charts of a tuning', () => {
  it('have a frontier for each stage and a sweep where that says more; none of a stage that was not measured', () => {
    expect(charts.map(({ name }) => name)).toEqual([
      'node-timeout-frontier',
      'node-timeout-success',
      'node-timeout-latency',
      'retry-frontier',
      'retry-latency',
      'ttl-frontier',
    ]);
    expect(chartsOfTuning(refusedTuning()).map(({ name }) => name)).toEqual([
      'node-timeout-frontier',
      'node-timeout-success',
      'node-timeout-latency',
    ]);
  });

  it('say in every title which lock broke mutual exclusion', () => {
    for (const { alarm } of chartsOfTuning(brokenTuning())) {
      expect(alarm).toBe('mutual exclusion violated by hasty 2.1.0 (unsafe)');
    }
  });

  it('mark roles in colours that stand out on white and on black, and in shapes of their own', () => {
    const marks = Object.values(ROLE_MARKS);
    const faint = marks.filter(({ colour }) =>
      [LIGHT.background, DARK.background].some((background) => contrast(colour, background) < 3),
    );
    expect(faint).toEqual([]);
    expect(new Set(marks.map(({ shape }) => shape)).size).toBe(marks.length);
  });
});

describe('the frontier', () => {
  const rows = rowsOfChart(named('node-timeout-frontier'));

  it('puts p99 response against success with its interval, and marks and names the recommended point', () => {
    const point = sample.stages[0]!.points[4]!;
    expect(rows.filter((row) => row['kind'] === 'recommended')).toMatchObject([
      {
        atX: 31.4,
        atY: 0.9993,
        low: point.success.low,
        high: point.success.high,
        onFrontier: 1,
        'name-above': '33ms, recommended',
      },
    ]);
    expect(rows.flatMap((row) => (row['onFrontier'] === 1 ? [row['setting']] : []))).toEqual([
      '3ms',
      '5ms',
      '33ms',
      '84ms',
    ]);
  });

  it('overlays the predictions and the second run of the recommendation', () => {
    expect(rows.filter((row) => row['kind'] === 'predicted')).toHaveLength(8);
    const predicted = rows.filter((row) => row['kind'] === 'predicted')[4]!;
    expect(predicted['predictedY']).toBeCloseTo(0.9997, 9);
    expect(predicted['predictedX']).toBeCloseTo(31.4 * 0.9, 9);
    expect(rows.filter((row) => row['kind'] === 'recommendation, run again')).toMatchObject([
      { atX: 31.9, atY: 0.9991 },
    ]);
  });

  it('of a ttl puts how long a crashed holder blocks its key against the holds that outlived it', () => {
    const points = rowsOfChart(named('ttl-frontier'));
    expect(points.map((row) => [row['atX'], row['atY']])).toEqual([
      [250, 0.0121],
      [500, 0.0013],
      [1_000, 0],
      [2_000, 0],
    ]);
  });
});

describe('the sweeps', () => {
  it('draw measured and predicted figures over the setting, and the round trips that lie within it', () => {
    const rows = rowsOfChart(named('node-timeout-latency'));
    const at33 = rows.filter((row) => row['at'] === 33).map((row) => [row['series'], row['kind'], row['value']]);
    expect(at33).toEqual([
      ['p50', 'measured', 1.13],
      ['p50', 'predicted', expect.closeTo(1.13 * 0.94, 9)],
      ['p50', 'recommendation, run again', 1.12],
      ['p99', 'measured', 31.4],
      ['p99', 'predicted', expect.closeTo(31.4 * 0.9, 9)],
      ['p99', 'recommendation, run again', 31.9],
    ]);
    expect(rows.flatMap((row) => row['tripLabel'] ?? [])).toEqual(['master 4: 30ms', 'master 5: 80ms']);
    expect(rows.at(-1)).toEqual({ recommendedAt: 33, recommendedLabel: 'recommended: 33ms' });
  });

  it('invent no time where nothing was acquired', () => {
    const drawn = chartsOfTuning(refusedTuning());
    const rows = rowsOfChart(drawn[2]!);
    expect(rows.map((row) => [row['setting'], row['kind']])).not.toContainEqual(['3ms', 'measured']);
    expect(rowsOfChart(drawn[1]!).find((row) => row['setting'] === '3ms')).toMatchObject({ value: 0, high: 0.001 });
  });
});
