import { describe, expect, it } from 'vitest';
import { sampleComparison } from '../sample-comparison.fixture.js';
import { metricAxis } from './metric-axis.js';

const { metrics } = await sampleComparison(1);

/** The ends of the axis of a metric, and whether it is logarithmic. */
function axisOf(name: string, known: readonly number[]): { domain: readonly number[]; type: unknown } {
  const metric = metrics.find((each) => each.name === name)!;
  const { domain, type } = metricAxis('value', metric, known).scale as { domain: readonly number[]; type?: unknown };
  return { domain, type };
}

describe('the axis of a metric', () => {
  it('has a length where all values are nought', () => {
    expect(axisOf('rate', [0, 0])).toEqual({ domain: [-0.06, 1], type: undefined });
    expect(axisOf('success', [0, 0])).toEqual({ domain: [-0.005, 0.005], type: undefined });
  });

  it('is as long as a tenth of the largest value where all agree', () => {
    expect(axisOf('rate', [100, 100])).toEqual({ domain: [95, 105], type: undefined });
  });

  it('is logarithmic where values lie far apart, but not from nought', () => {
    expect(axisOf('responseP99', [1, 10]).type).toBe('log');
    expect(axisOf('responseP99', [0, 10]).type).toBeUndefined();
  });
});
