import { describe, expect, it } from 'vitest';
import { describeBand, describeMargins, describeTimes, isPointFault, nameFault } from './fault-words.js';
import { receipt } from './sample-chaos.fixture.js';

describe('fault margins in words', () => {
  it.each([
    [[0, 8, 992], '99.20 % of grants would survive 1 master losing its keys, 0.80 % none'],
    [[0, 0, 0, 10], '100 % of grants would survive 2 masters losing their keys'],
    [[0, 10, 20, 70], '70.0 % of grants would survive 2 masters losing their keys, 20.0 % 1, 10.0 % none'],
    [[0, 5], '100 % of grants would not survive even 1 master losing its keys'],
    [[0, 5, 0], '100 % of grants would not survive even 1 master losing its keys'],
  ])('a margin of f needs f faults, so it survives f − 1: %j', (margins, words) => {
    expect(describeMargins(margins)).toBe(words);
  });

  it('says nothing where nothing was granted', () => {
    expect([describeMargins([]), describeMargins([0, 0])]).toEqual([undefined, undefined]);
  });
});

describe('a fault in words', () => {
  it('leaves its times to the axis and keeps what else was typed', () => {
    expect(nameFault({ fault: 'clock master=2 by=20s at=5s for=3s' })).toBe('clock master=2 by=20s');
  });

  it('tells what is over at once from what was never healed', () => {
    const flush = receipt('flush master=1', [15_000, 15_001, null]);
    const kill = receipt('kill master=1', [5_000, 5_010, null]);
    expect([isPointFault(flush), isPointFault(kill)]).toEqual([true, false]);
    expect(isPointFault(receipt('rename master=1', [15_000, 15_001, null]))).toBe(true);
    expect(isPointFault(receipt('promote', [15_000, 15_001, null]))).toBe(true);
    expect(describeTimes(kill)).toEqual({ applied: '5.00 s', effect: '+10.0 ms', healed: 'never seen' });
    expect(describeTimes(flush).healed).toBe('–');
    const unseen = receipt('kill master=1', [5_000, null, null]);
    const notRun = receipt('clock master=1', [0, null, null], { status: 'not-run' });
    expect([flush, kill, unseen, notRun].map(describeBand)).toEqual([
      '15.00 s',
      '5.01 to the end',
      'effect not seen',
      'not run',
    ]);
  });
});
