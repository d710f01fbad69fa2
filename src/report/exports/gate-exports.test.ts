import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { parse as parseYaml } from 'yaml';
import type { GateReport } from '../../model/gate.js';
import { emptyGate, mutedGate, nastyGate, sampleGate } from '../sample-gate.fixture.js';
import { exportsOfGate } from './gate-exports.js';

const [pass, regression, inconclusive, invalid, muted, empty, nasty] = await Promise.all([
  sampleGate('pass'),
  sampleGate('regression'),
  sampleGate('inconclusive'),
  sampleGate('invalid'),
  mutedGate(),
  emptyGate(),
  nastyGate(),
]);
const all = { pass, regression, inconclusive, invalid, muted, empty, nasty };

function textOf(report: GateReport, name: string): string | undefined {
  return exportsOfGate(report).find((each) => each.name === name)?.text;
}

function jsonOf(report: GateReport, name: string): unknown {
  const text = textOf(report, name);
  return text === undefined ? undefined : JSON.parse(text);
}

/** What github-action-benchmark requires of a custom file; the pattern is the one with which it reads a range. */
const checkBenchmarks = new Ajv().compile({
  type: 'array',
  minItems: 1,
  items: {
    type: 'object',
    required: ['name', 'value', 'unit'],
    properties: {
      name: { type: 'string', minLength: 1 },
      value: { type: 'number' },
      unit: { type: 'string', minLength: 1 },
      range: { type: 'string', pattern: String.raw`(\+-|±)\s*\d` },
      extra: { type: 'string' },
    },
    additionalProperties: false,
  },
});

/** https://bencher.dev/bmf.json, with the lengths that its documentation allows for names of benchmarks and measures. */
const checkBencher = new Ajv().compile({
  type: 'object',
  minProperties: 1,
  propertyNames: { minLength: 1, maxLength: 1024 },
  additionalProperties: {
    type: 'object',
    minProperties: 1,
    propertyNames: { pattern: '^[a-z][a-z-]{0,63}$' },
    additionalProperties: {
      type: 'object',
      required: ['value'],
      properties: { value: { type: 'number' }, lower_value: { type: 'number' }, upper_value: { type: 'number' } },
      additionalProperties: false,
    },
  },
});

interface Entry {
  readonly name: string;
  readonly unit: string;
  readonly value: number;
  readonly range: string;
  readonly extra: string;
}

const [SMALLER, BIGGER] = ['benchmark-smaller-is-better.json', 'benchmark-bigger-is-better.json'];

