import { describe, expect, it } from 'vitest';
import { msToNs } from '../model/time.js';
import { leastTtlMs, nearMasters, retryGrid, timeoutGridMs, ttlGridMs } from './tune-grid.js';

const FAR = [0.5, 0.5, 1, 30, 80].map((roundTripMs) => ({ roundTripMs, jitterMs: 0 }));

describe('the per-node timeouts to try', () => {
  it('lie just above each round trip, between them, and a little beyond the longest', () => {
    expect(timeoutGridMs(FAR, 10_000)).toEqual([3, 5, 10, 32, 40, 52, 82, 140]);
  });

  it('leave out what a fifth of the ttl does not allow', () => {
    expect(timeoutGridMs(FAR, 200)).toEqual([3, 5, 10, 32, 40]);
    expect(timeoutGridMs([{ roundTripMs: 100, jitterMs: 0 }], 50)).toEqual([10]);
  });

  it('are not merged into one by round trips in small steps', () => {
    const steps = [10, 13, 16, 20, 25].map((roundTripMs) => ({ roundTripMs, jitterMs: 0 }));
    expect(timeoutGridMs(steps, 10_000)).toEqual(expect.arrayContaining([12, 18, 22, 27]));
    const many = Array.from({ length: 20 }, (_, place) => ({ roundTripMs: 2 ** place / 10, jitterMs: 0 }));
    // The eleventh of twenty makes a quorum, at 102.4 ms; the twelfth is the spare, and the last the far end.
    expect(timeoutGridMs(many, 1_000_000)).toEqual(expect.arrayContaining([110, 210, 53_000]));
  });

  it('cover the jitter, and are never more than eight', () => {
    const alike = new Array<(typeof FAR)[number]>(3).fill({ roundTripMs: 2, jitterMs: 1 });
    expect(timeoutGridMs(alike, 10_000)[0]).toBe(6);
    const all = Array.from({ length: 20 }, (_, place) => ({ roundTripMs: 2 ** place / 100, jitterMs: 0 }));
    expect(timeoutGridMs(all, 1_000_000)).toHaveLength(8);
  });
});

it('tries waits around the time of a quorum, what is set now first', () => {
  const now = { retryDelayMs: 5, retryJitterMs: 45 };
  expect(
    retryGrid(now, msToNs(4), undefined).map(({ retryDelayMs, retryJitterMs }) => [retryDelayMs, retryJitterMs]),
  ).toEqual([
    [5, 45],
    [2, 2],
    [2, 4],
    [2, 8],
    [2, 16],
    [2, 32],
  ]);
  expect(retryGrid(now, msToNs(4), [45, 10])).toEqual([
    now,
    { retryDelayMs: 2, retryJitterMs: 45 },
    { retryDelayMs: 2, retryJitterMs: 10 },
  ]);
  expect(retryGrid(now, msToNs(10), [45])).toEqual([now]);
});

it('tries ttls around twice the longest usual hold, and none that the guard refuses', () => {
  // (2 × 100 + 40 + 2) / 0.99 = 244.4
  expect(leastTtlMs(200, 40)).toBe(250);
  expect(ttlGridMs(100, 40)).toEqual([200, 250, 500]);
  expect(ttlGridMs(1_000, 40)).toEqual(
    [525, 1_050, 2_100, 4_200].map((ms) => Math.ceil(ms / (ms < 1_000 ? 10 : 100)) * (ms < 1_000 ? 10 : 100)),
  );
});

it('counts the masters of the fastest quorum', () => {
  expect(nearMasters(FAR)).toEqual([1, 2, 3]);
  expect(nearMasters([...FAR].reverse())).toEqual([4, 5, 3]);
});
