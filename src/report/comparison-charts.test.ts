import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { Ajv } from 'ajv';
import { logger as vegaLogger, Warn } from 'vega';
import { compile } from 'vega-lite';
import { describe, expect, it } from 'vitest';
import type { Comparison } from '../model/comparison.js';
import { nsToMs } from '../model/time.js';
import { chartsOfComparison } from './comparison-charts.js';
import { stillSpec, type Chart } from './charts/chart.js';
import { renderSvg } from './render.js';
import {
  lonelyComparison,
  manifoldComparison,
  mutedComparison,
  sampleComparison,
  storedComparison,
} from './sample-comparison.fixture.js';

const sample = await sampleComparison();
const lonely = await lonelyComparison();
const muted = await mutedComparison();
const manifold = await manifoldComparison();
const stored = storedComparison();

const sets: Readonly<Record<string, Comparison>> = {
  'two locks on one, three and five masters': sample,
  'one arm alone': lonely,
  'runs that say nothing': muted,
  'more arms than a list can show': manifold,
  'stored runs': stored,
  'one condition': withConditions('clients'),
  'named scenarios': withConditions('scenario'),
  'no arm at all': { ...lonely, arms: [], factors: [] },
};

type Rows = Record<string, unknown>[];
const rowsOf = (chart: Chart): Rows => (chart.spec.data as { values: Rows }).values;
const named = (charts: readonly Chart[], name: string): Chart => charts.find((chart) => chart.name === name)!;
const charts = chartsOfComparison(sample);

interface Scaled {
  readonly x?: { readonly field?: string; readonly scale?: { readonly domain?: readonly number[] } };
  readonly x2?: { readonly field?: string };
}

/** Every number that a chart places on its x axis, with the ends of that axis. */
function placesOnX({ spec }: Chart): { readonly domain: readonly number[]; readonly values: number[] } {
  const rows = (spec.data as { values: Rows }).values;
  const encodings = spec.layer.map((layer) => (layer as { encoding?: Scaled }).encoding ?? {});
  const fields = encodings.flatMap(({ x, x2 }) => (x?.scale === undefined ? [] : [x.field, x2?.field]));
  const values = rows.flatMap((row) => fields.flatMap((field) => (field === undefined ? [] : [row[field]])));
  return {
    domain: encodings.find(({ x }) => x?.scale !== undefined)?.x?.scale?.domain ?? [],
    values: values.filter((value): value is number => typeof value === 'number'),
  };
}

describe.each(Object.entries(sets))('the charts of %s', (_, comparison) => {
  const drawn = chartsOfComparison(comparison);

  it('compile without a warning from Vega-Lite', () => {
    const warnings: string[] = [];
    const logger = vegaLogger(Warn, undefined, (_method: unknown, _level: unknown, input: readonly unknown[]) => {
      warnings.push(input.map(String).join(' '));
    });
    for (const { spec } of drawn) compile(stillSpec(spec), { logger });
    expect(warnings).toEqual([]);
  });

  it('are drawn without NaN, undefined or infinite coordinates', async () => {
    for (const { name, spec } of drawn) {
      const svg = await renderSvg(spec);
      expect([name, /NaN|undefined|Infinity|null/.exec(svg)?.[0]]).toEqual([name, undefined]);
      expect([name, svg.startsWith('<svg')]).toEqual([name, true]);
    }
  });

  it('say how many arms and rounds there were, which locks, and whether they were interleaved', () => {
    for (const { scenario } of drawn) {
      expect(scenario).toContain(`${String(comparison.arms.length)} arm`);
      expect(scenario).toMatch(/\d+ interleaved rounds?\b|\d+ stored runs?, not interleaved/);
      for (const { lock } of comparison.arms) expect(scenario).toContain(lock);
    }
  });

  it('hold all their data within their axes', () => {
    for (const chart of drawn) {
      const { domain, values } = placesOnX(chart);
      const [from = -Infinity, to = Infinity] = domain;
      expect([chart.name, values.filter((value) => value < from || value > to)]).toEqual([chart.name, []]);
    }
  });
});

