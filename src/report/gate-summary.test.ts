import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import { renderGateSummary } from './gate-summary.js';
import { emptyGate, mutedGate, nastyGate, sampleGate } from './sample-gate.fixture.js';

const plain = { color: false, columns: 80 };
const files = ['gate.json', 'junit.xml', 'charts/a.svg'].map((name) => `results/one/${name}`);

const regression = await sampleGate('regression');
const pass = await sampleGate('pass');
const inconclusive = await sampleGate('inconclusive');
const invalid = await sampleGate('invalid');
const muted = await mutedGate();
const empty = await emptyGate();
const all = [regression, pass, inconclusive, invalid, muted, empty];
const text = renderGateSummary(regression, plain, files);

/** The cells of the row of a table that begins so. */
function rowOf(summary: string, start: string): string[] {
  return (summary.split('\n').find((line) => line.startsWith(start)) ?? '').split(/ {2,}/);
}

describe('the summary of a gate', () => {
  it('begins with the outcome and why', () => {
    const firsts = all.map((report) => renderGateSummary(report, plain).split('\n')[0]!.slice(0, 24));
    expect(firsts).toEqual([
      'REGRESSION: head is wors',
      'PASS: acquisitions/s not',
      'INCONCLUSIVE: whether p5',
      'INVALID: these runs deci',
      'INVALID (interrupted aft',
      'INVALID (interrupted aft',
    ]);
  });

  it('fits 80 columns, and 50 where it is that narrow', () => {
    const broad = all.flatMap((report) => renderGateSummary(report, plain, files).split('\n'));
    expect(broad.filter((line) => [...line].length > 80)).toEqual([]);
    const narrow = renderGateSummary(regression, { color: false, columns: 50 });
    const table = narrow.split('\n').filter((line) => /^(metric|p99 response) /.test(line));
    expect(table.map((line) => line.split(/ {2,}/).length)).toEqual([3, 3]);
  });

  it('says the same with and without colour, and nothing by colour alone', () => {
    for (const report of all) {
      const bare = (painted: string): string => stripVTControlCharacters(painted).replace(/ +$/gm, '');
      const painted = renderGateSummary(report, { color: true, columns: 80 }, files);
      expect(painted).toContain('\u001b[');
      expect(bare(painted)).toBe(bare(renderGateSummary(report, plain, files)));
    }
    const [first] = renderGateSummary(regression, { color: true, columns: 80 }).split('\n');
    expect(first).toContain('\u001b[31m');
  });

  it('gives every metric its medians, its change with the interval, and the verdict in words', () => {
    expect(rowOf(text, 'p99 response')).toEqual([
      'p99 response',
      '1.82 ms',
      '2.35 ms',
      '+29.5 % [+26.8, +32.2]',
      'regression',
    ]);
    const wide = renderGateSummary(regression, { color: false, columns: 120 });
    expect(rowOf(wide, 'p99 response')).toEqual([
      'p99 response',
      '1.82 ms',
      '2.35 ms',
      '+29.5 % [+26.8, +32.2]',
      '0.0078',
      '12.4 %',
      'regression',
    ]);
    expect(rowOf(text, 'share acquired').slice(3)).toEqual(['odds −15.6 % [−32.4, +7.1]', 'inconclusive']);
  });

  it('names both sides, the design, the calibration, and the files once', () => {
    const joined = text.replace(/\n +/g, ' ');
    expect(joined).toContain('base       command npx redlock-bench@0.1.0, redlock-bench 0.1.0, redlock 0.1.0');
    expect(joined).toContain('head       settings --transport wire, redlock-bench 0.2.0, redlock 0.2.0');
    expect(joined).toContain('10 interleaved rounds · seed 42 · took 412 s · commit 0123456789ab');
    expect(joined).toContain('calibrated calibration.json of 2026-01-01');
    expect(text.split('\n').slice(-2)).toEqual([
      'files      results/one/',
      '           gate.json · junit.xml · charts/ (1)',
    ]);
  });

  it('gives the warnings, and paints what is said of a broken lock', async () => {
    expect(renderGateSummary(invalid, plain).replace(/\n +/g, ' ')).toContain('base: 7 of 10 runs left out');
    const violation = 'head broke mutual exclusion in 1 of 10 runs.';
    const broken = {
      ...regression,
      comparison: { ...regression.comparison, violations: [violation] },
      statements: [...regression.statements, violation],
    };
    const painted = renderGateSummary(broken, { color: true, columns: 200 }).split('\n');
    expect(painted.filter((line) => line.includes('\u001b[31m') && line.includes(violation))).toHaveLength(1);
    expect(renderGateSummary(await nastyGate(), plain)).toContain('REGRESSION: ');
  });

  it('invents no figure where there is none, and never says safe or correct', () => {
    const words = [muted, empty].map((report) => renderGateSummary(report, plain)).join('\n');
    expect(words).toContain('not compared');
    expect(words).not.toMatch(/NaN|Infinity|undefined|null/);
    expect(all.map((report) => renderGateSummary(report, plain)).join('\n')).not.toMatch(
      /(?<!un)\bsafe\b|\bcorrect\b/i,
    );
  });

  it('gives the thresholds with what they measured', () => {
    expect(renderGateSummary(pass, plain).replace(/\n +/g, ' ')).toContain(
      'thresholds acquire.response: p(99)<25ms: 4.20 ms in the median, crossed in 0 of 10 runs of head',
    );
  });
});
