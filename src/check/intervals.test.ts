import { describe, expect, it } from 'vitest';
import type { Hold } from './hold.js';
import type { IntervalOptions, OverlapReport } from './intervals.js';
import { checker, held, KEYS, nothing } from './intervals.fixture.js';

/** What is found in holds that one source reports at once. */
function found(holds: readonly Hold[], options: Partial<IntervalOptions> = {}): OverlapReport {
  const intervals = checker(options);
  for (const hold of holds) expect(intervals.add(0, hold)).toBe('accepted');
  intervals.end(0);
  return intervals.drain();
}

describe('an overlap of two promises', () => {
  it('is a broken contract, and names the one that was granted first, the one that came in, and when', () => {
    const intervals = checker();
    intervals.startAt(10);
    intervals.add(0, held(20, 40, { keyIndex: 2, holder: 7, validUntilNs: 90 }));
    intervals.add(0, held(30, 50, { keyIndex: 2, holder: 8, validUntilNs: 70 }));
    intervals.end(0);
    expect(intervals.drain()).toEqual({
      ...nothing,
      held: 2,
      contractCount: 1,
      contract: [{ keyIndex: 2, holder: 'client 7', intruder: 'client 8', atNs: 20, promiseLeftNs: 60 }],
    });
  });

  it('names the one that was granted first even if it was released last', () => {
    const { contract } = found([held(30, 40, { holder: 2 }), held(20, 50, { holder: 1 })]);
    expect(contract).toEqual([
      { keyIndex: 0, holder: 'client 1', intruder: 'client 2', atNs: 30, promiseLeftNs: Number.MAX_SAFE_INTEGER },
    ]);
  });

  it('is seen in a hold that overran, from the time when its promise lasted', () => {
    const { contractCount, contract } = found([
      held(20, 25, { holder: 2 }),
      held(30, 40, { holder: 3 }),
      held(10, 90, { holder: 1, validUntilNs: 22 }),
    ]);
    expect(contractCount).toBe(1);
    expect(contract).toMatchObject([{ holder: 'client 1', intruder: 'client 2', atNs: 20, promiseLeftNs: 2 }]);
  });

  it('is seen where one was granted and released at one reading of the clock', () => {
    expect(found([held(10, 30), held(20, 20)]).contractCount).toBe(1);
  });

  it('counts once for each hold that was released second, not for each pair', () => {
    expect(found([held(10, 40), held(11, 41), held(12, 42), held(13, 43)]).contractCount).toBe(3);
    expect(found([held(10, 12), held(14, 16), held(18, 20), held(9, 21)]).contractCount).toBe(1);
  });

  it('is counted beyond the hundred that are listed', () => {
    const { contractCount, contract } = found(Array.from({ length: 201 }, (_, i) => held(10, 20 + i)));
    expect([contractCount, contract.length]).toEqual([200, 100]);
  });
});

describe('no overlap of two promises', () => {
  it('is an overrun when the first holder went on after its promise', () => {
    const overrun = { ...nothing, held: 2, overruns: 1 };
    expect(found([held(10, 40, { validUntilNs: 20 }), held(30, 50)])).toEqual(overrun);
    expect(found([held(10, 60, { validUntilNs: 20 }), held(30, 50)])).toEqual(overrun);
    expect(found([held(10, 40, { validUntilNs: 20 }), held(20, 50)])).toEqual(overrun);
  });

  it('is nothing when one was released before or as the other was granted', () => {
    expect(found([held(10, 20), held(20, 30), held(40, 50)])).toEqual({ ...nothing, held: 3 });
    expect(found([held(10, 20, { validUntilNs: 15 }), held(20, 30)])).toEqual({ ...nothing, held: 2 });
    expect(found([held(10, 20), held(20, 20), held(20, 20), held(20, 30)])).toEqual({ ...nothing, held: 4 });
  });

  it('is nothing when one was granted as the promise of another ended, however many were released since', () => {
    const inTurn = [held(10, 50, { validUntilNs: 20 }), held(20, 60, { validUntilNs: 25 }), held(30, 40)];
    expect(found(inTurn)).toEqual({ ...nothing, held: 3, overruns: 2 });
  });

  it('is nothing when they hold different keys', () => {
    expect(found([held(10, 40), held(10, 40, { keyIndex: 1 }), held(10, 40, { keyIndex: 2 })])).toEqual({
      ...nothing,
      held: 3,
    });
  });

  it('counts a grant whose promise had ended, and takes it for no promise', () => {
    const expired = { ...nothing, held: 2, overruns: 1, grantedExpired: 1 };
    expect(found([held(10, 40), held(20, 30, { validUntilNs: 19 })])).toEqual(expired);
    expect(found([held(10, 40), held(20, 30, { validUntilNs: 20 })])).toEqual(expired);
    expect(found([held(20, 30, { validUntilNs: 20 })])).toEqual({ ...nothing, held: 1, grantedExpired: 1 });
  });
});