describe('the saved specs of a comparison', () => {
  it("satisfy Vega-Lite's own schema, which its editors check", async () => {
    const file = createRequire(import.meta.url).resolve('vega-lite/vega-lite-schema.json');
    const validate = new Ajv({ strict: false, logger: false })
      .addFormat('color-hex', true)
      .compile(JSON.parse(await readFile(file, 'utf8')) as object);
    // One of each kind: the check takes a second for each.
    const kinds = ['effects', 'order-statistics-1', 'runs-rate', 'latency-spectra', 'arm-outcomes', 'arm-attempts'];
    const all = kinds.map((name) => named(charts, name));
    const others = [muted, manifold].flatMap((comparison) => chartsOfComparison(comparison).slice(0, 1));
    const refused = [...all, ...others].filter(({ spec }) => !validate(JSON.parse(JSON.stringify(spec))));
    expect(refused.map(({ name }) => name)).toEqual([]);
  }, 120_000);
});

describe('the charts of a comparison', () => {
  it('come in the order in which they answer', () => {
    expect(charts.map(({ name }) => name)).toEqual([
      'effects',
      'effects-on-odds',
      'order-statistics-1',
      'order-statistics-2',
      'runs-rate',
      'runs-response-p50',
      'runs-response-p99',
      'runs-success',
      'latency-spectra',
      'arm-outcomes',
      'arm-attempts',
      'effects-beside',
    ]);
  });

  it('mark what is unsafe wherever it is named, and say aloud which lock broke its promise', () => {
    for (const chart of charts) {
      expect(chart.alarm).toBe('mutual exclusion violated by hasty, N=5 (unsafe)');
      expect(chart.scenario).toContain('hasty 2.1.0 (unsafe)');
      const names = rowsOf(chart).flatMap(({ name, series }) =>
        [name, series].filter((each) => typeof each === 'string'),
      );
      expect(names.filter((name) => name.includes('hasty') && !name.includes('(unsafe)'))).toEqual([]);
    }
  });
});

describe('the effects', () => {
  const rows = rowsOf(named(charts, 'effects'));

  it('put every contrast on every metric with its interval and its verdict, in colours and shapes', () => {
    const effects = rows.filter(({ verdict }) => verdict !== null);
    expect(effects).toHaveLength(3 * sample.contrasts.length);
    const [first] = sample.contrasts[0]!.effects;
    expect(effects[0]).toMatchObject({
      contrast: 'hasty (unsafe) against redlock, N=1',
      ratio: first!.ratio,
      low: first!.low,
      high: first!.high,
      verdict: first!.verdict,
      pairs: 10,
    });
    expect(new Set(effects.map(({ verdict }) => verdict))).toEqual(
      new Set(['better', 'worse', 'no difference', 'inconclusive']),
    );
    const points = named(charts, 'effects').spec.layer.find((layer) => 'shape' in (layer.encoding ?? {}));
    const { color, shape } = points!.encoding as Record<string, { scale: { domain: string[]; range: string[] } }>;
    expect(new Set(color!.scale.range).size).toBe(4);
    expect(new Set(shape!.scale.range).size).toBe(4);
    expect(color!.scale.domain).toEqual(shape!.scale.domain);
  });

  it('say for every metric which way is better, and shade what is too small to matter', () => {
    expect(rows.flatMap(({ heading }) => heading ?? [])).toEqual([
      'acquisitions/s · better →',
      'p50 response · ← better',
      'p99 response · ← better',
    ]);
    const bands = rows
      .filter(({ metric }) => metric === 'p99 response')
      .map((row) => [row['bandLow'], row['bandHigh']]);
    expect(bands[0]).toEqual([1 / 1.1, 1.1]);
  });

  it('have no line where there are too few runs for one, and say so', async () => {
    const few = named(chartsOfComparison(await sampleComparison(2)), 'effects');
    expect(rowsOf(few).every(({ low, high }) => low === null && high === null)).toBe(true);
    expect(few.notes).toContain('no line: too few runs for an interval');
    expect(named(charts, 'effects').notes.join()).not.toContain('no line');
  });
});