describe('the files of a gate for other tools', () => {
  it.each(Object.entries(all))('are what github-action-benchmark and Bencher take: %s', (_, report) => {
    for (const name of [SMALLER, BIGGER]) {
      const entries = jsonOf(report, name);
      if (entries !== undefined) expect(checkBenchmarks(entries) ? [] : checkBenchmarks.errors).toEqual([]);
    }
    const bmf = jsonOf(report, 'bmf.json');
    if (bmf !== undefined) expect(checkBencher(bmf) ? [] : checkBencher.errors).toEqual([]);
  });

  it('give benchmarks only where there are figures of the locks, because an empty list is refused', () => {
    for (const report of [pass, regression, inconclusive, nasty]) {
      for (const name of [SMALLER, BIGGER, 'bmf.json']) expect(textOf(report, name)).toBeDefined();
    }
    for (const report of [invalid, muted, empty]) {
      for (const name of [SMALLER, BIGGER, 'bmf.json']) expect(textOf(report, name)).toBeUndefined();
    }
  });

  it('sort the metrics by what is better, with the medians of the head in units of the charts', () => {
    const smaller = jsonOf(pass, SMALLER) as Entry[];
    const bigger = jsonOf(pass, BIGGER) as Entry[];
    expect(smaller.map(({ name, unit }) => [name, unit])).toEqual([
      ['n3/contended/p50 response', 'ms'],
      ['n3/contended/p99 response', 'ms'],
    ]);
    expect(bigger.map(({ name, unit }) => [name, unit])).toEqual([
      ['n3/contended/acquisitions/s', 'ops/s'],
      ['n3/contended/share acquired', '%'],
    ]);
    const p50s = pass.comparison.arms[1]!.runs.map((run) => run.metrics.responseP50!).sort((a, b) => a - b);
    expect(smaller[0]!.value).toBeCloseTo((p50s[4]! + p50s[5]!) / 2 / 1e6, 4);
    expect(smaller[0]!.extra).toMatch(
      /^head over base: [+−].* %.*smallest difference that counts 5 %\npass, 10 pairs$/,
    );
  });

  it('give Bencher nanoseconds and operations per second, with the middle half of the runs around the median', () => {
    const bmf = jsonOf(regression, 'bmf.json') as Record<string, Record<string, Record<string, number>>>;
    expect(Object.entries(bmf).map(([name, measures]) => [name, Object.keys(measures)])).toEqual([
      ['n3/contended/acquisitions/s', ['throughput']],
      ['n3/contended/p50 response', ['latency']],
      ['n3/contended/p99 response', ['latency']],
      ['n3/contended/share acquired', ['share']],
    ]);
    for (const measures of Object.values(bmf)) {
      for (const { value, lower_value: lower, upper_value: upper } of Object.values(measures)) {
        expect(lower).toBeLessThanOrEqual(value!);
        expect(upper).toBeGreaterThanOrEqual(value!);
      }
    }
    expect(bmf['n3/contended/p50 response']!['latency']!['value']).toBeGreaterThan(100_000);
  });

  it('call a benchmark the same whatever the seed and the commit', () => {
    const names = (report: GateReport): string[] => Object.keys(jsonOf(report, 'bmf.json') as object);
    const other = {
      ...pass,
      commit: 'fffffff',
      comparison: {
        ...pass.comparison,
        seed: 7,
        arms: pass.comparison.arms.map((arm) => ({ ...arm, scenario: { ...arm.scenario, seed: 7 } })),
      },
    };
    expect(names(other)).toEqual(names(pass));
    for (const name of names(pass)) expect(name).not.toMatch(/42|0123456/);
    for (const name of names(nasty)) expect(name).toMatch(/^n3\/a "quoted" \| <b>name<\/b> & 'more' π→/);
  });

  it('give nothing to a history of a gate that is not whole', () => {
    const cut: GateReport = { ...pass, comparison: { ...pass.comparison, status: 'interrupted' } };
    for (const name of [SMALLER, BIGGER, 'bmf.json']) expect(textOf(cut, name)).toBeUndefined();
    expect(textOf(cut, 'history.csv')!.trimEnd().split('\n')).toHaveLength(1);
  });

  it('leave out a metric without a value, and no other', () => {
    const mute = (report: GateReport): GateReport => ({
      ...report,
      comparison: {
        ...report.comparison,
        arms: report.comparison.arms.map((arm) => ({
          ...arm,
          runs: arm.runs.map((run) => ({ ...run, metrics: { ...run.metrics, responseP99: null } })),
        })),
      },
    });
    expect((jsonOf(mute(pass), SMALLER) as Entry[]).map(({ name }) => name)).toEqual(['n3/contended/p50 response']);
    expect(textOf(mute(pass), 'history.csv')!.split('\n')).toHaveLength(2);
  });

  it('tell Otava where the columns are and which direction is better', () => {
    for (const [name, report] of Object.entries(all)) {
      const { tests } = parseYaml(textOf(report, 'otava.yaml')!) as {
        tests: Record<string, { metrics: Record<string, { column: string; direction: number; scale: number }> }>;
      };
      const [[test, config]] = Object.entries(tests) as [[string, (typeof tests)[string]]];
      expect(test, name).toMatch(/^redlock-bench\.[\w-]+$/);
      expect(config).toMatchObject({
        type: 'csv',
        file: 'history.csv',
        time_column: 'time',
        attributes: ['commit', 'load'],
      });
      const header = textOf(report, 'history.csv')!.split('\n')[0]!.split(',');
      for (const { column } of Object.values(config.metrics)) expect(header).toContain(column);
    }
    expect(textOf(pass, 'otava.yaml')).toContain(
      '"acquisitions/s":\n        column: "ratePerSecond"\n        direction: 1\n',
    );
    expect(textOf(pass, 'otava.yaml')).toContain(
      '"p99 response":\n        column: "responseP99Ns"\n        direction: -1\n',
    );
  });
});
