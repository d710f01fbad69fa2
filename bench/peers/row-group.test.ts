import { describe, expect, it } from 'vitest';
import type { Measured } from './bench.js';
import { isMet, judgeFigure, judgeMatch, noteFailures } from './row-group.js';

const measured = (name: string, isOurs: boolean, reports: Measured<number>['reports']): Measured<number> => ({
  name,
  isOurs,
  reports,
  failure: reports.includes(undefined) ? 'died' : undefined,
});

const match = {
  measured: 'rate',
  ours: 'ours, wire',
  read: (rate: number): number => rate,
  better: 'higher',
  format: String,
  target: { relation: '>=', value: 6, unit: 'x' },
} as const;

describe('judgeMatch', () => {
  it('holds ours against the best peer, and our other variant against nobody', () => {
    const field = [
      measured('ours, wire', true, [60]),
      measured('ours, ioredis', true, [50]),
      measured('a', false, [10]),
    ];
    expect(judgeMatch({ ...match, field })).toEqual({
      measured: 'rate',
      ours: '60',
      against: '10 a',
      figure: 6,
      target: match.target,
      isMet: true,
    });
  });

  it('is not met where one side has nothing to show', () => {
    const field = [measured('ours, wire', true, [60]), measured('a', false, [undefined])];
    expect(judgeMatch({ ...match, field })).toMatchObject({ ours: '-', against: '-', isMet: false });
  });
});

describe('isMet', () => {
  it('includes the limit, and never what could not be measured', () => {
    expect(isMet(0.5, { relation: '<=', value: 0.5, unit: '' })).toBe(true);
    expect(isMet(0.51, { relation: '<=', value: 0.5, unit: '' })).toBe(false);
    expect(isMet(0.5, { relation: '>=', value: 0.5, unit: '' })).toBe(true);
    expect(isMet(NaN, { relation: '<=', value: 0.5, unit: '' })).toBe(false);
    expect(judgeFigure('lost', '-', NaN, { relation: '<=', value: 0 }).isMet).toBe(false);
  });
});

describe('noteFailures', () => {
  it('says how often a contender failed, and why', () => {
    const field = [measured('a', false, [1, undefined]), measured('b', false, [1, 1])];
    expect(noteFailures(field)).toEqual(['a: 1 of 2 rounds failed: died']);
  });
});