describe('the runs', () => {
  it('show every run as a dot, with those that are left out hollow and outside of the median', () => {
    const rows = rowsOf(named(charts, 'runs-rate'));
    expect(rows.filter(({ value }) => value !== null)).toHaveLength(60);
    const out = rows.filter((row) => row['left out'] !== undefined && row['left out'] !== 'no');
    expect(out).toMatchObject([{ arm: 'redlock, N=3', run: 'round 4' }]);
    const together = rows.find(({ name }) => name === 'redlock, N=3')!;
    const rates = sample.arms[1]!.runs.filter((run) => run.leftOut === null).map((run) => run.metrics.rate!);
    expect(together).toMatchObject({ least: Math.min(...rates), most: Math.max(...rates) });
    expect(together['median']).toBe([...rates].sort((a, b) => a - b)[4]);
    expect(together['said']).toContain('9 runs, 1 left out');
  });
});

describe('rates that the generator limited', () => {
  const arms = sample.arms.map((arm) => ({
    ...arm,
    runs: arm.runs.map((run) => ({ ...run, isRateLowerBound: true })),
  }));
  const bounded = chartsOfComparison({ ...sample, arms });

  it('are lower bounds beside the dots, in what a pointer shows, and in the notes', () => {
    const rows = rowsOf(named(bounded, 'runs-rate'));
    const texts = rows
      .flatMap((row) => [row['acquisitions/s'], row['saidShortly']])
      .filter((text) => typeof text === 'string');
    expect(texts).toHaveLength(66);
    expect(texts.filter((text) => !text.startsWith('≥ '))).toEqual([]);
    expect(named(bounded, 'runs-rate').notes).toContain(
      '≥ marks a lower bound: the load generator or the machine was the limit',
    );
    expect(named(bounded, 'runs-response-p99').notes.join()).not.toContain('≥');
  });
});

describe('the order statistics', () => {
  it('draw what was measured and what was predicted over the number of masters', () => {
    const rows = rowsOf(named(charts, 'order-statistics-1'));
    const prediction = sample.predictions.find((each) => each.arm === 2 && each.quantile === 0.99)!;
    expect(rows.filter(({ n, quantile }) => n === 5 && quantile === 'p99').map(({ kind, ms }) => [kind, ms])).toEqual([
      ['measured', nsToMs(prediction.measuredNs)],
      ['predicted, quorum-th answer', nsToMs(prediction.predictedNs)],
      ['predicted, waiting for all', nsToMs(prediction.waitForAllNs)],
    ]);
    expect(new Set(rows.map(({ n }) => n))).toEqual(new Set([1, 3, 5]));
    expect(new Set(rows.map(({ quantile }) => quantile))).toEqual(new Set(['p50', 'p90', 'p99']));
    const words = named(charts, 'order-statistics-1').notes.join(' ');
    expect(words).toContain('taken as independent, but share one client and one machine');
    const { y } = named(charts, 'order-statistics-1').spec.encoding as { y: { axis: { title: string } } };
    expect(y.axis.title).toBe('service time (ms)');
  });
});

