import { expect, it } from 'vitest';
import { seededRandom, type Random } from '../model/random.js';
import { drawId } from './setnx-expire-script.js';

const fixed = (value: number): Random => ({ next: () => value });

it('draws one id twice in a second when the small random number comes twice', () => {
  expect(drawId(1_700_000_000, fixed(0.25))).toBe(drawId(1_700_000_000, fixed(0.250_000_01)));
  expect(drawId(1_700_000_000, fixed(0.25))).not.toBe(drawId(1_700_000_000, fixed(0.250_000_2)));
  expect(drawId(1_700_000_000, fixed(0.25))).not.toBe(drawId(1_700_000_001, fixed(0.25)));
});

it('shares ids among twenty thousand clients of one second', () => {
  const random = seededRandom(1);
  const ids = new Set(Array.from({ length: 20_000 }, () => drawId(1_700_000_000, random)));
  // n²/2 pairs over 10^7 ids: twenty are expected to meet.
  expect(20_000 - ids.size).toBeGreaterThan(5);
  expect(20_000 - ids.size).toBeLessThan(50);
});
