import type { NamedScenario } from './named-scenario.js';

const near = { roundTripMs: 2, jitterMs: 0 };
const far = { roundTripMs: 80, jitterMs: 0 };
/** So long that a burst has given up before the next one begins. */
const acquireTimeoutMs = 1_000;

/** Each contender is first at the master next to it, last at the others, and tries again at the same time as they do. */
export const livelock: NamedScenario = {
  name: 'livelock',
  description: 'three contenders, each near another of three masters, retry in step: split votes until --retry-jitter',
  runs: [
    {
      name: 'livelock',
      masters: 3,
      workers: 3,
      rtt: [
        [near, far, far],
        [far, near, far],
        [far, far, near],
      ],
      keys: { kind: 'single' },
      ratePerSecond: 2,
      arrivals: 'constant',
      burst: 3,
      wakeUp: 'poll',
      nodeTimeoutMs: 4 * far.roundTripMs,
      acquireTimeoutMs,
      retryDelayMs: 20,
      retryJitterMs: 0,
    },
  ],
};
