import { parse } from 'junit2json';
import { validateXML } from 'xmllint-wasm';
import { describe, expect, it } from 'vitest';
import type { GateReport } from '../../model/gate.js';
import { emptyGate, mutedGate, nastyGate, sampleGate } from '../sample-gate.fixture.js';
import { JUNIT_SCHEMA } from './junit-schema.fixture.js';
import { renderJUnit } from './junit.js';

const [pass, regression, inconclusive, invalid, muted, empty, nasty] = await Promise.all([
  sampleGate('pass'),
  sampleGate('regression'),
  sampleGate('inconclusive'),
  sampleGate('invalid'),
  mutedGate(),
  emptyGate(),
  nastyGate(),
]);

/** As the parser of another project reads it. */
async function suiteOf(report: GateReport) {
  const parsed = await parse(renderJUnit(report));
  const suites = typeof parsed === 'object' && parsed !== null && 'testsuite' in parsed ? parsed.testsuite : undefined;
  const suite = suites?.[0];
  if (suite === undefined) throw new Error('no suite');
  return suite;
}

function casesOf(suite: Awaited<ReturnType<typeof suiteOf>>) {
  return new Map(suite.testcase!.map((each) => [each.name!, each]));
}

describe('the JUnit XML of a gate', () => {
  it.each([
    ['pass', pass],
    ['regression', regression],
    ['inconclusive', inconclusive],
    ['invalid', invalid],
    ['of nothing but missing values', muted],
    ['without any arm', empty],
    ['with nasty names', nasty],
  ])('meets the rules of its readers: %s', async (_, report) => {
    const { valid, errors } = await validateXML({ xml: renderJUnit(report), schema: JUNIT_SCHEMA });
    expect(errors).toEqual([]);
    expect(valid).toBe(true);
  });

  it('is refused by the rules when something is amiss, so that the test above says something', async () => {
    const text = renderJUnit(pass);
    for (const broken of [text.replace('hostname="localhost" ', ''), text.replace('&lt;', '<'), `${text}<a>`]) {
      expect((await validateXML({ xml: broken, schema: JUNIT_SCHEMA })).valid).toBe(false);
    }
  });

  it('has a case for each metric that decides, each threshold, and mutual exclusion', async () => {
    const suite = await suiteOf(pass);
    expect([...casesOf(suite).keys()]).toEqual([
      'acquisitions/s',
      'p50 response',
      'p99 response',
      'share acquired',
      'threshold acquire.response: p(99)<25ms',
      'threshold acquire.successRatio>99.9%',
      'mutual exclusion',
    ]);
    expect(suite).toMatchObject({
      name: 'contended',
      tests: 7,
      failures: 0,
      errors: 0,
      timestamp: '2026-01-02T03:04:05',
    });
    expect(suite.time).toBeCloseTo(412.3);
  });

  it('counts what stands in it', async () => {
    for (const report of [pass, regression, inconclusive, invalid, muted, empty, nasty]) {
      const suite = await suiteOf(report);
      const cases = suite.testcase ?? [];
      const having = (key: 'failure' | 'error' | 'skipped') => cases.filter((each) => each[key] !== undefined).length;
      expect(suite).toMatchObject({ tests: cases.length, failures: having('failure'), errors: having('error') });
      // Without any, the reader leaves the count out, as it does of a nought.
      expect(suite.skipped ?? 0).toBe(having('skipped'));
    }
  });

  it('says of a regression by how much, how sure that is, and what counts', async () => {
    const failure = casesOf(await suiteOf(regression)).get('p99 response')!.failure![0]!;
    expect(failure.type).toBe('regression');
    expect(failure.message).toMatch(
      /^\+\d+\.\d % \[\+\d+\.\d, \+\d+\.\d\], p 0\.\d+, smallest difference that counts 12\.4 %$/,
    );
    expect(failure.inner).toBe(failure.message);
  });

  it('skips what is inconclusive, and what could not be compared, and says so', async () => {
    const open = casesOf(await suiteOf(inconclusive)).get('p99 response')!;
    expect(open.failure).toBeUndefined();
    expect(open.skipped![0]!.message).toMatch(/^inconclusive: [+−]\d/);
    const missing = { ...muted, outcome: 'inconclusive' } as const;
    expect(casesOf(await suiteOf(missing)).get('p99 response')!.skipped![0]!.message).toMatch(/^not compared: /);
  });

  it('makes an error of every metric of an invalid gate, with the reason', async () => {
    const cases = casesOf(await suiteOf(invalid));
    for (const metric of ['acquisitions/s', 'p50 response', 'p99 response', 'share acquired']) {
      expect(cases.get(metric)!.error![0]).toMatchObject({
        type: 'invalid-run',
        message: expect.stringContaining('7 of 10 runs of base are left out') as string,
      });
    }
  });

  it('fails a threshold that more than half of the runs of the head crossed, and mutual exclusion when it was violated', async () => {
    const crossing = (crossed: number): GateReport => ({
      ...pass,
      thresholds: pass.thresholds.map((each) => ({ ...each, crossed, passed: crossed <= 5 })),
      exitCode: crossed <= 5 ? 0 : 99,
    });
    const name = 'threshold acquire.response: p(99)<25ms';
    expect(casesOf(await suiteOf(crossing(5))).get(name)!.failure).toBeUndefined();
    expect(casesOf(await suiteOf(crossing(6))).get(name)!.failure![0]).toMatchObject({
      type: 'threshold-crossed',
      message: '4.20 ms in the median, crossed in 6 of 10 runs of head',
    });
    expect(casesOf(await suiteOf(nasty)).get('mutual exclusion')!.failure![0]!.type).toBe('violation');
  });

  it('carries seed, node, tool and both sides as properties', async () => {
    const properties = new Map((await suiteOf(pass)).properties!.map(({ name, value }) => [name, value]));
    expect(String(properties.get('seed'))).toBe('42');
    expect(properties.get('node')).toBe(pass.environment.node);
    expect(properties.get('tool')).toBe(`${pass.environment.tool.name} ${pass.environment.tool.version}`);
    expect(properties.get('base')).toContain('npx redlock-bench@0.1.0');
    expect(properties.get('head')).toContain('--transport wire');
  });

  it('gives names back as they were, in one line, without what XML forbids', async () => {
    const suite = await suiteOf(nasty);
    expect(suite.name).toContain(`a "quoted" | <b>name</b> & 'more' π→`);
    expect(suite.name).toContain('東京');
    expect(renderJUnit(nasty)).not.toMatch(/[^\P{Cc}\n]/u);
  });

  it('is red exactly when the gate fails', async () => {
    const isRed = async (report: GateReport): Promise<boolean> => {
      const { failures = 0, errors = 0 } = await suiteOf(report);
      return failures + errors > 0;
    };
    const strict: GateReport = { ...inconclusive, isStrict: true, exitCode: 97 };
    for (const report of [pass, regression, inconclusive, invalid, nasty, strict, { ...pass, exitCode: 1 }]) {
      expect(await isRed(report)).toBe(report.exitCode !== 0);
    }
    expect(casesOf(await suiteOf(strict)).get('exit code')!.error![0]!.type).toBe('exit-code-97');
  });

  it('has an error where not every round was made', async () => {
    const [base, head] = pass.comparison.arms;
    const arms = [base!, { ...head!, runs: head!.runs.slice(0, 3) }];
    const cut: GateReport = { ...pass, exitCode: 130, comparison: { ...pass.comparison, status: 'interrupted', arms } };
    const suite = await suiteOf(cut);
    expect(casesOf(suite).get('all rounds')!.error![0]).toMatchObject({
      type: 'interrupted',
      message: 'interrupted after 3 of 10 rounds',
    });
    expect(suite.errors).toBe(1);
  });

  it('finds nothing broken in this gate that only stored runs once broke', async () => {
    const [base, head] = pass.comparison.arms;
    const broken = { ...base!, runs: base!.runs.map((run) => ({ ...run, contractCount: 1 })) };
    const stored: GateReport = {
      ...pass,
      comparison: { ...pass.comparison, design: 'stored', arms: [broken, head!] },
    };
    expect(casesOf(await suiteOf(stored)).get('mutual exclusion')!.failure).toBeUndefined();
  });
});
