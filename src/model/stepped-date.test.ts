import { describe, expect, it } from 'vitest';
import { SteppedDate } from './stepped-date.js';

const HOUR_MS = 3_600_000;

/** A `Date` of the test's own, whose true time stands still. */
function frozenDate(nowMs: number): DateConstructor {
  return class extends Date {
    static override now(): number {
      return nowMs;
    }
  } as DateConstructor;
}

describe('a stepped Date', () => {
  it('tells the true time until it is stepped, and again when it is healed', () => {
    const globals = { Date: frozenDate(5 * HOUR_MS) };
    const stepped = new SteppedDate(globals);
    expect([globals.Date.now(), new globals.Date().getTime()]).toEqual([5 * HOUR_MS, 5 * HOUR_MS]);
    expect(stepped.step(-HOUR_MS)).toBe(-HOUR_MS);
    expect([globals.Date.now(), new globals.Date().getTime()]).toEqual([4 * HOUR_MS, 4 * HOUR_MS]);
    expect(Date.parse((globals.Date as unknown as () => string)())).toBe(4 * HOUR_MS);
    expect(stepped.step(0)).toBe(HOUR_MS);
    expect(globals.Date.now()).toBe(5 * HOUR_MS);
  });

  it('reaches whoever has kept a reference to the old one', () => {
    const kept = frozenDate(5 * HOUR_MS);
    const stepped = new SteppedDate({ Date: kept });
    stepped.step(HOUR_MS);
    expect(kept.now()).toBe(6 * HOUR_MS);
  });

  it('changes nothing but what reads the clock', () => {
    const globals = { Date: frozenDate(0) };
    new SteppedDate(globals).step(HOUR_MS);
    expect(new globals.Date(7).getTime()).toBe(7);
    expect(new globals.Date(2_000, 0, 1)).toEqual(new Date(2_000, 0, 1));
    expect(globals.Date.UTC(2_000, 0)).toBe(Date.UTC(2_000, 0));
    expect(new globals.Date()).toBeInstanceOf(globals.Date);
    expect(new globals.Date()).toBeInstanceOf(Date);
  });
});
