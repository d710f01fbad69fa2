import type { NamedScenario } from './named-scenario.js';

const ttlMs = 600;
const roundTripMs = 90;

/**
 * Every holder obeys its lease and releases late. After the request the key lives for 1/2 trip + ttl; GET arrives after
 * 3/2 trips + hold, DEL a trip later. So a release that looks and then deletes looks 3/4 of a trip before the key is gone
 * and deletes 1/4 after it: more before it than after it, because everything is late on a busy machine.
 */
export const slowRelease: NamedScenario = {
  name: 'slow-release',
  description: 'releases that take 90 ms near the end of the ttl: the key can change hands between a look and a DEL',
  runs: [
    {
      name: 'slow-release',
      lock: 'get-then-del',
      masters: 1,
      rtt: [[{ roundTripMs, jitterMs: 0 }]],
      keys: { kind: 'single' },
      concurrency: 16,
      ttlMs,
      nodeTimeoutMs: ttlMs / 5,
      hold: { kind: 'constant', meanMs: ttlMs - 1.75 * roundTripMs },
      retryDelayMs: 1,
      retryJitterMs: 4,
    },
  ],
};
