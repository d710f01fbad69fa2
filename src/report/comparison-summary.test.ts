import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { Comparison } from '../model/comparison.js';
import { renderComparisonSummary } from './comparison-summary.js';
import { BESIDE } from './effect-words.js';
import { paint } from './style.js';
import {
  lonelyComparison,
  manifoldComparison,
  mutedComparison,
  sampleComparison,
  storedComparison,
} from './sample-comparison.fixture.js';

const plain = { color: false, columns: 80 };
const wide = { color: false, columns: 160 };
const files = ['comparison.json', 'report.html', 'charts/a.svg'].map((name) => `results/one/${name}`);

const sample = await sampleComparison();
const lonely = await lonelyComparison();
const muted = await mutedComparison();
const manifold = await manifoldComparison();
const stored = storedComparison();
const all: readonly Comparison[] = [sample, lonely, muted, manifold, stored, { ...lonely, arms: [], factors: [] }];
const text = renderComparisonSummary(sample, plain, files);
const lines = text.split('\n');

/** The row of a table that begins so, after the line that contains `after`. */
function rowOf(start: string, after: string): string[] {
  const from = lines.findIndex((line) => line.includes(after));
  const row = lines.slice(from).find((line) => line.startsWith(start));
  return (row ?? '').split(/ {2,}/);
}

describe('the summary of a comparison', () => {
  it('fits 80 columns, whatever was compared', () => {
    const broad = all.flatMap((comparison) => renderComparisonSummary(comparison, plain, files).split('\n'));
    expect(broad.filter((line) => [...line].length > 80)).toEqual([]);
  });

  it('says the same with and without colour', () => {
    for (const comparison of all) {
      const bare = (painted: string): string => stripVTControlCharacters(painted).replace(/ +$/gm, '');
      const painted = renderComparisonSummary(comparison, { color: true, columns: 80 }, files);
      expect(painted).toContain('\u001b[');
      expect(bare(painted)).toBe(bare(renderComparisonSummary(comparison, plain, files)));
    }
    expect(text).not.toContain('\u001b');
  });

  it('begins with what was found, and a broken lock before everything', () => {
    expect(lines[0]).toMatch(/^findings {3}hasty, N=5 broke mutual exclusion in 3 of 10 runs/);
    const joined = text.replace(/\n +/g, ' ');
    const order = [...sample.statements, ...sample.warnings, '6 arms (lock: redlock, hasty; masters: 1, 3, 5)'];
    const places = order.map((sentence) => joined.indexOf(sentence));
    expect(places.every((place) => place >= 0)).toBe(true);
    expect([...places].sort((a, b) => a - b)).toEqual(places);
    expect(joined).toContain('10 interleaved rounds · seed 42');
    expect(joined).toContain('locks      redlock (redlock-bench 0.1.0); hasty 2.1.0 (unsafe)');
  });

  it('paints what is said of broken locks, and no other sentence about mutual exclusion', () => {
    const colored = { color: true, columns: 200 };
    const [violation, other] = [sample.violations[0]!, 'of mutual exclusion nothing else is known'];
    const painted = renderComparisonSummary({ ...sample, statements: [violation, other] }, colored).split('\n');
    expect(painted.slice(0, 2).map((line) => line.includes('\u001b[31m'))).toEqual([true, false]);
    expect(painted[1]).toContain(other);
  });

  it('tells a flaw below the design only where no warning tells it', () => {
    const flaw = 'flaws      hasty 2.1.0 (unsafe): it never asks how long it waited';
    expect(text).not.toContain('flaws  ');
    expect(renderComparisonSummary({ ...sample, warnings: [] }, plain).split('\n')).toContain(flaw);
  });

  it('marks rates that the generator limited as lower bounds, in both tables', () => {
    const arms = sample.arms.map((arm, index) =>
      index === 1 ? { ...arm, runs: arm.runs.map((run) => ({ ...run, isRateLowerBound: true })) } : arm,
    );
    const bounded = renderComparisonSummary({ ...sample, arms }, plain);
    expect(bounded).toMatch(/^redlock, N=3 +9 of 10 +≥ 1,618\/s +≥ 1,404–1,677 +925 µs +2\.47 ms$/m);
    expect(bounded).toMatch(/^acquisitions\/s +1,\d+\/s +≥ 1,618\/s /m);
    expect(text).not.toContain('≥');
  });

  it('gives each contrast its medians, its ratio with the interval, p after Holm, and the verdict in words', () => {
    const title = 'masters: N=3 against the baseline N=1, redlock';
    expect(text).toContain(title);
    expect(rowOf('metric', title)).toEqual(['metric', 'baseline', 'arm', 'ratio [95 %]', 'p', 'verdict']);
    expect(rowOf('p99 response', title)).toEqual([
      'p99 response',
      '3.66 ms',
      '2.47 ms',
      '0.675 [0.619, 0.727]',
      '0.016',
      'better',
    ]);
    expect(rowOf('p50 response', title).at(-1)).toBe('no difference');
    expect(rowOf('acquisitions/s', title).at(-1)).toBe('inconclusive');
    expect(rowOf('acquisitions/s', 'masters: N=5 against').at(-1)).toBe('worse');
  });

  it('shows the metrics that decide first and in bold, the others where there is room for them', () => {
    const few = { ...sample, contrasts: sample.contrasts.slice(0, 1) };
    const table = renderComparisonSummary(few, wide);
    const labels = sample.metrics.map(({ label }) => label);
    const shown = labels.filter((label) => new RegExp(`^${label.replace(/[()]/g, '.')} `, 'm').test(table));
    expect(shown.slice(0, 4)).toEqual(['acquisitions/s', 'p50 response', 'p99 response', 'share acquired']);
    expect(shown).toContain('client CPU each');
    expect(table).toContain('no difference beyond 10 %');
    expect(text).not.toContain('client CPU each');
    expect(text.replace(/\n/g, ' ')).toContain('8 other metrics of each contrast: see the page');
    const painted = renderComparisonSummary(few, { color: true, columns: 160 });
    const colored = { color: true, columns: 160 };
    expect(painted).toContain(paint(colored, 'strong', 'acquisitions/s'));
    expect(painted).not.toContain(paint(colored, 'strong', 'client CPU each'));
    // What stands below this line has no colour of its own.
    const beside = painted.split('\n').slice(painted.split('\n').indexOf(paint(colored, 'faint', BESIDE)) + 1);
    const last = beside.findIndex((line) => line === '');
    expect(last).toBeGreaterThan(1);
    expect(beside.slice(0, last).filter((line) => line.includes('\u001b[3'))).toEqual([]);
  });

  it('says nothing by colour alone', () => {
    const colored = { color: true, columns: 80 };
    const painted = renderComparisonSummary(sample, colored).split('\n');
    const verdicts = { better: 'good', worse: 'bad', inconclusive: 'warning', 'no difference': 'plain' } as const;
    for (const [word, emphasis] of Object.entries(verdicts)) {
      const cell = paint(colored, emphasis, word.padEnd('no difference'.length));
      expect([word, painted.some((line) => line.endsWith(cell.trimEnd()))]).toEqual([word, true]);
    }
  });

  it('gives every arm what it reached, what it cost, and what was seen of its lock', () => {
    expect(rowOf('redlock, N=3', 'median of the runs')).toEqual([
      'redlock, N=3',
      '9 of 10',
      '1,618/s',
      '1,404–1,677',
      '925 µs',
      '2.47 ms',
    ]);
    expect(rowOf('hasty, N=5', 'all runs in ')).toEqual([
      'hasty, N=5 (unsafe)',
      '97.3 %',
      '353',
      '901 ms',
      '0',
      '1.08',
      '2.4 %',
    ]);
    expect(rowOf('hasty, N=5', 'all runs  ')).toEqual(['hasty, N=5 (unsafe)', 'VIOLATED in 3 of 10', '6', '3', '0']);
    expect(rowOf('redlock, N=1', 'all runs  ')).toEqual(['redlock, N=1', 'none observed', '0', '0', '0']);
    expect(rowOf('redlock, N=1', 'per client')).toEqual(['redlock, N=1', '16', '1,699', '106', '61', '130']);
  });

  it('lists the runs that are left out and why', () => {
    const [reason] = sample.arms.flatMap((arm) => arm.runs.flatMap((run) => run.leftOut ?? []));
    expect(text.replace(/\n +/g, ' ')).toContain(`left out   redlock, N=3, round 4: ${reason!}`);
    expect(text.match(/^left out/gm)).toHaveLength(1);
  });

  it('never says that a lock is safe or correct', () => {
    const words = all.map((comparison) => renderComparisonSummary(comparison, plain)).join('\n');
    expect(words).not.toMatch(/(?<!un)\bsafe\b|\bcorrect\b/i);
  });

  it('ends with the files, named once', () => {
    expect(lines.slice(-2)).toEqual([
      'files      results/one/',
      '           comparison.json · report.html · charts/ (1)',
    ]);
  });
});

