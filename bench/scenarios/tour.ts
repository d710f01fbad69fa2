import type { NamedScenario } from './named-scenario.js';

const TOPOLOGIES = [1, 3, 5];
const durationMs = 6_000;

/** What `npm start` runs: one, three and five masters, with a key for each client and with one key for all. */
export const tour: NamedScenario = {
  name: 'tour',
  description: '1, 3 and 5 masters, uncontended and contended, side by side: about a minute',
  runs: TOPOLOGIES.flatMap((masters) => [
    { name: `n${String(masters)}-uncontended`, masters, keys: { kind: 'uncontended' }, concurrency: 16, durationMs },
    {
      name: `n${String(masters)}-contended`,
      masters,
      keys: { kind: 'single' },
      concurrency: 16,
      hold: { kind: 'constant', meanMs: 1 },
      durationMs,
    },
  ]),
};
