import { msToS } from '../../src/model/time.js';
import { lockFactor, type ComparePreset } from './compare-preset.js';

const NEAR_MS = 1;
/** Far enough that starts a few milliseconds apart, as a busy machine makes them, still split the vote. */
const FAR_MS = 20;
const ZONES = 3;
const MS_BETWEEN_VOLLEYS = 2_500;

/**
 * The forced split: three contenders, each next to another master, begin at the same instant, so that each gets one
 * vote of three and nobody a quorum. What counts is how they get out of it.
 */
export const threeZones: ComparePreset = {
  name: 'three-zones',
  description: 'three contenders begin at once, each near another of three masters: the forced split vote',
  base: {
    masters: ZONES,
    rtt: Array.from({ length: ZONES }, (_, zone) =>
      Array.from({ length: ZONES }, (_, master) => ({
        roundTripMs: master === zone ? NEAR_MS : FAR_MS,
        jitterMs: 0,
      })),
    ),
    workers: ZONES,
    keys: { kind: 'single' },
    hold: { kind: 'constant', meanMs: 5 },
    ratePerSecond: ZONES / msToS(MS_BETWEEN_VOLLEYS),
    arrivals: 'constant',
    burst: ZONES,
    inFlight: 30,
    // The first volley is everybody's slowest: connections, scripts and compilers are cold.
    warmupMs: MS_BETWEEN_VOLLEYS,
    // Whoever has waited so long has lost: the next volley must not meet this one.
    acquireTimeoutMs: 2_000,
    durationMs: 20_000,
  },
  factors: [
    lockFactor(
      'redlock',
      'npm:redlock@4',
      'npm:redlock@5',
      'npm:@sesamecare-oss/redlock',
      'npm:redis-semaphore',
      'npm:redlock-universal',
    ),
  ],
  rounds: 7,
};
