import type { NamedScenario } from './named-scenario.js';

const roundTripMs = 50;

/** A worker dies while its clients are somewhere between their commands; hold times keep them from walking in step. */
export const killedAcquirer: NamedScenario = {
  name: 'killed-acquirer',
  description: 'a worker dies in the midst of acquiring over 50 ms: a ttl that comes second may never come',
  runs: [
    {
      name: 'killed-acquirer',
      lock: 'setnx-then-expire',
      masters: 1,
      rtt: [[{ roundTripMs, jitterMs: 0 }]],
      keys: { kind: 'uncontended' },
      concurrency: 128,
      workers: 2,
      killedWorkers: [{ worker: 2, while: 'acquiring' }],
      nodeTimeoutMs: 4 * roundTripMs,
      hold: { kind: 'exponential', meanMs: roundTripMs },
    },
  ],
};
