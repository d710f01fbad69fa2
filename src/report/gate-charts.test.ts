import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { Ajv } from 'ajv';
import { logger as vegaLogger, Warn } from 'vega';
import { compile } from 'vega-lite';
import { describe, expect, it } from 'vitest';
import type { Chart } from './charts/chart.js';
import { rowsOfChart } from './chart-checks.fixture.js';
import { chartsOfGate } from './gate-charts.js';
import { renderSvg } from './render.js';
import { emptyGate, mutedGate, sampleGate } from './sample-gate.fixture.js';

const regression = await sampleGate('regression');
const inconclusive = await sampleGate('inconclusive');
const charts = chartsOfGate(regression);

function named(all: readonly Chart[], name: string): Chart {
  return all.find((chart) => chart.name === name)!;
}

describe('the charts of a gate', () => {
  it('come in the order in which they answer', () => {
    expect(charts.map(({ name }) => name)).toEqual([
      'effects',
      'effects-on-odds',
      'quantile-shift',
      'runs-rate',
      'runs-response-p50',
      'runs-response-p99',
      'runs-success',
      'latency-spectra',
      'arm-outcomes',
      'effects-beside',
    ]);
  });

  it('are compiled and drawn without a warning, whatever came out', async () => {
    const warnings: string[] = [];
    const quiet = vegaLogger(Warn);
    quiet.warn = (...words: readonly string[]) => {
      warnings.push(words.join(' '));
      return quiet;
    };
    for (const report of [regression, inconclusive, await mutedGate(), await emptyGate()]) {
      for (const { name, spec } of chartsOfGate(report)) {
        compile(spec, { logger: quiet });
        const svg = await renderSvg(spec);
        expect([name, svg.startsWith('<svg'), /NaN|undefined|Infinity|null/.exec(svg)?.[0]]).toEqual([
          name,
          true,
          undefined,
        ]);
      }
    }
    expect(warnings).toEqual([]);
  }, 60_000);

  it('shade the smallest difference that counted, not the one of the metric', () => {
    const row = rowsOfChart(named(charts, 'effects')).find(({ metric }) => metric === 'p99 response');
    expect([row!['bandLow'], row!['bandHigh']]).toEqual([1 / 1.124, 1.124]);
  });
});

describe('the effects of a gate that passed', () => {
  it('say which of them a comparison would leave open', async () => {
    const open = {
      ...inconclusive,
      metrics: inconclusive.metrics.map((metric) => ({ ...metric, outcome: 'pass' as const })),
    };
    const notes = named(chartsOfGate(open), 'effects').notes.join('\n');
    expect(notes).toMatch(
      /acquisitions\/s, p50 response, p99 response, share acquired: inconclusive as a comparison, but /,
    );
    expect(named(charts, 'effects').notes.join()).not.toContain('the gate passes it');
  });
});

describe('the shift of the quantiles', () => {
  const shift = named(charts, 'quantile-shift');
  const points = rowsOfChart(shift).filter((row) => row['ratio'] !== undefined);

  it('puts the estimate of every percentile with its interval, from p50 to p99.9', () => {
    const effects = regression.comparison.contrasts[0]!.effects;
    const expected = (['responseP50', 'responseP90', 'responseP99', 'responseP999'] as const).map((name) => {
      const { ratio, low, high } = effects.find(({ metric }) => metric === name)!;
      return { ratio, low, high };
    });
    expect(points.map(({ quantile }) => quantile)).toEqual(['p50', 'p90', 'p99', 'p99.9']);
    expect(points).toMatchObject(expected);
    expect(expected.every(({ low }) => low !== null && low > 1)).toBe(true);
  });

  it('shades what is too small to count where the percentile decides, and only there', () => {
    expect(points.map(({ bandHigh }) => bandHigh)).toEqual([1.05, null, 1.124, null]);
    expect(points.map(({ percentile }) => percentile)).toEqual([
      'p50, decides from 5 % on',
      'p90',
      'p99, decides from 12.4 % on',
      'p99.9',
    ]);
  });

  it('draws every round, as the quotient of its two runs', () => {
    const rounds = rowsOfChart(shift).filter((row) => row['roundRatio'] !== undefined && row['quantile'] === 'p99');
    expect(rounds).toHaveLength(10);
    const [base, head] = regression.comparison.arms.map((arm) => arm.runs.find(({ round }) => round === 3)!.metrics);
    const third = rounds.find(({ round }) => round === 3);
    expect(third!['roundRatio']).toBe(head!.responseP99! / base!.responseP99!);
  });

  it('holds all of it within its axis', () => {
    const values = rowsOfChart(shift).flatMap((row) =>
      ['ratio', 'low', 'high', 'bandLow', 'bandHigh', 'roundRatio'].flatMap((field) => {
        const value = row[field];
        return typeof value === 'number' ? [value] : [];
      }),
    );
    const layers = shift.spec.layer as unknown as { encoding: { y?: { scale: { domain: [number, number] } } } }[];
    for (const { encoding } of layers) {
      const [from, to] = encoding.y!.scale.domain;
      expect(values.filter((value) => value < from || value > to)).toEqual([]);
    }
  });

  it('says which percentiles had too few records, and why there is nothing at all', async () => {
    const pass = await sampleGate('pass');
    expect(named(chartsOfGate(pass), 'quantile-shift').notes).toContain('p99.9: too few records to tell');
    const [row] = rowsOfChart(named(chartsOfGate(await mutedGate()), 'quantile-shift'));
    expect(row!['why']).toBe('No percentile has a value on both sides, so there is no shift.');
  });

  it("satisfies Vega-Lite's own schema, which its editors check", async () => {
    const file = createRequire(import.meta.url).resolve('vega-lite/vega-lite-schema.json');
    const validate = new Ajv({ strict: false, logger: false })
      .addFormat('color-hex', true)
      .compile(JSON.parse(await readFile(file, 'utf8')) as object);
    expect(validate(JSON.parse(JSON.stringify(shift.spec)))).toBe(true);
  }, 60_000);
});
