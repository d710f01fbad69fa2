import { lockFactor, type ComparePreset } from './compare-preset.js';

const NEAR_MS = 1;
const FAR_MS = 8;
const ZONES = 3;
const SECONDS_BETWEEN_VOLLEYS = 2.5;

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
    ratePerSecond: ZONES / SECONDS_BETWEEN_VOLLEYS,
    arrivals: 'constant',
    burst: ZONES,
    inFlight: 30,
    warmupMs: 0,
    durationMs: 10_000,
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
  rounds: 8,
};
