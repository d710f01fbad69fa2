import { describe, expect, it } from 'vitest';
import { Histogram } from '../model/histogram.js';
import { seededRandom } from '../model/random.js';
import { msToNs, nsToMs } from '../model/time.js';
import { spectrumOf } from './tune-evidence.js';
import { predictTimeout } from './tune-prediction.js';

/** Masters whose round trips are uniform between these. */
const RANGES_MS: readonly (readonly [number, number])[] = [
  [1, 3],
  [1, 3],
  [2, 6],
  [28, 32],
  [70, 90],
];
const FAILING = 0.1;

const random = seededRandom(3);
const draw = ([least, most]: readonly [number, number]): number => least + random.next() * (most - least);

const roundTrips = RANGES_MS.map((range) => {
  const histogram = new Histogram();
  for (let record = 0; record < 20_000; record++) histogram.recordNs(msToNs(draw(range)));
  return spectrumOf(histogram);
});

/** The same by chance: draws a state and a round trip for each master, and takes the third. */
function simulate(timeoutMs: number, trials: number): { success: number; p50Ms: number; p99Ms: number } {
  const granted: number[] = [];
  for (let trial = 0; trial < trials; trial++) {
    const state = random.next();
    const out = state < FAILING * RANGES_MS.length ? Math.floor(state / FAILING) : -1;
    const answers = RANGES_MS.map((range, master) => (master === out ? Infinity : draw(range))).sort((a, b) => a - b);
    const third = answers[2] ?? Infinity;
    if (third <= timeoutMs) granted.push(third);
  }
  granted.sort((a, b) => a - b);
  const at = (share: number): number => granted[Math.floor(share * granted.length)] ?? NaN;
  return { success: granted.length / trials, p50Ms: at(0.5), p99Ms: at(0.99) };
}

describe('the prediction of a per-node timeout', () => {
  it.each([4, 20, 29, 31, 50, 95])('agrees with a simulation at %d ms', (timeoutMs) => {
    const predicted = predictTimeout({ roundTrips, failingShare: FAILING }, timeoutMs);
    const simulated = simulate(timeoutMs, 100_000);
    expect(predicted.success).toBeCloseTo(simulated.success, 2);
    expect(Math.abs(nsToMs(predicted.p50Ns ?? NaN) - simulated.p50Ms)).toBeLessThan(0.1);
    expect(Math.abs(nsToMs(predicted.p99Ns ?? NaN) / simulated.p99Ms - 1)).toBeLessThan(0.02);
  });

  it('needs no far master as long as no near one fails', () => {
    expect(predictTimeout({ roundTrips, failingShare: 0 }, 10).success).toBe(1);
    // A near one of three is out of reach 30 % of the time, and the fourth comes after 28 ms.
    expect(predictTimeout({ roundTrips, failingShare: FAILING }, 20).success).toBeCloseTo(0.7, 3);
    expect(predictTimeout({ roundTrips, failingShare: FAILING }, 40).success).toBeCloseTo(1, 6);
  });
});

it('predicts no time where nothing is granted', () => {
  expect(predictTimeout({ roundTrips, failingShare: FAILING }, 0.5)).toEqual({ success: 0, p50Ns: null, p99Ns: null });
});

it('reads shares from a histogram to a thousandth, and finer in its tail', () => {
  const histogram = new Histogram();
  for (let value = 1; value <= 1_000; value++) histogram.record(value);
  const spectrum = spectrumOf(histogram);
  for (const value of [1, 250, 500, 990, 999, 1_000]) expect(spectrum.shareBy(value)).toBeCloseTo(value / 1_000, 3);
  expect(spectrum.shareBy(0)).toBe(0);
  expect(spectrumOf(new Histogram()).shareBy(5)).toBe(0);
});
