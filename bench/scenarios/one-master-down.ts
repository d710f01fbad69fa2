import type { NamedScenario } from './named-scenario.js';

/** One of three masters is killed before the load begins: locking must go on with the other two. */
export const oneMasterDown: NamedScenario = {
  name: 'one-master-down',
  description: 'one of three masters is killed before the load begins: the other two must carry on',
  runs: [{ name: 'one-master-down', masters: 3, downMasters: [2], ratePerSecond: 500 }],
};
