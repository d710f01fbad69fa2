import { describe, expect, it } from 'vitest';
import { compareRounds, jainIndex, medianOf, quantileOf } from './statistics.js';

describe('medianOf', () => {
  it('is the middle value, or the mean of the two middle ones', () => {
    expect(medianOf([9, 1, 5])).toBe(5);
    expect(medianOf([4, 1, 9, 2])).toBe(3);
    expect(medianOf([7])).toBe(7);
  });

  it('is NaN of nothing', () => {
    expect(medianOf([])).toBeNaN();
  });
});

describe('quantileOf', () => {
  it('gives a value that was recorded', () => {
    const hundred = Float64Array.from({ length: 100 }, (_, index) => index + 1);
    expect(quantileOf(hundred, 0.5)).toBe(50);
    expect(quantileOf(hundred, 0.99)).toBe(99);
    expect(quantileOf(hundred, 0)).toBe(1);
    expect(quantileOf(hundred, 1)).toBe(100);
  });

  it('is NaN of nothing', () => {
    expect(quantileOf(new Float64Array(), 0.5)).toBeNaN();
  });
});

describe('jainIndex', () => {
  it('is 1 when all got the same', () => {
    expect(jainIndex([7, 7, 7, 7])).toBe(1);
  });

  it('is 1/n when one got everything', () => {
    expect(jainIndex([0, 0, 12, 0])).toBe(0.25);
  });

  it('is between them otherwise', () => {
    expect(jainIndex([1, 3])).toBe(0.8);
  });

  it('is NaN when nobody got anything, which meets no target', () => {
    expect(jainIndex([0, 0])).toBeNaN();
  });
});

describe('compareRounds', () => {
  const peers = new Map([
    ['steady', [10, 10, 10]],
    ['lucky', [5, 20, 5]],
  ]);

  it('divides each round by the best peer of that round, and names the peer whose median is best', () => {
    expect(compareRounds([30, 40, 20], peers, 'higher')).toEqual({
      oursMedian: 30,
      bestPeer: 'steady',
      bestPeerMedian: 10,
      // 30/10, 40/20, 20/10
      ratio: 2,
    });
  });

  it('takes the lowest for the best where lower is better', () => {
    expect(compareRounds([1, 1, 1], peers, 'lower')).toEqual({
      oursMedian: 1,
      bestPeer: 'lucky',
      bestPeerMedian: 5,
      // 1/5, 1/10, 1/5
      ratio: 0.2,
    });
  });

  it('leaves out rounds that failed', () => {
    const patchy = new Map([['patchy', [undefined, 4, 8]]]);
    expect(compareRounds([8, undefined, 8], patchy, 'higher')?.ratio).toBe(1);
    expect(compareRounds([8, undefined, undefined], patchy, 'higher')).toBeUndefined();
    expect(compareRounds([undefined], patchy, 'higher')).toBeUndefined();
  });
});
