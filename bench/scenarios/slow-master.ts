import type { NamedScenario } from './named-scenario.js';

const nearMs = 1;
const farMs = 50;
const near = { roundTripMs: nearMs, jitterMs: 0 };

/** One of five masters is far away: the quorum should not wait for it. */
export const slowMaster: NamedScenario = {
  name: 'slow-master',
  description:
    'five masters behind 1 ms, one of them 50 ms away: the quorum should answer at the speed of the near ones',
  runs: [
    {
      name: 'slow-master',
      masters: 5,
      rtt: [[near, near, near, near, { roundTripMs: farMs, jitterMs: 0 }]],
      ratePerSecond: 200,
    },
  ],
};
