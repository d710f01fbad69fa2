import type { NamedScenario } from './named-scenario.js';

const ttlMs = 50;

/** Holders that often outlive their lease, and what their late release does to whoever holds the key by then. */
export const staleRelease: NamedScenario = {
  name: 'stale-release',
  description: 'holds that often outlive the ttl: a late release must not delete the lock of the next holder',
  runs: [
    {
      name: 'stale-release',
      lock: 'del-on-release',
      masters: 1,
      keys: { kind: 'single' },
      concurrency: 16,
      ttlMs,
      nodeTimeoutMs: ttlMs / 5,
      hold: { kind: 'exponential', meanMs: 40 },
      allowOverrun: true,
      // Asked for often, so that a lock that is free by mistake is taken before its holder is done.
      retryDelayMs: 1,
      retryJitterMs: 4,
    },
  ],
};
