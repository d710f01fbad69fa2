import { describe, expect, it } from 'vitest';
import type { Effect } from '../model/comparison.js';
import {
  describeArmLeaks,
  formatEffect,
  formatMetric,
  formatPValue,
  formatRatio,
  nameContrast,
} from './comparison-words.js';
import { totalsOf } from './arm-figures.js';
import { sampleComparison } from './sample-comparison.fixture.js';

const sample = await sampleComparison(2);

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

describe('figures of effects', () => {
  it('have three digits, and say where they are beyond all bounds', () => {
    expect([0.00001, 0.9623, 1.0449, 12.34, 380.4, 1e7].map(formatRatio)).toEqual([
      '<0.001',
      '0.962',
      '1.04',
      '12.3',
      '380',
      '>9,999',
    ]);
    expect([null, 0.00002, 0.00391, 0.0412, 0.5].map(formatPValue)).toEqual(['–', '<0.001', '0.0039', '0.041', '0.50']);
  });

  it('say when there is no interval, and when there is nothing', () => {
    const effect = sample.contrasts[0]!.effects[0]!;
    const write = (change: Partial<Effect>): string => formatEffect({ ...effect, ...change });
    expect(write({ ratio: 2, low: 1.5, high: 3 })).toBe('2.00 [1.50, 3.00]');
    expect(write({ ratio: 2, low: null, high: null })).toBe('2.00 [no interval]');
    expect(write({ ratio: null, low: null, high: null })).toBe('–');
  });

  it('are written in the unit of their metric', () => {
    expect(formatMetric({ name: 'rate', unit: 'perSecond' }, 1_234.5)).toBe('1,235/s');
    expect(formatMetric({ name: 'responseP99', unit: 'ns' }, 2_500_000)).toBe('2.50 ms');
    expect(formatMetric({ name: 'success', unit: 'share' }, 0.9984)).toBe('99.84 %');
    expect(formatMetric({ name: 'jain', unit: 'share' }, 0.9984)).toBe('0.998');
    expect(formatMetric({ name: 'attempts', unit: 'count' }, 1.054)).toBe('1.05');
    expect(formatMetric({ name: 'rate', unit: 'perSecond' }, null)).toBe('–');
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
