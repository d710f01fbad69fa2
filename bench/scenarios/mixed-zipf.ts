import type { NamedScenario } from './named-scenario.js';

/** Independent users on keys of which few are popular: the open loop, whose latencies count from the schedule. */
export const mixedZipf: NamedScenario = {
  name: 'mixed-zipf',
  description: 'open loop, 500 operations/s on 1,000 keys of which few are popular (zipf 0.99), holds around 5 ms',
  runs: [
    {
      name: 'mixed-zipf',
      keys: { kind: 'zipf', keys: 1_000, theta: 0.99 },
      ratePerSecond: 500,
      hold: { kind: 'exponential', meanMs: 5 },
    },
  ],
};
