/**
 * The named scenarios that `run NAME` knows.
 *
 * @module
 */
import { contended } from '../../bench/scenarios/contended.js';
import { expiredOnArrival } from '../../bench/scenarios/expired-on-arrival.js';
import { killedAcquirer } from '../../bench/scenarios/killed-acquirer.js';
import { killedHolder } from '../../bench/scenarios/killed-holder.js';
import { livelock } from '../../bench/scenarios/livelock.js';
import { mixedZipf } from '../../bench/scenarios/mixed-zipf.js';
import type { NamedScenario } from '../../bench/scenarios/named-scenario.js';
import { oneMasterDown } from '../../bench/scenarios/one-master-down.js';
import { rollingRestart } from '../../bench/scenarios/rolling-restart.js';
import { slowMaster } from '../../bench/scenarios/slow-master.js';
import { slowRelease } from '../../bench/scenarios/slow-release.js';
import { staleRelease } from '../../bench/scenarios/stale-release.js';
import { tour } from '../../bench/scenarios/tour.js';
import { uncontended } from '../../bench/scenarios/uncontended.js';
import { UsageError } from '../model/errors.js';

export const NAMED_SCENARIOS: readonly NamedScenario[] = [
  tour,
  uncontended,
  contended,
  mixedZipf,
  slowMaster,
  oneMasterDown,
  rollingRestart,
  livelock,
  expiredOnArrival,
  staleRelease,
  slowRelease,
  killedHolder,
  killedAcquirer,
];

/** Run when nobody names a scenario: the defaults, and whatever the flags say. */
const CUSTOM: NamedScenario = { name: 'custom', description: 'what the flags say', runs: [{ name: 'custom' }] };

/** Whether nobody named this scenario. */
export function isCustom({ name }: { readonly name: string }): boolean {
  return name === CUSTOM.name;
}

/** What work with this scenario is called: its name, or the usual one where nobody named it. */
export function titleOf(named: NamedScenario, usual: string): string {
  return isCustom(named) ? usual : named.name;
}

/**
 * Finds a scenario by its name.
 *
 * @throws UsageError when there is none
 */
export function findScenario(name: string | undefined): NamedScenario {
  if (name === undefined) return CUSTOM;
  const found = NAMED_SCENARIOS.find((scenario) => scenario.name === name);
  if (found !== undefined) return found;
  const names = NAMED_SCENARIOS.map((scenario) => scenario.name).join(', ');
  throw new UsageError([`run: expected a scenario named ${names}, got "${name}"; leave it out to use flags alone`]);
}
