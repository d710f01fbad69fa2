import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeHistogram, Histogram } from './histogram.js';
import { msToNs, sToNs } from './time.js';

describe('Histogram', () => {
  it('agrees with the sorted records to three digits, whatever they are', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 600_000_000 }), { minLength: 1, maxLength: 300 }), (values) => {
        const histogram = new Histogram();
        for (const value of values) histogram.record(value);
        const sorted = [...values].sort((a, b) => a - b);
        for (const share of [0.5, 0.9, 0.99]) {
          const exact = sorted[Math.ceil(share * sorted.length) - 1] ?? 0;
          expect(Math.abs(histogram.quantile(share) - exact)).toBeLessThanOrEqual(Math.max(1, exact / 1_000));
        }
        const { min, max, mean, count } = histogram.summarizeQuantity();
        expect([min, max, count]).toEqual([sorted[0], sorted.at(-1), values.length]);
        expect(mean).toBeCloseTo(values.reduce((sum, value) => sum + value, 0) / values.length, 3);
      }),
    );
  });

  it('gives the same summary merged from snapshots as recorded in one', () => {
    fc.assert(
      fc.property(fc.array(fc.array(fc.integer({ min: 0, max: 700_000_000 }))), (parts) => {
        const whole = new Histogram();
        const merged = new Histogram();
        const worker = new Histogram();
        for (const part of parts) {
          for (const value of part) {
            whole.record(value);
            worker.record(value);
          }
          merged.absorb(worker.drain());
        }
        expect(merged.summarizeQuantity()).toEqual(whole.summarizeQuantity());
        expect(worker.count).toBe(0);
      }),
    );
  });

  it('counts what is longer than ten minutes as exceeded and keeps its true maximum', () => {
    const histogram = new Histogram();
    histogram.recordNs(sToNs(3_600));
    const { count, exceeded, maxNs, p50Ns } = histogram.summarizeLatency();
    expect({ count, exceeded, maxNs }).toEqual({ count: 1, exceeded: 1, maxNs: sToNs(3_600) });
    expect(p50Ns).toBeGreaterThanOrEqual(sToNs(600));
  });

  it('refuses NaN, which the library would count in silence', () => {
    expect(() => {
      new Histogram().record(NaN);
    }).toThrow(/expected a number, got NaN/);
  });

  it('takes a negative time, read from clocks in the wrong order, as zero', () => {
    const histogram = new Histogram();
    histogram.recordNs(-5);
    expect(histogram.summarizeLatency()).toMatchObject({ count: 1, minNs: 0, maxNs: 0 });
  });

  it('has zeros in the summary of nothing', () => {
    expect(new Histogram().summarizeLatency()).toMatchObject({ count: 0, minNs: 0, meanNs: 0, p99Ns: 0, maxNs: 0 });
  });

  it('travels in its compressed form without loss', () => {
    const histogram = new Histogram();
    for (const ms of [1, 2, 3, 500]) histogram.recordNs(msToNs(ms));
    const { hdr, p50Ns } = histogram.summarizeLatency();
    const decoded = decodeHistogram(hdr);
    expect(decoded.totalCount).toBe(4);
    expect(decoded.getValueAtPercentile(50) * 1_000).toBe(p50Ns);
  });
});
