import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { msToNs } from '../model/time.js';
import type { CountedOf, TunePoint } from '../model/tuning.js';
import { wilson } from './proportion.js';
import { chooseRetry, chooseTimeout, chooseTtl, markFrontier, spreadOf, timeoutObjectives } from './tune-rules.js';
import { tunePoint } from './tune.fixture.js';

const anyPoint: fc.Arbitrary<TunePoint> = fc
  .record({
    operations: fc.integer({ min: 1, max: 10_000 }),
    lost: fc.integer({ min: 0, max: 50 }),
    p99Ms: fc.integer({ min: 1, max: 200 }),
    nodeTimeoutMs: fc.integer({ min: 1, max: 500 }),
    leftOut: fc.constantFrom(null, null, null, 'invalid'),
  })
  .map(({ lost, ...given }) => tunePoint({ ...given, granted: Math.max(0, given.operations - lost) }));

describe('the recommended per-node timeout', () => {
  it('does not wait for a master that buys no success', () => {
    const points = [
      tunePoint({ nodeTimeoutMs: 3, granted: 4_200, p99Ms: 2.9 }),
      tunePoint({ nodeTimeoutMs: 40, granted: 5_999, p99Ms: 35 }),
      // By chance much faster: that is no reason to wait for longer.
      tunePoint({ nodeTimeoutMs: 82, granted: 6_000, p99Ms: 25 }),
      tunePoint({ nodeTimeoutMs: 330, granted: 6_000, p99Ms: 36 }),
    ];
    expect(chooseTimeout(points, 0.999)).toBe(1);
  });

  it('waits for longer where that buys success beyond the noise, even if no timeout reaches the target', () => {
    const points = [
      tunePoint({ nodeTimeoutMs: 40, granted: 5_700, p99Ms: 35 }),
      tunePoint({ nodeTimeoutMs: 82, granted: 5_900, p99Ms: 60 }),
      tunePoint({ nodeTimeoutMs: 330, granted: 5_905, p99Ms: 62 }),
    ];
    expect(chooseTimeout(points, 0.999)).toBe(1);
  });

  it('does not wait for a far master because of two lost attempts, though only the far one surely reaches the target', () => {
    const points = [
      tunePoint({ nodeTimeoutMs: 10, granted: 5_700 }),
      tunePoint({ nodeTimeoutMs: 40, granted: 5_998 }),
      tunePoint({ nodeTimeoutMs: 82, granted: 6_000 }),
    ];
    expect(points.map(({ success }) => success.low >= 0.999)).toEqual([false, false, true]);
    expect(chooseTimeout(points, 0.999)).toBe(1);
  });

  it('does not wait for more success than was asked for', () => {
    const points = [
      tunePoint({ nodeTimeoutMs: 10, granted: 5_700 }),
      tunePoint({ nodeTimeoutMs: 40, granted: 5_970 }),
      tunePoint({ nodeTimeoutMs: 82, granted: 6_000 }),
    ];
    expect(chooseTimeout(points, 0.99)).toBe(1);
    // A longer one surely gives what was asked; 99.83 % counted are less than that.
    const short = [tunePoint({ nodeTimeoutMs: 40, granted: 5_990 }), tunePoint({ nodeTimeoutMs: 82, granted: 6_000 })];
    expect(chooseTimeout(short, 0.999)).toBe(1);
  });

  it('is never one that the lock broke with', () => {
    const points = [
      tunePoint({ nodeTimeoutMs: 40, contractCount: 1 }),
      tunePoint({ nodeTimeoutMs: 50, safety: 'violation' }),
      tunePoint({ nodeTimeoutMs: 82 }),
    ];
    expect(chooseTimeout(points, 0.999)).toBe(2);
    expect(chooseTimeout(points.slice(0, 2), 0.999)).toBeNull();
  });

  it('is none where nothing was acquired or no run counts', () => {
    expect(chooseTimeout([], 0.999)).toBeNull();
    expect(chooseTimeout([tunePoint({ granted: 0 }), tunePoint({ leftOut: 'invalid' })], 0.999)).toBeNull();
  });

  it('is never surely beaten where it is less than was asked, nor by a shorter one that is as good', () => {
    fc.assert(
      fc.property(fc.array(anyPoint, { minLength: 1, maxLength: 8 }), (points) => {
        const place = chooseTimeout(points, 0.99);
        const chosen = place === null ? undefined : points[place];
        const candidates = points.filter(({ leftOut, success }) => leftOut === null && success.share > 0);
        expect(chosen === undefined).toBe(candidates.length === 0);
        if (chosen === undefined) return;
        expect(chosen.leftOut).toBeNull();
        for (const other of candidates) {
          const isSurer = other.success.low > chosen.success.high;
          expect(isSurer && chosen.success.share < 0.99).toBe(false);
          const isAsGood =
            other.success.share >= chosen.success.share &&
            other.success.low >= chosen.success.low &&
            other.success.high >= chosen.success.high;
          expect(isAsGood && other.settings.nodeTimeoutMs < chosen.settings.nodeTimeoutMs).toBe(false);
        }
      }),
    );
  });
});

