import { describe, expect, it } from 'vitest';
import { emptyGate, mutedGate, nastyGate, sampleGate } from '../sample-gate.fixture.js';
import { renderStepSummary } from './step-summary.js';

const [pass, regression, inconclusive, invalid, muted, empty, nasty] = (
  await Promise.all([
    sampleGate('pass'),
    sampleGate('regression'),
    sampleGate('inconclusive'),
    sampleGate('invalid'),
    mutedGate(),
    emptyGate(),
    nastyGate(),
  ])
).map(renderStepSummary) as [string, string, string, string, string, string, string];

/** The lines of the first table. */
function tableOf(text: string): string[] {
  const lines = text.split('\n');
  const first = lines.findIndex((line) => line.startsWith('|'));
  const length = lines.slice(first).findIndex((line) => !line.startsWith('|'));
  return first < 0 ? [] : lines.slice(first, first + length);
}

describe('the job summary of a gate', () => {
  it('begins with the outcome in a word, and the sentence why', () => {
    expect(pass.split('\n')[0]).toBe('## ✅ redlock-bench gate: PASS');
    expect(regression.split('\n')[0]).toBe('## ❌ redlock-bench gate: REGRESSION');
    expect(inconclusive.split('\n')[0]).toBe('## ❔ redlock-bench gate: INCONCLUSIVE');
    expect(invalid.split('\n')[0]).toBe('## ⚠️ redlock-bench gate: INVALID');
    for (const text of [pass, regression, inconclusive, invalid, muted, empty, nasty]) {
      expect(text.split('\n')[1]).toBe('');
      expect(text.split('\n')[2]!.length).toBeGreaterThan(10);
    }
    // A broken lock is no good news, whatever its speed.
    expect(nasty.split('\n')[0]).toMatch(/^## ❌/);
  });

  it('has a table of what decides, with base, head, change, interval and the verdict as a word', () => {
    const [head, , ...rows] = tableOf(regression);
    expect(head).toBe('| metric | base | head | change [95 %] | p | counts from | verdict |');
    expect(rows.map((row) => row.split(' | ')[0])).toEqual([
      '| acquisitions/s',
      '| p50 response',
      '| p99 response',
      '| share acquired',
    ]);
    expect(rows[2]).toMatch(
      /^\| p99 response \| \d[\d.]* (ms|us|µs) \| \d[\d.]* (ms|us|µs) \| \+\d+\.\d % \[\+\d+\.\d, \+\d+\.\d\] \| 0\.\d+ \| 12\.4 % \| \*\*regression\*\* \|$/u,
    );
  });

  it('has as many cells in every row as in the head, whatever the names are', () => {
    for (const text of [pass, regression, inconclusive, invalid, muted, nasty]) {
      for (const paragraph of text.split('\n\n').filter((each) => each.startsWith('|'))) {
        const [head = '', ...lines] = paragraph.split('\n').filter((line) => line.startsWith('|'));
        for (const line of lines) expect(line.split('|')).toHaveLength(head.split('|').length);
      }
    }
    expect(tableOf(empty).every((line) => line.split('|').length === 9)).toBe(true);
  });

  it('folds warnings away, each on a line, between blank lines', () => {
    expect(nasty).toMatch(/<details>\n<summary>\d+ warnings?<\/summary>\n\n- .+\n(- .+\n)*\n<\/details>\n/);
    expect(pass).not.toContain('warning');
  });

  it('shows nothing of names and sentences as markup', () => {
    expect(nasty).not.toContain('<b>');
    expect(nasty).not.toContain('`tick`');
    expect(nasty).toContain('&lt;b&gt;name&lt;/b&gt; &amp;');
    expect(nasty).toContain('東京');
    expect(nasty).not.toMatch(/[^\P{Cc}\n]/u);
    const tags = new Set([...nasty.matchAll(/<\/?[a-z]+>/g)].map(([tag]) => tag));
    expect([...tags].sort()).toEqual(['</code>', '</details>', '</summary>', '<code>', '<details>', '<summary>']);
  });

  it('says that nothing was compared where that is so, and never a number that is none', () => {
    expect(
      tableOf(muted)
        .slice(2)
        .every((row) => row.endsWith('| not compared |')),
    ).toBe(true);
    for (const text of [muted, empty]) expect(text).not.toMatch(/NaN|Infinity|undefined|null/);
  });

  it('never says that a lock is safe or correct', () => {
    for (const text of [pass, regression, nasty, muted]) expect(text).not.toMatch(/(?<!un)\bsafe\b|\bcorrect\b/i);
  });

  it('gives the thresholds with their value and in how many runs they were crossed', () => {
    expect(pass).toContain(
      '| acquire.response: p(99)&lt;25ms | 4.20 ms in the median, crossed in 0 of 10 runs of head | passed |',
    );
  });

  it('says of a share that its odds are what counts', () => {
    expect(tableOf(regression).find((row) => row.startsWith('| share acquired'))).toContain('| 5 % of the odds |');
  });
});
