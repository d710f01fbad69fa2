import type { NamedScenario } from './named-scenario.js';

/** A worker dies while it holds the one key that all want: the ttl must give it to the others, and without one nothing does. */
export const killedHolder: NamedScenario = {
  name: 'killed-holder',
  description: 'a worker dies while it holds the only key: without a ttl nobody ever acquires again',
  runs: [
    {
      name: 'killed-holder',
      lock: 'setnx',
      masters: 1,
      keys: { kind: 'single' },
      concurrency: 8,
      workers: 2,
      killedWorkers: [{ worker: 2, while: 'holding' }],
      ttlMs: 1_000,
      hold: { kind: 'constant', meanMs: 50 },
    },
  ],
};
