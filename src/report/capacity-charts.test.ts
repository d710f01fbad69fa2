import { describe, expect, it } from 'vitest';
import { nsToMs } from '../model/time.js';
import { chartsOfCapacity } from './capacity-charts.js';
import { brokenPictures, rowsOfChart, valuesBeyondAxes, warningsOfCharts } from './chart-checks.fixture.js';
import { contrast } from './charts/contrast.fixture.js';
import { NAMED_COLOUR, LIMIT_COLOUR, STEP_MARKS } from './charts/capacity-frame.js';
import { DARK, LIGHT } from './charts/theme.js';
import { brokenCapacity, emptyCapacity, generatorBoundCapacity, sampleCapacity } from './sample-capacity.fixture.js';

const sample = sampleCapacity();
const charts = chartsOfCapacity(sample);
const named = (name: string, all = charts) => all.find((chart) => chart.name === name)!;

describe.each(
  Object.entries({
    'a bracket': sample,
    'a generator that gave out': generatorBoundCapacity(),
    'a broken lock': brokenCapacity(),
    'no step at all': emptyCapacity(),
    'one step alone': {
      ...sample,
      steps: sample.steps.slice(0, 1),
      answer: { kind: 'unknown' as const, reason: 'one' },
    },
    'seven masters': {
      ...sample,
      steps: sample.steps.map((step) => ({ ...step, masterCpu: [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, null] })),
    },
    'steps that acquired nothing': {
      ...sample,
      knee: null,
      steps: sample.steps.map((step) => ({ ...step, response: { ...step.response, count: 0 } })),
    },
  }),
)('the charts of %s', (_, report) => {
  const drawn = chartsOfCapacity(report);

  it('compile without a warning from Vega-Lite, and are drawn without impossible coordinates', async () => {
    expect(warningsOfCharts(drawn)).toEqual([]);
    expect(await brokenPictures(drawn)).toEqual([]);
  });

  it('hold all their data within their axes', () => {
    for (const chart of drawn) expect([chart.name, valuesBeyondAxes(chart)]).toEqual([chart.name, []]);
  });

  it('say under which SLO it was searched, and with which lock', () => {
    for (const { scenario } of drawn) {
      expect(scenario).toContain('acquire.response: p(99)<10ms');
      expect(scenario).toContain(report.lock);
    }
  });
});

describe('latency against load', () => {
  const rows = rowsOfChart(named('latency-against-load'));

  it('marks p50 and p99 of every step, confirmations too, with its verdict', () => {
    const marks = rows.filter((row) => row['ms'] !== undefined);
    expect(marks).toHaveLength(2 * sample.steps.length);
    const step = sample.steps[12]!;
    expect(marks.find((row) => row['series'] === 'p99 response' && row['step'] === '13, confirmation')).toMatchObject({
      rateAt: step.ratePerSecond,
      ms: nsToMs(step.response.p99Ns),
      verdict: 'met',
    });
  });

  it('joins the medians of the steps that count, and no others', () => {
    const line = rows.filter((row) => row['medianMs'] !== undefined && row['series'] === 'p50 response');
    expect(line.map((row) => row['medianAt'])).toEqual([500, 1_000, 2_000, 4_000, 4_757, 4_968, 5_187, 5_657, 8_000]);
    const at4000 = sample.steps.filter((step) => step.ratePerSecond === 4_000 && step.verdict === 'met');
    expect(line[3]!['medianMs']).toBe(nsToMs(at4000[0]!.response.p50Ns));
  });

  it('shows the limit of the SLO, the bracket, the knee and the rate that is expected, each by its name', () => {
    expect(rows).toContainEqual({ limitMs: 10, limitLabel: 'SLO: p99 response < 10ms' });
    expect(rows).toContainEqual({
      bandLow: 4_757,
      bandHigh: 4_968,
      answerLeft: 4_757,
      answerLabel: 'capacity 4,757/s to 4,968/s',
    });
    expect(rows).toContainEqual({ knee: 4_000, kneeMs: 1.1, kneeLabel: 'knee 4,000/s' });
    expect(rows).toContainEqual({ expected: 3_000, expectedLabel: 'expected 3,000/s' });
  });

  it('adds a curve for what else the SLO limits', () => {
    const slo = ['acquire.service: p(99.9)<=40ms', 'acquire.response: mean<5ms'];
    const drawn = rowsOfChart(chartsOfCapacity({ ...sample, slo })[0]!);
    expect(new Set(drawn.flatMap((row) => row['series'] ?? []))).toEqual(
      new Set(['p50 response', 'p99 response', 'p99.9 service']),
    );
    expect(drawn.flatMap((row) => row['limitLabel'] ?? [])).toEqual(['SLO: p99.9 service <= 40ms']);
  });

  it('names one end where there is no bracket', () => {
    const label = (report: typeof sample): unknown =>
      rowsOfChart(chartsOfCapacity(report)[0]!).find((row) => row['answerLabel'] !== undefined)?.['answerLabel'];
    expect(label(generatorBoundCapacity())).toBe('SLO met ≥ 4,000/s, generator-bound');
    expect(label(brokenCapacity())).toBe('SLO missed from 500/s on');
  });
});

