import { describe, expect, it } from 'vitest';
import type { Arm } from '../model/comparison.js';
import { formatFound, formatMedian, formatMetric, formatRates } from './metric-words.js';
import { sampleComparison } from './sample-comparison.fixture.js';

const RATE = { name: 'rate', unit: 'perSecond' } as const;
const P99 = { name: 'responseP99', unit: 'ns' } as const;
const sample = await sampleComparison(2);

/** Two runs at these rates, of which the second saturated its generator. */
function saturated(rates: readonly number[], leftOut: string | null = null): Arm {
  const [arm] = sample.arms;
  return {
    ...arm!,
    runs: arm!.runs.map((run, index) => ({
      ...run,
      isRateLowerBound: index === 1,
      leftOut: index === 1 ? leftOut : null,
      metrics: { ...run.metrics, rate: rates[index]!, responseP99: 2_500_000 },
    })),
  };
}

describe('values of metrics', () => {
  it('are written in the unit of their metric', () => {
    expect(formatMetric(RATE, 1_234.5)).toBe('1,235/s');
    expect(formatMetric(P99, 2_500_000)).toBe('2.50 ms');
    expect(formatMetric({ name: 'success', unit: 'share' }, 0.9984)).toBe('99.84 %');
    expect(formatMetric({ name: 'jain', unit: 'share' }, 0.9984)).toBe('0.998');
    expect(formatMetric({ name: 'attempts', unit: 'count' }, 1.054)).toBe('1.05');
    expect(formatMetric(RATE, null)).toBe('–');
  });

  it('are lower bounds where they are rates that the generator limited', () => {
    const arm = saturated([1_000, 2_000]);
    expect(formatMedian(RATE, arm)).toBe('≥ 1,500/s');
    expect(formatRates(arm)).toBe('≥ 1,000–2,000');
    expect(formatMedian(P99, arm)).toBe('2.50 ms');
    expect(arm.runs.map((run) => formatFound(RATE, [run], run.metrics.rate))).toEqual(['1,000/s', '≥ 2,000/s']);
  });

  it('are no bounds because of a run that is left out, or where there is no value', () => {
    const arm = saturated([1_000, 2_000], 'the run was interrupted');
    expect(formatMedian(RATE, arm)).toBe('1,000/s');
    expect(formatRates(arm)).toBe('1,000–1,000');
    expect(formatFound(RATE, arm.runs, null)).toBe('–');
    expect(formatMedian(RATE, { ...arm, runs: [] })).toBe('–');
    expect(formatMedian(RATE, undefined)).toBe('–');
  });
});
