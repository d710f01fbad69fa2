import type { NamedScenario } from './named-scenario.js';

/** Every client has a key of its own: what a lock costs when nobody else wants it. */
export const uncontended: NamedScenario = {
  name: 'uncontended',
  description: '16 clients, each with a key of its own: the cost of a lock that nobody else wants',
  runs: [{ name: 'uncontended', keys: { kind: 'uncontended' }, concurrency: 16 }],
};
