import { describe, expect, it } from 'vitest';
import { seededRandom } from '../model/random.js';
import { msToNs, sToNs, type Ns } from '../model/time.js';
import { burstPacer, constantPacer, poissonPacer, stripedPacer, type Pacer } from './pacer.js';

const span = { startNs: sToNs(100), endNs: sToNs(110) };

function startsOf(pacer: Pacer): Ns[] {
  const starts: Ns[] = [];
  for (let start = pacer.next(); start !== undefined; start = pacer.next()) starts.push(start);
  return starts;
}

describe('constantPacer', () => {
  it('offers exactly rate × time, evenly, from the first instant on', () => {
    const starts = startsOf(constantPacer(span, 500));
    expect(starts).toHaveLength(5_000);
    expect(starts[0]).toBe(span.startNs);
    expect(starts[4_999]).toBe(span.startNs + msToNs(9_998));
  });

  it('gathers no rounding over a rate that does not divide a second', () => {
    const starts = startsOf(constantPacer(span, 333));
    expect(starts).toHaveLength(3_330);
    expect(starts[3_329]).toBeCloseTo(span.startNs + sToNs(3_329 / 333), -1);
  });
});

describe('poissonPacer', () => {
  it('offers the rate on average, with the scatter of a Poisson process and all within the span', () => {
    const starts = startsOf(poissonPacer(span, 1_000, seededRandom(5)));
    // Five standard deviations of a Poisson count of 10,000; the seed is fixed.
    expect(Math.abs(starts.length - 10_000)).toBeLessThan(500);
    expect(starts.every((start) => start >= span.startNs && start < span.endNs)).toBe(true);
    const gaps = starts.slice(1).map((start, index) => start - (starts[index] ?? 0));
    const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length;
    const deviation = Math.sqrt(gaps.reduce((sum, gap) => sum + (gap - mean) ** 2, 0) / gaps.length);
    expect(deviation / mean).toBeCloseTo(1, 1);
  });
});

describe('burstPacer', () => {
  const constantBursts = (): Pacer => burstPacer(4, 100, (perSecond) => constantPacer(span, perSecond));

  it('keeps the rate in operations: a fourth of the instants, four starts at each', () => {
    const starts = startsOf(constantBursts());
    expect(starts).toHaveLength(1_000);
    expect(starts.slice(0, 5)).toEqual([0, 0, 0, 0, 40].map((ms) => span.startNs + msToNs(ms)));
  });

  it('bursts at the random instants of a Poisson schedule too, the same for the same seed', () => {
    const bursts = (seed: number): Ns[] =>
      startsOf(burstPacer(3, 900, (perSecond) => poissonPacer(span, perSecond, seededRandom(seed))));
    const instants = startsOf(poissonPacer(span, 300, seededRandom(5)));
    expect(bursts(5)).toEqual(instants.flatMap((instant) => [instant, instant, instant]));
    expect(bursts(6)).not.toEqual(bursts(5));
  });

  it('gives each of as many workers one start of every burst', () => {
    const stripes = [0, 1, 2, 3].map((shard) => startsOf(stripedPacer(constantBursts(), shard, 4)));
    const instants = startsOf(constantPacer(span, 25));
    expect(stripes).toEqual([instants, instants, instants, instants]);
  });

  it('goes on giving nothing when it is over', () => {
    const pacer = burstPacer(2, 1, (perSecond) => constantPacer({ startNs: 0, endNs: 1 }, perSecond));
    expect([pacer.next(), pacer.next(), pacer.next(), pacer.next()]).toEqual([0, 0, undefined, undefined]);
  });
});

describe('stripedPacer', () => {
  it.each([
    ['constant', () => constantPacer(span, 333)],
    ['poisson', () => poissonPacer(span, 333, seededRandom(9))],
  ])('splits a %s schedule so that the shards together are the whole, start by start', (_, schedule) => {
    const whole = startsOf(schedule());
    for (const shards of [1, 2, 3, 7]) {
      const parts = Array.from({ length: shards }, (__, shard) => startsOf(stripedPacer(schedule(), shard, shards)));
      expect(parts.flat().sort((a, b) => a - b)).toEqual(whole);
      const sizes = parts.map((part) => part.length);
      expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
    }
  });
});
