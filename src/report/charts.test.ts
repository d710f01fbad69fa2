import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { Ajv } from 'ajv';
import { logger as vegaLogger, Warn } from 'vega';
import { compile } from 'vega-lite';
import { describe, expect, it } from 'vitest';
import { Histogram } from '../model/histogram.js';
import type { RunResult } from '../model/result.js';
import { msToNs } from '../model/time.js';
import { chartsOfChaos } from './chaos-charts.js';
import { chartsOf } from './charts.js';
import { stillSpec, type Chart } from './charts/chart.js';
import { spectrumPoints } from './charts/latency-spectrum.js';
import { renderSvg } from './render.js';
import { sampleChaos } from './sample-chaos.fixture.js';
import { comparedRuns, faultyRun, hopelessRun, nastyRun, openLoopRun, tinyRun } from './sample-runs.fixture.js';
import { simulateRun } from './simulated-run.fixture.js';

const compared = comparedRuns();
const open = openLoopRun();
const nasty = nastyRun();

const sets: Readonly<Record<string, readonly RunResult[]>> = {
  'several runs': compared,
  'an open loop': [open],
  'a violating run': [nasty],
  'a run without a success': [hopelessRun()],
  'a handful of operations': [tinyRun()],
  'a run under faults': [faultyRun()],
  'a run without intervals': [simulateRun({ intervals: 0 }).result],
  'runs of which one has nothing': [hopelessRun(), tinyRun()],
};

const named = (charts: readonly Chart[], name: string): Chart => charts.find((chart) => chart.name === name)!;
const rowsOf = (chart: Chart): Record<string, unknown>[] =>
  (chart.spec.data as { values: Record<string, unknown>[] }).values;
const words = (chart: Chart): string => [chart.scenario, ...chart.notes].join(' ');

describe.each(Object.entries(sets))('the charts of %s', (_, results) => {
  const charts = chartsOf(results);

  it('compile without a warning from Vega-Lite', () => {
    const warnings: string[] = [];
    const logger = vegaLogger(Warn, undefined, (_method: unknown, _level: unknown, input: readonly unknown[]) => {
      warnings.push(input.map(String).join(' '));
    });
    for (const { spec } of charts) compile(stillSpec(spec), { logger });
    expect(warnings).toEqual([]);
  });

  it('are drawn without NaN, undefined or infinite coordinates', async () => {
    for (const { name, spec } of charts) {
      const svg = await renderSvg(spec);
      expect([name, /NaN|undefined|Infinity|null/.exec(svg)?.[0]]).toEqual([name, undefined]);
      expect([name, svg.startsWith('<svg')]).toEqual([name, true]);
    }
  });

  it('carry their data and their schema, so that any Vega editor opens them', () => {
    for (const { spec } of charts) {
      const parsed = JSON.parse(JSON.stringify(spec)) as { $schema: string; data: { values: unknown[] } };
      expect(parsed.$schema).toBe('https://vega.github.io/schema/vega-lite/v6.json');
      expect(JSON.stringify(parsed)).not.toContain('"url"');
      expect(parsed.data.values.length).toBeGreaterThan(0);
    }
  });
});

describe('the saved specs', () => {
  it("satisfy Vega-Lite's own schema, which its editors check", async () => {
    const file = createRequire(import.meta.url).resolve('vega-lite/vega-lite-schema.json');
    const validate = new Ajv({ strict: false, logger: false })
      .addFormat('color-hex', true)
      .compile(JSON.parse(await readFile(file, 'utf8')) as object);
    const charts = [
      ...[[open], compared, [hopelessRun()], [faultyRun()]].flatMap((results) => chartsOf(results)),
      ...chartsOfChaos(sampleChaos()),
    ];
    const refused = charts.filter(({ spec }) => !validate(JSON.parse(JSON.stringify(spec))));
    expect(refused.map(({ name }) => name)).toEqual([]);
  }, 120_000);
});

describe('the latency spectrum', () => {
  it('shows the true quantiles of a known distribution', () => {
    const histogram = new Histogram();
    for (let ms = 1; ms <= 10_000; ms++) histogram.recordNs(msToNs(ms));
    for (const { inverse, ms } of spectrumPoints(histogram.summarizeLatency())) {
      const exact = 10_000 * (1 - 1 / inverse);
      // Three significant digits, and the step from one record to the next.
      expect(Math.abs(ms - exact)).toBeLessThanOrEqual(exact * 0.001 + 1);
    }
  });

  it('ends where one record lies beyond, short of the infinite p = 1', () => {
    const histogram = new Histogram();
    for (let index = 0; index < 137; index++) histogram.recordNs(msToNs(1 + index));
    const inverses = spectrumPoints(histogram.summarizeLatency()).map(({ inverse }) => inverse);
    expect(inverses[0]).toBe(1);
    expect(inverses.at(-1)).toBe(137);
    expect(Math.max(...inverses)).toBe(137);
    expect(spectrumPoints(new Histogram().summarizeLatency())).toEqual([]);
  });

  it('has response and service of every run in one picture, each with the share that acquired', () => {
    const rows = rowsOf(named(chartsOf(compared), 'latency-spectrum'));
    const lines = new Set(rows.map(({ series, kind }) => `${String(series)} | ${String(kind).split(':')[0]!}`));
    expect(lines.size).toBe(12);
    expect([...lines].every((line) => / \([\d.]+ % acquired\) \| (response|service)$/.test(line))).toBe(true);
  });
});