describe('the order of reports', () => {
  it('lets a hold wait until every source has passed its release', () => {
    const intervals = checker({ sources: 2 });
    intervals.add(0, held(10, 20));
    intervals.advance(0, 100);
    expect(intervals.drain().held).toBe(0);
    intervals.advance(1, 20);
    expect(intervals.drain().held).toBe(0);
    intervals.advance(1, 21);
    expect(intervals.drain().held).toBe(1);
    expect(intervals.drain()).toEqual(nothing);
  });

  it('waits no longer for a source that has ended, and is not set back', () => {
    const intervals = checker({ sources: 2 });
    intervals.add(0, held(10, 20));
    intervals.end(1);
    intervals.advance(1, 5);
    intervals.advance(0, 30);
    expect(intervals.drain().held).toBe(1);
  });

  it('says so when a hold comes that its source had ruled out, and still checks its promise', () => {
    const intervals = checker({ sources: 2 });
    intervals.add(0, held(10, 20, { holder: 1 }));
    intervals.advance(0, 50);
    intervals.advance(1, 30);
    expect(intervals.add(1, held(30, 40))).toBe('accepted');
    // Behind its own watermark, but not yet behind that of all.
    expect(intervals.add(0, held(41, 45))).toBe('late');
    expect(intervals.add(0, held(18, 25, { holder: 2 }))).toBe('late');
    // It began before another was released; whether it ended before that one began is no longer known.
    expect(intervals.add(0, held(5, 9))).toBe('late');
    intervals.end(0);
    intervals.end(1);
    expect(intervals.add(1, held(60, 70))).toBe('late');
    expect(intervals.drain()).toMatchObject({
      held: 6,
      contractCount: 1,
      overruns: 0,
      unchecked: 0,
      contract: [{ holder: 'client 1', intruder: 'client 2' }],
    });
  });

  it('sees who overran after one that came late', () => {
    const intervals = checker();
    intervals.add(0, held(10, 40, { validUntilNs: 20 }));
    intervals.advance(0, 50);
    intervals.add(0, held(1, 5));
    intervals.add(0, held(30, 60));
    intervals.end(0);
    expect(intervals.drain()).toEqual({ ...nothing, held: 3, overruns: 1 });
  });

  it('keeps no hold that it was given: the object may be reused', () => {
    const intervals = checker();
    const reused = { keyIndex: 0, holder: 1, grantedNs: 10, releaseInvokedNs: 30, validUntilNs: 30 };
    intervals.add(0, reused);
    Object.assign(reused, { holder: 2, grantedNs: 20, releaseInvokedNs: 40, validUntilNs: 40 });
    intervals.add(0, reused);
    intervals.end(0);
    expect(intervals.drain().contract).toMatchObject([{ holder: 'client 1', intruder: 'client 2' }]);
  });

  it.each([-1, 2, 0.5, NaN])('knows no source %d of two', (source) => {
    const intervals = checker({ sources: 2 });
    expect(() => intervals.add(source, held(1, 2))).toThrow(RangeError);
    expect(() => intervals.advance(source, 1)).toThrow(RangeError);
    expect(() => intervals.end(source)).toThrow(/expected a whole number below 2/);
  });
});