describe('the frontier', () => {
  it('holds the points that none is better than in both objectives', () => {
    const points = [
      tunePoint({ granted: 5_000, p99Ms: 5 }),
      tunePoint({ granted: 4_000, p99Ms: 9 }),
      tunePoint({ granted: 6_000, p99Ms: 30 }),
      tunePoint({ granted: 6_000, p99Ms: 1, leftOut: 'invalid' }),
      tunePoint({ granted: 6_000, p99Ms: 1, contractCount: 1 }),
      tunePoint({ granted: 0, p99Ms: 0 }),
      tunePoint({ granted: 99, p99Ms: 0.5 }),
    ];
    expect(markFrontier(points, timeoutObjectives).map(({ isOnFrontier }) => isOnFrontier)).toEqual([
      true,
      false,
      true,
      false,
      false,
      false,
      false,
    ]);
  });
});

describe('the recommended wait before a retry', () => {
  const now = tunePoint({ p99Ms: 100, attempts: 2 });

  it('is the one that saves most of waiting and attempts together', () => {
    const points = [now, tunePoint({ p99Ms: 50, attempts: 2 }), tunePoint({ p99Ms: 60, attempts: 1.2 })];
    expect(chooseRetry(points, 0, 0)).toBe(2);
  });

  it('stays as it is where the data show no difference beyond the noise', () => {
    const points = [now, tunePoint({ p99Ms: 95, attempts: 2 }), tunePoint({ p99Ms: 70, attempts: 3 })];
    expect(chooseRetry(points, 0, 0)).toBeNull();
    expect(chooseRetry([now, tunePoint({ p99Ms: 80, attempts: 2 })], 0, 0.3)).toBeNull();
  });

  it('needs three runs and a hundred grants of both, and no broken lock', () => {
    const better = { p99Ms: 50, attempts: 2 };
    expect(chooseRetry([now, tunePoint(better)], 0, 0)).toBe(1);
    for (const given of [{ runs: 2 }, { granted: 0, p99Ms: 0 }, { granted: 99 }, { contractCount: 1 }]) {
      expect(chooseRetry([now, tunePoint({ ...better, ...given })], 0, 0)).toBeNull();
      expect(chooseRetry([tunePoint({ p99Ms: 100, attempts: 2, ...given }), tunePoint(better)], 0, 0)).toBeNull();
    }
  });

  it('is none where what is set now was not measured', () => {
    expect(chooseRetry([tunePoint({ leftOut: 'invalid' }), tunePoint({ p99Ms: 1 })], 0, 0)).toBeNull();
  });
});

function outlived(count: number): CountedOf {
  return { ...wilson(count, 6_000), of: 6_000 };
}

describe('the recommended ttl', () => {
  const points = [
    tunePoint({ ttlMs: 200, outlived: outlived(60), validityLeftP1Ms: 150 }),
    tunePoint({ ttlMs: 400, outlived: outlived(1), validityLeftP1Ms: 350 }),
    tunePoint({ ttlMs: 800, outlived: outlived(0), validityLeftP1Ms: 750 }),
  ];

  it('is the shortest that hardly any hold outlives, and that twice the longest usual hold fits into', () => {
    expect(chooseTtl(points, msToNs(100))).toBe(1);
    expect(chooseTtl(points, msToNs(300))).toBe(2);
    expect(chooseTtl(points, msToNs(500))).toBeNull();
  });

  it('counts the high end where there are holds enough to show it, and the share where there are not', () => {
    // 3 of 6,000 are 0.05 %, and at most 0.15 %.
    expect(chooseTtl([tunePoint({ outlived: outlived(3) })], msToNs(100))).toBeNull();
    const few = { ...wilson(0, 3_000), of: 3_000 };
    expect(few.high).toBeGreaterThan(0.001);
    expect(chooseTtl([tunePoint({ outlived: few })], msToNs(100))).toBe(0);
  });

  it('is none with which the lock broke, or of which nothing was held or granted', () => {
    const unfit = [{ contractCount: 1 }, { safety: 'violation' }, { outlived: null }, { operations: 99 }] as const;
    for (const given of unfit) expect(chooseTtl([tunePoint(given)], msToNs(100))).toBeNull();
  });
});

it('takes the largest scatter of a figure over rounds, as a share of its middle', () => {
  expect(spreadOf([[100, 121], [5]])).toBeCloseTo(0.1, 10);
  expect(spreadOf([[], [0, 1]])).toBe(0);
});
