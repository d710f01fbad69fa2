import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import { brokenTuning, refusedTuning, sampleTuning } from './sample-tuning.fixture.js';
import { renderTuningSummary } from './tuning-summary.js';

const plain = { color: false, columns: 80 };
const files = ['tuning.json', 'report.html', 'charts/a.svg'].map((name) => `results/one/${name}`);
const all = [sampleTuning(), refusedTuning(), brokenTuning()];
const text = renderTuningSummary(sampleTuning(), plain, files);
const joined = text.replace(/\n +/g, ' ');

describe('the summary of a tuning', () => {
  it('fits 80 columns, and says the same with and without colour', () => {
    for (const report of all) {
      const bare = renderTuningSummary(report, plain, files);
      expect(bare.split('\n').filter((line) => [...line].length > 80)).toEqual([]);
      const painted = renderTuningSummary(report, { color: true, columns: 80 }, files);
      expect(stripVTControlCharacters(painted).replace(/ +$/gm, '')).toBe(bare.replace(/ +$/gm, ''));
    }
  });

  it('begins with the settings as flags to copy, in one line and once', () => {
    const flags = '--node-timeout 33ms --ttl 1s --retry-delay 2ms --retry-jitter 8ms';
    expect(text.split('\n')[0]).toBe(`use        ${flags}`);
    expect(joined.split(flags)).toHaveLength(2);
    expect(joined).toContain('findings   Use --node-timeout 33ms: 99.93 %');
  });

  it('gives each stage its trade-off, and marks what is recommended, run again and set now', () => {
    const row = (start: string): string[] =>
      (text.split('\n').find((line) => line.startsWith(start)) ?? '').split(/ {2,}/);
    expect(row('→ 33ms')).toEqual(['→ 33ms', '99.93 %', '99.82 % to 100 %', '1.13 ms', '31.4 ms', '+29.4 ms']);
    expect(row('↻ 33ms')).toEqual(['↻ 33ms', '99.91 %', '99.79 % to 100 %', '1.12 ms', '31.9 ms', '+29.4 ms']);
    expect(row('→ 2ms to 10ms')).toEqual(['→ 2ms to 10ms', '100 %', '25.6 ms', '64.0 ms', '1.41', '6.0 %']);
    expect(row('→ 1s')).toEqual(['→ 1s', '0 %', '949 ms', '99.93 %', '31.4 ms']);
    expect(text).toContain('  5ms to 50ms (now)');
    expect(joined).toContain(
      'a quorum is there in time 99.766 % of the time, with the masters 1, 2, 3, 4 awaited; with master 5 awaited too, 99.99200 %',
    );
  });

  it('begins with a broken promise, and marks the settings that saw it', () => {
    const broken = renderTuningSummary(brokenTuning(), plain);
    expect(broken).toMatch(/^violation {2}hasty 2\.1\.0 broke mutual exclusion/);
    expect(broken.match(/VIOLATED/g)).toHaveLength(6);
  });

  it('says that nothing is recommended and why, and what was left out', () => {
    const refused = renderTuningSummary(refusedTuning(), plain);
    expect(refused).toMatch(/^use {8}nothing is recommended\n/);
    expect(refused).toContain('left out   4ms: run 2 of 3 was invalid');
    expect(refused).toContain('because    Not from this data: --hold is 0ms.');
    expect(refused).not.toMatch(/NaN|Infinity|undefined|null/);
  });

  it('invents no share of nothing, and tells a left out setting once', () => {
    const refused = refusedTuning();
    const [stage] = refused.stages;
    const points = stage!.points.map((point) => ({ ...point, operations: 0, success: { share: 0, low: 0, high: 1 } }));
    const warnings = ['per-node timeout 4ms is left out: run 2 of 3 was invalid'];
    const silent = renderTuningSummary({ ...refused, stages: [{ ...stage!, points }], warnings }, plain);
    expect(silent).toMatch(/^× 4ms +– +– +– +– +–$/m);
    expect(silent).not.toContain('left out   ');
  });

  it('never says that a lock is safe or correct', () => {
    expect(all.map((report) => renderTuningSummary(report, plain)).join()).not.toMatch(/(?<!un)\bsafe\b|\bcorrect\b/i);
  });
});
