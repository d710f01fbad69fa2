import { expect, it } from 'vitest';
import { seededRandom, type Random } from '../model/random.js';
import { drawBackoffMs } from './backoff.js';

const BACKOFF = { retryDelayMs: 5, retryJitterMs: 80 };
const always = (value: number): Random => ({ next: () => value });

it('ramps the random part up over the first retries and keeps the fixed part', () => {
  const longest = [0, 1, 2, 3, 4, 60].map((retry) => drawBackoffMs(BACKOFF, retry, always(1)));
  expect(longest).toEqual([15, 25, 45, 85, 85, 85]);
  expect(drawBackoffMs(BACKOFF, 3, always(0))).toBe(5);
});

it('stays finite after more retries than a double has exponents', () => {
  expect(drawBackoffMs(BACKOFF, 5_000, always(0.5))).toBe(45);
});

it('pitfall 3: spreads its waits over the whole range', () => {
  const random = seededRandom(7);
  const waits = Array.from({ length: 4_000 }, () => drawBackoffMs(BACKOFF, 9, random));
  const tenths = Array.from({ length: 10 }, (_, i) => waits.filter((ms) => Math.floor((ms - 5) / 8) === i).length);
  // 400 expected in each; the binomial deviation is 19, so five of them are left to chance.
  for (const tenth of tenths) expect(Math.abs(tenth - 400)).toBeLessThan(95);
});
