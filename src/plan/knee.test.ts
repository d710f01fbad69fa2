import { describe, expect, it } from 'vitest';
import { msToNs } from '../model/time.js';
import { findKnee } from './knee.js';

/** Response of an M/M/1 queue that serves 1,000 a second. */
const queue = (ratePerSecond: number): { ratePerSecond: number; responseP50Ns: number } => ({
  ratePerSecond,
  responseP50Ns: msToNs(1) / (1 - ratePerSecond / 1_000),
});

describe('findKnee', () => {
  it('finds half of the service rate of an M/M/1 queue, as Kleinrock did', () => {
    expect(findKnee([100, 300, 500, 700, 900].map(queue))).toEqual({
      method: 'power',
      ratePerSecond: 500,
      responseP50Ns: msToNs(2),
    });
  });

  it('takes the points in any order, and several of one rate by their median', () => {
    const outlier = { ratePerSecond: 500, responseP50Ns: msToNs(40) };
    const points = [900, 500, 100, 500, 700, 300].map(queue);
    expect(findKnee([outlier, ...points])).toEqual({ method: 'power', ratePerSecond: 500, responseP50Ns: msToNs(2) });
  });

  it('takes the lower one of equal powers', () => {
    const points = [
      { ratePerSecond: 100, responseP50Ns: msToNs(2) },
      { ratePerSecond: 200, responseP50Ns: msToNs(2) },
      { ratePerSecond: 400, responseP50Ns: msToNs(4) },
      { ratePerSecond: 500, responseP50Ns: msToNs(20) },
    ];
    expect(findKnee(points)?.ratePerSecond).toBe(200);
  });

  it.each([
    [
      'a flat curve, whose knee lies beyond',
      [100, 200, 300, 400].map((rate) => ({ ...queue(rate), responseP50Ns: 1 })),
    ],
    ['a curve that is beyond it from the start', [600, 700, 800, 900].map(queue)],
    ['fewer than four rates', [300, 500, 700, 500].map(queue)],
    ['nothing', []],
  ])('sees no knee in %s', (_, points) => {
    expect(findKnee(points)).toBeNull();
  });
});