describe('charts over time', () => {
  it('do not draw a p99 of intervals with fewer than 100 acquisitions, and say so', () => {
    const few = named(chartsOf([simulateRun({ perInterval: 60 }).result]), 'latency-over-time');
    expect(new Set(rowsOf(few).map(({ series }) => series))).toEqual(new Set(['p50']));
    expect(few.notes).toContain('p99 is drawn for intervals with at least 100 acquisitions');
    const many = named(chartsOf([simulateRun({ perInterval: 500 }).result]), 'latency-over-time');
    expect(new Set(rowsOf(many).map(({ series }) => series))).toEqual(new Set(['p50', 'p99']));
    expect(words(many)).not.toContain('at least 100');
  });

  it('leave a gap where nothing was acquired instead of bridging it', () => {
    const { result } = simulateRun({ perInterval: 300, intervals: 3 });
    const silent = { ...result.series[1]!, counts: { ...result.series[1]!.counts, acquired: 0 }, responseP50Ns: 0 };
    const chart = named(
      chartsOf([{ ...result, series: [result.series[0]!, silent, result.series[2]!] }]),
      'latency-over-time',
    );
    const p50 = rowsOf(chart).filter(({ series, kind }) => series === 'p50' && kind === 'response');
    expect(p50.map(({ atS, value }) => [atS, value === null])).toEqual([
      [0, false],
      [1, false],
      [1, true],
      [1, true],
      [2, false],
      [3, false],
      [3, true],
    ]);
  });

  it('thin a day of seconds to what a screen can show, adding counts and keeping the worst percentiles', () => {
    const { result } = simulateRun({ perInterval: 200, intervals: 2 });
    const [first, second] = result.series;
    const series = Array.from({ length: 86_400 }, (_, index) => ({
      ...(index === 5_000 ? { ...second!, responseP99Ns: msToNs(9_999) } : first!),
      atMs: index * 1_000,
    }));
    const charts = chartsOf([{ ...result, series }]);
    const latency = named(charts, 'latency-over-time');
    expect(rowsOf(latency).length).toBeLessThan(4 * 700);
    expect(rowsOf(latency).some(({ value }) => value === 9_999)).toBe(true);
    expect(latency.notes).toContain('each step is the worst of 144 intervals');
    const rates = rowsOf(named(charts, 'acquisition-rate')).map(({ value }) => value);
    expect(rates[0]).toBeCloseTo(first!.counts.acquired, 6);
  });

  it('stack the outcomes of an interval to everything that ended in it', () => {
    const result = open;
    const rows = rowsOf(named(chartsOf([result]), 'outcomes'));
    const tops = result.series.map(({ atMs }) =>
      Math.max(...rows.filter(({ atS }) => atS === atMs / 1_000).map(({ value }) => Number(value))),
    );
    const ended = result.series.map(({ counts }) => Object.values(counts).reduce((sum, count) => sum + count, 0));
    expect(tops.slice(0, -1)).toEqual(ended.slice(0, -1));
  });
});

describe('the chart of split votes', () => {
  const names = (result: RunResult): string[] => chartsOf([result]).map(({ name }) => name);

  it('is drawn for a run that had some, and for no other', () => {
    const { result } = simulateRun({ perInterval: 500 });
    expect(names(result)).toContain('split-votes');
    const united = { ...result, series: result.series.map((point) => ({ ...point, splitVotes: 0 })) };
    expect(names(united)).not.toContain('split-votes');
  });

  it('shows a livelock: split votes that go on while nothing is acquired', () => {
    const { result } = simulateRun({ perInterval: 300, intervals: 3 });
    const series = result.series.map((point, index) =>
      index === 1 ? { ...point, ratePerSecond: 0, splitVotes: 450, lengthMs: 500 } : { ...point, splitVotes: 2 },
    );
    const attempts = { ...result.attempts, total: 908, splitVotes: 454 };
    const chart = named(chartsOf([{ ...result, series, attempts }]), 'split-votes');
    const inSecond = rowsOf(chart).filter(({ atS, value }) => atS === 1 && value !== null);
    expect(inSecond.map(({ series: line, value }) => [line, value])).toEqual([
      ['locks acquired', 0],
      ['split votes', 900],
    ]);
    expect(chart.notes).toContain('50.0 % of 908 attempts were split votes');
  });

  it('thins a long run to the mean of its intervals', () => {
    const { result } = simulateRun({ perInterval: 200, intervals: 1 });
    const point = { ...result.series[0]!, splitVotes: 6 };
    const series = Array.from({ length: 1_200 }, (_, index) => ({
      ...point,
      splitVotes: index % 2 === 0 ? 6 : 0,
      atMs: index * 1_000,
    }));
    const chart = named(chartsOf([{ ...result, series }]), 'split-votes');
    const split = rowsOf(chart).filter(({ series: line }) => line === 'split votes');
    expect(split[0]!['value']).toBe(3);
    expect(chart.notes).toContain('each step is the mean of 2 intervals');
  });
});

