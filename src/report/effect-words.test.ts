import { describe, expect, it } from 'vitest';
import type { Effect, Metric } from '../model/comparison.js';
import { describeVerdict, formatEffect, formatPValue, formatRatio, verdictEmphasis } from './effect-words.js';
import { sampleComparison } from './sample-comparison.fixture.js';

const sample = await sampleComparison(2);
const metricOf = (name: string): Metric => sample.metrics.find((metric) => metric.name === name)!;
const [rate, success, attempts] = [metricOf('rate'), metricOf('success'), metricOf('attempts')];

describe('figures of effects', () => {
  it('have three digits, and say where they are beyond all bounds', () => {
    const written = [0.00001, 0.9623, 1.0449, 12.34, 380.4, 1e7].map((ratio) => formatRatio(ratio, rate));
    expect(written).toEqual(['<0.001', '0.962', '1.04', '12.3', '380', '>9,999']);
    expect([null, 0.00002, 0.00391, 0.0412, 0.5].map(formatPValue)).toEqual(['–', '<0.001', '0.0039', '0.041', '0.50']);
  });

  it('say of odds only whether they are beyond a thousand', () => {
    expect([0.0009, 0.5, 1_000, 1_001].map((ratio) => formatRatio(ratio, success))).toEqual([
      '<0.001',
      '0.500',
      '1,000',
      '>1000',
    ]);
    const effect = sample.contrasts[0]!.effects[0]!;
    expect(formatEffect({ ...effect, ratio: 2e4, low: 3, high: 4e8 }, success)).toBe('>1000 [3.00, >1000]');
  });

  it('name what a difference is not beyond, and are faint where they decide nothing', () => {
    const effect: Effect = { ...sample.contrasts[0]!.effects[0]!, verdict: 'no-difference' };
    expect(describeVerdict(effect, rate)).toBe('no difference beyond 5 %');
    expect(describeVerdict(effect, success)).toBe('no difference beyond 5 % of the odds');
    expect([rate, attempts].map((metric) => verdictEmphasis('worse', metric))).toEqual(['bad', 'faint']);
  });

  it('say when there is no interval, and when there is nothing', () => {
    const effect = sample.contrasts[0]!.effects[0]!;
    const write = (change: Partial<Effect>): string => formatEffect({ ...effect, ...change }, rate);
    expect(write({ ratio: 2, low: 1.5, high: 3 })).toBe('2.00 [1.50, 3.00]');
    expect(write({ ratio: 2, low: null, high: null })).toBe('2.00 [no interval]');
    expect(write({ ratio: null, low: null, high: null })).toBe('–');
  });
});
