import type { NamedScenario } from './named-scenario.js';

/** One key for all, held for a millisecond: what waiting costs, and who gets how much of it. */
export const contended: NamedScenario = {
  name: 'contended',
  description: '16 clients want one key and hold it for 1 ms: waiting, handoff and fairness',
  runs: [{ name: 'contended', keys: { kind: 'single' }, concurrency: 16, hold: { kind: 'constant', meanMs: 1 } }],
};