describe('the summary of a comparison with little in it', () => {
  it('says that one arm is held against nothing', () => {
    expect(renderComparisonSummary(lonely, plain)).toContain('effects: nothing to hold an arm against');
  });

  it('says why nothing could be compared, and invents no figure', () => {
    const silent = renderComparisonSummary(muted, plain).replace(/\n/g, ' ');
    expect(silent).toContain('not compared: no runs on both sides had enough to say it');
    expect(silent).toContain('interrupted');
    expect(silent).toMatch(/redlock, N=1 +unknown in 2 +0 +0 +unknown/);
    expect(silent).not.toMatch(/NaN|Infinity|undefined|null/);
  });

  it('gives no client of an open loop a share, and says that stored runs were not interleaved', () => {
    const open = renderComparisonSummary(stored, plain);
    expect(open).toContain('9 stored runs, not interleaved');
    expect(open).not.toContain('per client');
    expect(open).not.toContain('coordinated omission');
  });
});

describe('the summary of more contrasts than tables can show', () => {
  const many = renderComparisonSummary(manifold, plain);

  it('gives each a line of its own under its whole name, with the verdict as a sign', () => {
    const rows = many.split('\n');
    const at = rows.indexOf('hasty (unsafe) against redlock, hold 1ms, concurrency 48');
    expect(rows[at + 1]).toMatch(/^ +0\.152 \? +0\.\d+ \? +– · +99\.\d+ % → 9\d\.\d+ %, odds 0\.\d+ \?$/);
    expect(many.replace(/\n/g, ' ')).toContain('+ better, − worse, = no difference, ? inconclusive, · not compared');
  });

  it('numbers arms whose names do not fit, so that none is mistaken for another', () => {
    expect(many).toContain('\n10 hold 0ms, concurrency 48, hasty (unsafe)\n');
    const reached = many.split('\n').filter((line) => /^10 .* 1 of 1 /.test(line));
    expect(reached).toHaveLength(1);
    expect(reached[0]).toContain('(unsafe)');
  });

  it('says the first findings and the last, and how many there are between', () => {
    const statements = Array.from({ length: 45 }, (_, index) => `finding ${String(index)} is said`);
    const joined = renderComparisonSummary({ ...manifold, statements }, plain).replace(/\n +/g, ' ');
    expect(joined).toContain('finding 18 is said');
    expect(joined).toContain('finding 44 is said');
    expect(joined).not.toContain('finding 43 is said');
    expect(joined).toContain('(25 more findings: see the page)');
  });
});
