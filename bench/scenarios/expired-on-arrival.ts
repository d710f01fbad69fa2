import type { NamedScenario } from './named-scenario.js';

const ttlMs = 1_000;
const nodeTimeoutMs = ttlMs / 5;

/**
 * Each round trip is well within the node timeout, and seven of them in turn are longer than the ttl. Five would be just
 * as long at the most: the node timeout is a fifth of the ttl.
 */
export const expiredOnArrival: NamedScenario = {
  name: 'expired-on-arrival',
  description: 'seven masters so far away that asking them in turn takes longer than the ttl: none may be granted',
  runs: [
    {
      name: 'expired-on-arrival',
      lock: 'redlock-sequential',
      masters: 7,
      rtt: [[{ roundTripMs: 0.8 * nodeTimeoutMs, jitterMs: 0 }]],
      concurrency: 8,
      ttlMs,
      nodeTimeoutMs,
      acquireTimeoutMs: 0,
    },
  ],
};