describe('the search', () => {
  it('shows every step in its order, and where the generator was given more', () => {
    const rows = rowsOfChart(named('search')).filter((row) => row['number'] !== undefined);
    expect(rows.map((row) => row['rateAt'])).toEqual(sample.steps.map((step) => step.ratePerSecond));
    expect(rows.flatMap((row) => (row['change'] === null ? [] : [[row['number'], row['change']]]))).toEqual([
      [6, '2 workers'],
    ]);
    expect(rows.flatMap((row) => row['phase'] ?? [])).toEqual(['growth', 'bisection', 'confirmation']);
  });
});

describe('the processor', () => {
  it('has a series for every master, the generator and the rest; of many masters the busiest and the median', () => {
    const series = (report: typeof sample): unknown[] => [
      ...new Set(rowsOfChart(named('cpu-over-load', chartsOfCapacity(report))).flatMap((row) => row['series'] ?? [])),
    ];
    expect(series(sample)).toEqual(['master 1', 'master 2', 'master 3', 'generator', 'other processes']);
    const many = sample.steps.map((step) => ({ ...step, masterCpu: [0.1, 0.2, 0.3, 0.4, 0.5, 0.9] }));
    expect(series({ ...sample, steps: many })).toEqual([
      'busiest master',
      'median master',
      'generator',
      'other processes',
    ]);
    expect(series(brokenCapacity())).toEqual(['generator']);
    expect(named('cpu-over-load', chartsOfCapacity(brokenCapacity())).notes).toContain('no master told its CPU');
  });
});

describe('scalability', () => {
  it('draws every round, the law through them, and the peak with its interval', () => {
    const rows = rowsOfChart(named('scalability'));
    expect(rows.filter((row) => row['rate'] !== undefined)).toHaveLength(sample.scaling!.points.length);
    const curve = rows.filter((row) => row['kind'] === 'fitted scalability law');
    const [lambda, sigma, kappa] = [420, 0.02, 0.0009];
    const { at, value } = curve[40] as unknown as { at: number; value: number };
    expect(value).toBeCloseTo((lambda * at) / (1 + sigma * (at - 1) + kappa * at * (at - 1)), 9);
    expect(rows.at(-1)).toEqual({ peak: 33, peakLow: 29.4, peakHigh: 37.1, peakLabel: 'peak 5,335/s at 33 clients' });
  });

  it('draws points alone where the law was refused, and says why; nothing where it was not tried', () => {
    const bound = generatorBoundCapacity();
    const chart = named('scalability', chartsOfCapacity(bound));
    expect(new Set(rowsOfChart(chart).map((row) => row['kind']))).toEqual(new Set(['measured, one mark a round']));
    expect(chart.notes).toContain(bound.scaling!.refusal);
    expect(chartsOfCapacity(brokenCapacity()).map(({ name }) => name)).toEqual([
      'latency-against-load',
      'search',
      'cpu-over-load',
    ]);
  });
});

describe('a broken lock', () => {
  it('is said in the title of every chart', () => {
    for (const { alarm } of chartsOfCapacity(brokenCapacity())) {
      expect(alarm).toBe('mutual exclusion violated by hasty 2.1.0 (unsafe)');
    }
    expect(charts.map(({ alarm }) => alarm).join('')).toBe('');
  });
});

describe('the marks of steps', () => {
  it('stand out on white and on black, and differ in their shapes', () => {
    const colours = [...Object.values(STEP_MARKS).map(({ colour }) => colour), LIMIT_COLOUR, NAMED_COLOUR];
    const faint = colours.filter((colour) =>
      [LIGHT.background, DARK.background].some((background) => contrast(colour, background) < 3),
    );
    expect(faint).toEqual([]);
    expect(new Set(Object.values(STEP_MARKS).map(({ shape }) => shape)).size).toBe(4);
  });
});