describe('outcomes and attempts', () => {
  it('stack the outcomes of an arm to everything that it intended', () => {
    const rows = rowsOf(named(charts, 'arm-outcomes'));
    for (const { name } of sample.arms) {
      const parts = rows.filter(({ arm }) => String(arm).startsWith(name));
      expect(Number(parts.at(-1)!['to'])).toBeCloseTo(1, 9);
    }
    expect(rows.find(({ name }) => name === 'hasty, N=5 (unsafe)')!['said']).toMatch(
      /^97\.3 % acquired, 353 gave up \(p50 9\d\d ms, max 9\d\d ms\)$/,
    );
  });

  it('stack attempts to the attempts that an acquisition costs', () => {
    const rows = rowsOf(named(charts, 'arm-attempts'));
    const [arm] = sample.arms;
    const [attempts, acquired] = [arm!.runs, arm!.runs].map((runs, index) =>
      runs.reduce((sum, run) => sum + (index === 0 ? run.attempts : run.acquired), 0),
    );
    const parts = rows.filter((row) => row['arm'] === 'redlock, N=1');
    expect(parts.map(({ attempt }) => attempt)).toEqual(['granted', 'split vote', 'other attempt in vain']);
    expect(Number(parts.at(-1)!['to'])).toBeCloseTo(attempts! / acquired!, 9);
  });
});

describe('charts of what is not there', () => {
  it('say why they are empty', () => {
    const why = (comparison: Comparison, name: string): unknown =>
      rowsOf(named(chartsOfComparison(comparison), name))[0]!['why'];
    expect(why(lonely, 'effects')).toBe('There is nothing to hold an arm against, so there is no effect.');
    expect(why(muted, 'effects')).toBe('No contrast has a pair of runs with a value, so there is no effect.');
    expect(why(muted, 'runs-rate')).toBe('No run has a value of acquisitions/s.');
    expect(why(muted, 'latency-spectra')).toBe('No acquisition ended, so there is no time to show.');
    expect(why(muted, 'arm-outcomes')).toBe('No operation was attempted.');
    expect(why(muted, 'arm-attempts')).toBe('Nothing was acquired, or no lock told its attempts.');
  });

  it('become lines over a condition where there are more arms than a list can show', () => {
    const names = chartsOfComparison(manifold).map(({ name }) => name);
    expect(names).toEqual(['by-hold-rate', 'by-hold-response-p50', 'by-hold-response-p99', 'by-hold-success']);
    const rows = rowsOf(chartsOfComparison(manifold)[0]!);
    expect(rows).toHaveLength(manifold.arms.length);
    expect(rows[1]).toMatchObject({
      level: '0ms',
      series: 'lock hasty (unsafe)',
      kind: 'concurrency 1',
      value: manifold.arms[1]!.runs[0]!.metrics.rate,
    });
  });

  it('tell series apart by dashes and shapes where no other condition has the dashes', () => {
    const chart = named(chartsOfComparison(withConditions('clients')), 'by-clients-rate');
    expect(layerFields(chart)).toEqual([
      ['line', 'series', undefined],
      ['point', undefined, 'series'],
    ]);
    expect(layerFields(chartsOfComparison(manifold)[0]!)[0]).toEqual(['line', 'kind', undefined]);
  });

  it('become points without lines over scenarios, which have no order', () => {
    const chart = named(chartsOfComparison(withConditions('scenario')), 'by-scenario-rate');
    expect(layerFields(chart)).toEqual([['point', undefined, 'series']]);
    expect(chart.notes.join()).not.toContain('line through them');
  });
});

/** The sample with its masters as a condition of this name, and without contrasts over it. */
function withConditions(name: string): Comparison {
  return {
    ...sample,
    contrasts: [],
    factors: sample.factors.map((factor) =>
      factor.name === 'masters' ? { ...factor, name, isCondition: true } : factor,
    ),
    arms: sample.arms.map((arm) => ({ ...arm, levels: { ...arm.levels, [name]: arm.levels['masters']! } })),
  };
}

/** What each layer draws, and by which fields its dashes and shapes differ. */
function layerFields({ spec }: Chart): unknown[] {
  return spec.layer.map((layer) => {
    const { mark, encoding } = layer as {
      mark: { type: string };
      encoding: Record<string, { field?: string } | undefined>;
    };
    return [mark.type, encoding['strokeDash']?.field, encoding['shape']?.field];
  });
}
