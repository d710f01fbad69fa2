import { describe, expect, it } from 'vitest';
import type { Arm, ArmRun } from '../model/comparison.js';
import {
  describeArmLeaks,
  describeDesign,
  describeExclusion,
  findingsOf,
  nameContrast,
  untoldFlaws,
} from './comparison-words.js';
import { totalsOf } from './arm-figures.js';
import { sampleComparison, storedComparison } from './sample-comparison.fixture.js';

const sample = await sampleComparison(2);

describe('the design', () => {
  it('counts the rounds that were made, where an interruption left some out', () => {
    expect(describeDesign(sample)).toBe('2 interleaved rounds');
    expect(describeDesign({ ...sample, rounds: 10 })).toBe('2 of 10 interleaved rounds');
    expect(describeDesign({ ...sample, arms: [] })).toBe('0 of 2 interleaved rounds');
    expect(describeDesign(storedComparison())).toBe('9 stored runs, not interleaved');
  });
});

describe('mutual exclusion of an arm', () => {
  const [arm] = sample.arms;
  const having = (...changes: readonly Partial<ArmRun>[]): Arm => ({
    ...arm!,
    runs: changes.map((change) => ({ ...arm!.runs[0]!, ...change })),
  });

  it('is violated before it is unknown, and unknown before it is not observed', () => {
    const broken = { contractCount: 2, safety: 'violation' } as const;
    expect(describeExclusion(having(broken, {}, { safety: 'unknown' }))).toEqual({
      text: 'VIOLATED in 1 of 3',
      emphasis: 'bad',
    });
    expect(describeExclusion(having({ safety: 'unknown' }, {}))).toEqual({ text: 'unknown in 1', emphasis: 'warning' });
    expect(describeExclusion(having({}, {}))).toEqual({ text: 'none observed', emphasis: 'plain' });
  });

  it('is not spoken of where there is no run', () => {
    expect(describeExclusion(having())).toEqual({ text: '–', emphasis: 'plain' });
    expect(describeArmLeaks(totalsOf(having()))).toBe('–');
  });
});

describe('findings', () => {
  it('are violations where the comparison says so, whatever their words', () => {
    const statements = ['a broke mutual exclusion', 'of mutual exclusion nothing is known', 'b is faster'];
    const findings = findingsOf({ ...sample, statements, violations: ['a broke mutual exclusion'] });
    expect(findings.map(({ isViolation }) => isViolation)).toEqual([true, false, false]);
    expect(findings.map(({ text }) => text)).toEqual(statements);
  });
});

describe('flaws', () => {
  it('are told once for each lock, and not where a warning tells them', () => {
    expect(untoldFlaws({ ...sample, warnings: [] })).toEqual([
      'hasty 2.1.0 (unsafe): it never asks how long it waited',
    ]);
    expect(untoldFlaws(sample)).toEqual([]);
  });
});

describe('names of contrasts', () => {
  it('say what differs first, and once what both have, with the mark by what is unsafe', () => {
    expect(sample.contrasts.map((contrast) => nameContrast(sample, contrast).label)).toEqual([
      'hasty (unsafe) against redlock, N=1',
      'hasty (unsafe) against redlock, N=3',
      'hasty (unsafe) against redlock, N=5',
      'N=3 against N=1, redlock',
      'N=5 against N=1, redlock',
      'N=3 against N=1, hasty (unsafe)',
      'N=5 against N=1, hasty (unsafe)',
    ]);
  });

  it('are whole where nothing is shared', () => {
    const arms = sample.arms.map((arm, index) => ({ ...arm, name: `run ${String(index)}`, isUnsafe: index < 2 }));
    expect(nameContrast({ ...sample, arms }, { factor: 'run', arm: 1, baseline: 0, effects: [] })).toEqual({
      arm: 'run 1 (unsafe)',
      baseline: 'run 0 (unsafe)',
      shared: '',
      label: 'run 1 (unsafe) against run 0 (unsafe)',
    });
  });
});

describe('the leaks of an arm', () => {
  it('are a lower bound where not every run could be asked', () => {
    const totals = totalsOf(sample.arms[0]!);
    expect(describeArmLeaks(totals)).toBe('0');
    expect(describeArmLeaks({ ...totals, leakedKeys: 2, runsWithUnknownLeaks: 1 })).toBe('≥ 2');
    expect(describeArmLeaks({ ...totals, runsWithUnknownLeaks: 2 })).toBe('unknown');
  });
});
