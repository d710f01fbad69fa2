/**
 * When operations should begin: an open loop's schedule, which no slow answer ever moves.
 *
 * @module
 */
import { randomExponential, type Random } from '../model/random.js';
import { sToNs, type Ns } from '../model/time.js';

/** A schedule: the next intended start, or undefined when it is over. A closed loop has no pacer. */
export interface Pacer {
  next(): Ns | undefined;
}

/** The span in which a schedule has starts: from `startNs` on, before `endNs`. */
export interface Span {
  readonly startNs: Ns;
  readonly endNs: Ns;
}

/** Evenly spaced starts: the i-th at startNs + i / rate, computed from i so that no rounding adds up. */
export function constantPacer(span: Span, ratePerSecond: number): Pacer {
  let index = 0;
  return {
    next: () => {
      const intendedNs = span.startNs + sToNs(index / ratePerSecond);
      if (intendedNs >= span.endNs) return undefined;
      index++;
      return intendedNs;
    },
  };
}

/** A Poisson process: independent users, exponential gaps with mean 1 / rate. */
export function poissonPacer(span: Span, ratePerSecond: number, random: Random): Pacer {
  const meanGapNs = sToNs(1 / ratePerSecond);
  let intendedNs = span.startNs;
  return {
    next: () => {
      intendedNs += randomExponential(random, meanGapNs);
      return intendedNs < span.endNs ? intendedNs : undefined;
    },
  };
}

/**
 * Several starts at each instant of a schedule: clients that all wake up at once. `paceOf` makes the schedule of the
 * bursts, which come at the rate of the operations over the size of a burst.
 */
export function burstPacer(burst: number, ratePerSecond: number, paceOf: (burstsPerSecond: number) => Pacer): Pacer {
  const bursts = paceOf(ratePerSecond / burst);
  let left = 0;
  let intendedNs: Ns | undefined;
  return {
    next: () => {
      if (left === 0) {
        intendedNs = bursts.next();
        left = burst;
      }
      left--;
      return intendedNs;
    },
  };
}

/**
 * Every `shards`-th start of a schedule, from the `shard`-th on.
 *
 * Each shard walks the whole schedule from the same seed and keeps its stripe. So the shards together offer exactly
 * the schedule, to the last start, and a seed means the same arrivals whatever the number of workers.
 */
export function stripedPacer(pacer: Pacer, shard: number, shards: number): Pacer {
  let index = -1;
  return {
    next: () => {
      for (;;) {
        const intendedNs = pacer.next();
        if (intendedNs === undefined) return undefined;
        index++;
        if (index % shards === shard) return intendedNs;
      }
    },
  };
}