describe('what cannot be checked', () => {
  it.each([
    ['it was released before it was granted', held(20, 19)],
    ['a stamp is no number', held(NaN, 20)],
    ['it never ended', held(10, Infinity)],
    ['its promise is no number', held(10, 20, { validUntilNs: NaN })],
    ['its key is none of the run', held(10, 20, { keyIndex: KEYS })],
    ['its key is no whole number', held(10, 20, { keyIndex: 0.5 })],
  ])('refuses a hold when %s', (_, hold) => {
    const intervals = checker();
    expect(intervals.add(0, hold)).toBe('refused');
    intervals.end(0);
    expect(intervals.drain()).toEqual({ ...nothing, unchecked: 1 });
  });

  it('refuses a hold when too many wait', () => {
    const intervals = checker({ mostWaiting: 2 });
    expect(intervals.add(0, held(10, 20))).toBe('accepted');
    expect(intervals.add(0, held(20, 30))).toBe('accepted');
    expect(intervals.add(0, held(30, 40))).toBe('refused');
    intervals.advance(0, 25);
    expect(intervals.add(0, held(40, 50))).toBe('accepted');
    intervals.end(0);
    expect(intervals.drain()).toEqual({ ...nothing, held: 3, unchecked: 1 });
  });

  it('does not judge a holder whose promise ended before anything that is still kept', () => {
    const holds = [held(10, 12), held(20, 22), held(30, 32), held(40, 42)];
    const overrunner = held(13, 50, { validUntilNs: 15 });
    expect(found([...holds, overrunner], { mostKept: 4 })).toEqual({ ...nothing, held: 5, overruns: 1 });
    expect(found([...holds, overrunner], { mostKept: 2 })).toEqual({ ...nothing, held: 4, unchecked: 1 });
  });

  it('does not judge a holder that overran past ten thousand promises', () => {
    const promises = (count: number): Hold[] => Array.from({ length: count }, (_, i) => held(20 + 2 * i, 21 + 2 * i));
    const overrunner = held(13, 1e6, { validUntilNs: 15 });
    const options = { mostWaiting: 20_000, mostKept: 20_000 };
    expect(found([...promises(10_000), overrunner], options)).toMatchObject({ held: 10_001, overruns: 1 });
    expect(found([...promises(10_001), overrunner], options)).toEqual({ ...nothing, held: 10_001, unchecked: 1 });
  });

  it('judges it all the same where it overlaps the last that was forgotten', () => {
    const holds = [held(10, 12, { holder: 1 }), held(20, 22, { holder: 2 }), held(30, 32), held(40, 42)];
    const overrunner = held(13, 50, { holder: 3, validUntilNs: 21 });
    expect(found([...holds, overrunner], { mostKept: 2 })).toMatchObject({
      held: 5,
      contractCount: 1,
      contract: [{ holder: 'client 3', intruder: 'client 2', atNs: 20, promiseLeftNs: 1 }],
    });
  });

  it('remembers of those forgotten the promise that ended last, not the one that was released last', () => {
    const longest = held(20, 40, { holder: 1 });
    const overrunners = [held(10, 41, { validUntilNs: 12 }), held(12, 42, { validUntilNs: 14 })];
    const intruder = held(30, 50, { holder: 2 });
    for (const mostKept of [1, 2]) {
      expect(found([longest, ...overrunners, intruder], { mostKept })).toMatchObject({
        contractCount: 1,
        contract: [{ holder: 'client 1', intruder: 'client 2' }],
      });
    }
  });

  it('knows who held a key that others have long driven out', () => {
    const others = Array.from({ length: 9 }, (_, i) => held(20 + i, 21 + i, { keyIndex: 1 }));
    const { contract } = found([held(10, 12, { holder: 1 }), ...others, held(11, 50, { holder: 2 })], { mostKept: 2 });
    expect(contract).toMatchObject([{ keyIndex: 0, holder: 'client 1', intruder: 'client 2', atNs: 11 }]);
  });
});