describe('what a chart must say', () => {
  it('a closed loop says beside its latencies that it hides omissions; an open loop does not', () => {
    const note = 'closed loop: no protection against coordinated omission';
    const closed = chartsOf([simulateRun({ perInterval: 5 }).result]);
    expect(closed.filter((chart) => chart.notes.includes(note)).map(({ name }) => name)).toEqual([
      'latency-spectrum',
      'latency-over-time',
    ]);
    expect(chartsOf([open]).some((chart) => chart.notes.includes(note))).toBe(false);
    expect(named(chartsOf(compared), 'compared-latencies').notes).toContain(note);
    expect(named(chartsOf([open, ...compared]), 'compared-latencies').notes).toContain(`6 of 7 runs: ${note}`);
  });

  it('a violating or invalid run is marked in the title of each of its pictures', () => {
    for (const { spec, alarm } of chartsOf([nasty])) {
      expect(alarm).toBe('mutual exclusion violated, invalid');
      expect((spec.title as { text: string }).text).toContain(': mutual exclusion violated, invalid');
    }
    for (const { alarm } of chartsOf([open])) expect(alarm).toBe('');
    const [rates] = chartsOf([...compared.slice(0, 2), nasty]);
    expect(rates!.alarm).toBe('1 run violating or invalid');
    expect(rowsOf(rates!).map(({ rateText }) => String(rateText).includes('mutual exclusion violated'))).toEqual([
      false,
      false,
      true,
    ]);
  });

  it('every percentile stands beside what did not succeed', () => {
    const charts = chartsOf([open]);
    for (const name of ['latency-spectrum', 'latency-over-time']) {
      expect(named(charts, name).notes.join(' ')).toMatch(
        /98\.6 % of 4,939 acquired · 69 gave up \(p50 1\.01 s.*none unfinished/,
      );
    }
    const rows = rowsOf(named(chartsOf(compared), 'compared-latencies'));
    expect(rows.every(({ successText }) => /^[\d.]+ % acquired/.test(String(successText)))).toBe(true);
  });

  it('labels of groups find room for all their lines', () => {
    const wordy = simulateRun({
      perInterval: 2,
      scenario: { keys: { kind: 'single' }, concurrency: 9, acquireTimeoutMs: 5, ttlMs: 60_000, nodeTimeoutMs: 20 },
    }).result;
    const [chart] = chartsOf([simulateRun({ perInterval: 2 }).result, wordy]);
    const lines = String(rowsOf(chart!)[1]!['group']).split(', ').length;
    expect(lines).toBe(5);
    expect((chart!.spec.height as number) / 2).toBeGreaterThan(lines * 13);
  });

  it('a rate that the generator limited is a lower bound, and a suspect one is not', () => {
    const { result } = simulateRun({ perInterval: 50 });
    const suspect = { ...result, health: { ...result.health, verdict: 'suspect' as const, reasons: ['crowded'] } };
    const bounded = { ...result, health: { ...suspect.health, isRateLowerBound: true } };
    const [chart] = chartsOf([suspect, bounded]);
    expect(rowsOf(chart!).map(({ rateText }) => String(rateText).startsWith('≥ '))).toEqual([false, true]);
    expect(chart!.notes).toEqual(['≥ marks a lower bound: the load generator or the machine was the limit']);
  });

  it('a dead master keeps its place and says that it is dead', async () => {
    const chart = named(chartsOf([nasty]), 'round-trips');
    const rows = rowsOf(chart);
    const labels = [
      ...(await renderSvg(chart.spec)).matchAll(
        /translate\([\d.]+,([\d.]+)\)"[^>]*>([123]) {1,2}\S*(?:rediss|\[2001)/g,
      ),
    ];
    expect(labels.map(([, , place]) => place)).toEqual(['1', '2', '3']);
    const heights = labels.map(([, height]) => Number(height));
    expect([...heights].sort((a, b) => a - b)).toEqual(heights);
    expect(rows[1]).toMatchObject({ p50: null, p99: null });
    expect(rows[1]!['label']).toMatch(/no answer · [\d,]+ timeouts · unreachable at the end$/);
  });
});
