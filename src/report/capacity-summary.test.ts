import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import { renderCapacitySummary } from './capacity-summary.js';
import { brokenCapacity, emptyCapacity, generatorBoundCapacity, sampleCapacity } from './sample-capacity.fixture.js';

const plain = { color: false, columns: 80 };
const files = ['capacity.json', 'report.html', 'charts/a.svg'].map((name) => `results/one/${name}`);
const all = [sampleCapacity(), generatorBoundCapacity(), brokenCapacity(), emptyCapacity()];
const text = renderCapacitySummary(sampleCapacity(), plain, files);
const joined = text.replace(/\n +/g, ' ');

describe('the summary of a search for capacity', () => {
  it('fits 80 columns, and says the same with and without colour', () => {
    for (const report of all) {
      const bare = renderCapacitySummary(report, plain, files);
      expect(bare.split('\n').filter((line) => [...line].length > 80)).toEqual([]);
      const painted = renderCapacitySummary(report, { color: true, columns: 80 }, files);
      expect(stripVTControlCharacters(painted).replace(/ +$/gm, '')).toBe(bare.replace(/ +$/gm, ''));
    }
  });

  it('begins with the answer and how it was confirmed, then the findings and what to mind', () => {
    expect(joined).toMatch(
      /^capacity {3}4,757\/s to 4,968\/s met in 3 of 3 repetitions at the lower end, missed in 3 of 3/,
    );
    const places = [
      'findings   These masters serve',
      'warning    All masters',
      'search     17 steps · to 5 % · SLO',
    ].map((each) => joined.indexOf(each));
    expect(places.every((place) => place > 0)).toBe(true);
    expect([...places].sort((a, b) => a - b)).toEqual(places);
  });

  it('gives every step its rate, verdict, times, share and the busiest master', () => {
    const row = text.split('\n').find((line) => line.startsWith('13 confirm'))!;
    expect(row.split(/ {2,}/)).toEqual([
      '13 confirm',
      '4,757/s',
      '2',
      'met',
      '2.60 ms',
      '7.00 ms',
      '100 %',
      '2: 89.3 %',
    ]);
    expect(text.match(/^\d+ (grow|bisect|confirm) /gm)).toHaveLength(17);
  });

  it('says what limits and what was ruled out, the knee, the law and the self-check, each once', () => {
    for (const each of [
      'limited by Master 2 limits',
      'ruled out  The generator',
      'knee       4,000/s',
      'self-check Little',
    ]) {
      expect(joined).toContain(each);
    }
    expect(joined).toContain('peak 5,335 [5,210, 5,460]/s at 33 [29, 37] clients');
    // The statements have it already.
    expect(joined.match(/58\.6 % of headroom/g)).toHaveLength(1);
  });

  it('begins with a broken promise, and marks the steps that saw it', () => {
    const broken = renderCapacitySummary(brokenCapacity(), plain);
    expect(broken).toMatch(/^violation {2}hasty 2\.1\.0 broke mutual exclusion/);
    expect(broken.match(/VIOLATED/g)).toHaveLength(2);
    expect(broken.match(/broke mutual exclusion/g)).toHaveLength(1);
    expect(broken.replace(/\n +/g, ' ')).toContain('hasty 2.1.0 is an unsafe lock: it never asks how long it waited');
    expect(broken.replace(/\n +/g, ' ')).toContain('one key changes hands at most 167/s');
  });

  it('says why there is no bracket, and invents no figure', () => {
    expect(renderCapacitySummary(generatorBoundCapacity(), plain)).toMatch(
      /^capacity {3}≥ 4,000\/s, generator-bound\n/,
    );
    const empty = renderCapacitySummary(emptyCapacity(), plain);
    expect(empty).toMatch(/^capacity {3}unknown\n {11}no step was over when the search was interrupted/);
    expect(empty).not.toMatch(/NaN|Infinity|undefined|null/);
  });

  it('says once what a warning or a finding says already, and when nothing was repeated', () => {
    const bound = generatorBoundCapacity();
    const [change] = bound.escalations;
    const told = { ...bound, warnings: [`the load generator was changed: ${change!}`] };
    expect(renderCapacitySummary(told, plain)).not.toContain('changed    ');
    const alone = { meets: { agreed: 0, of: 0 }, misses: { agreed: 0, of: 0 } };
    const answer = { kind: 'bracket', meetsPerSecond: 1, missesPerSecond: 2, confirmed: alone } as const;
    expect(renderCapacitySummary({ ...bound, answer }, plain)).toContain('not confirmed: neither end was repeated');
    const unknown = {
      ...emptyCapacity(),
      statements: ['It cannot be told: no step was over when the search was interrupted.'],
    };
    expect(renderCapacitySummary(unknown, plain).match(/no step was over when/g)).toHaveLength(1);
  });

  it('never says that a lock is safe or correct', () => {
    expect(all.map((report) => renderCapacitySummary(report, plain)).join()).not.toMatch(
      /(?<!un)\bsafe\b|\bcorrect\b/i,
    );
  });
});
