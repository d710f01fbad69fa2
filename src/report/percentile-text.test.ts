import { describe, expect, it } from 'vitest';
import { nsToMs } from '../model/time.js';
import { percentileTexts } from './percentile-text.js';
import { hopelessRun, openLoopRun } from './sample-runs.fixture.js';

describe('percentile texts', () => {
  it('hold the values of each distribution in milliseconds', () => {
    const result = openLoopRun();
    const text = percentileTexts(result).get('acquire.response') ?? '';
    const rows = text
      .split('\n')
      .map((line) => line.trim().split(/\s+/).map(Number))
      .filter((row) => row.length >= 3 && row.every((value) => !Number.isNaN(value)));
    const median = rows.find(([, share]) => share === 0.5)?.[0] ?? NaN;
    expect(Math.abs(median / nsToMs(result.acquire.response.p50Ns) - 1)).toBeLessThan(0.002);
    expect(rows.at(-1)?.[2]).toBe(result.acquire.response.count);
    expect(text).toContain('#[Mean');
  });

  it('leave out distributions without a record, whose statistics would be NaN', () => {
    const texts = percentileTexts(hopelessRun());
    expect([...texts.keys()]).toEqual(['acquire.gaveUp']);
    expect([...texts.values()].join('')).not.toContain('NaN');
  });
});
