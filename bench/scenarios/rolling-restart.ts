import type { NamedScenario } from './named-scenario.js';

const MASTERS = [1, 2, 3];
const PERIOD_MS = 3_000;
const DOWN_MS = 1_000;

/** The masters of three are killed and started again one after another, as in an update that hurries. */
export const rollingRestart: NamedScenario = {
  name: 'rolling-restart',
  description: 'each of three masters is killed in turn and comes back after a second: locking must never stop',
  runs: [
    {
      name: 'rolling-restart',
      masters: MASTERS.length,
      keys: { kind: 'uncontended' },
      concurrency: 16,
      faults: MASTERS.map((master, index) => ({
        fault: { kind: 'kill', master },
        atMs: DOWN_MS + index * PERIOD_MS,
        forMs: DOWN_MS,
      })),
    },
  ],
};
