/**
 * Whether a scenario can be run at all, with its lock: asked before anything is started.
 *
 * @module
 */
import { parseThreshold, type Threshold } from './check/thresholds.js';
import { isDriverLock } from './locks/driver-lock.js';
import type { LockAdapter } from './locks/lock-client.js';
import { findAdapter } from './locks/registry.js';
import { UnsupportedError, UsageError } from './model/errors.js';
import { isClientFault } from './model/fault.js';
import { formatThings } from './model/figure-text.js';
import { masterCount, validateScenario, type Scenario } from './model/scenario.js';

interface CheckedScenario {
  readonly adapter: LockAdapter;
  readonly thresholds: readonly Threshold[];
}

/**
 * Refuses an impossible scenario before anything is started, with all its problems.
 *
 * @throws UnsupportedError when the only problem is what the lock cannot do, UsageError for anything else
 */
export async function checkScenario(scenario: Scenario): Promise<CheckedScenario> {
  const problems = validateScenario(scenario);
  const thresholds: Threshold[] = [];
  for (const expression of scenario.thresholds) {
    const threshold = parseThreshold(expression);
    if ('problem' in threshold) problems.push(threshold.problem);
    else thresholds.push(threshold);
  }
  const adapter = await findAdapter(scenario.lock);
  const unsupported = findUnsupported(adapter, scenario);
  if (problems.length > 0) throw new UsageError([...problems, ...unsupported]);
  if (unsupported.length > 0) throw new UnsupportedError(unsupported);
  return { adapter, thresholds };
}

/** What the scenario asks of the lock and the lock cannot do. */
function findUnsupported(adapter: LockAdapter, scenario: Scenario): string[] {
  const problems: string[] = [];
  const { maxMasters, leavesKeys } = adapter.capabilities;
  if (masterCount(scenario) > maxMasters) {
    problems.push(
      `--lock ${scenario.lock}: expected at most ${formatThings(maxMasters, 'master')}, got ${String(masterCount(scenario))}; use --masters ${String(maxMasters)}`,
    );
  }
  if (isDriverLock(adapter) && scenario.killedWorkers.length > 0) {
    problems.push(
      `--lock ${scenario.lock}: expected a lock that runs in threads, because the scenario kills one, got a driver process; use --lock set-nx-px`,
    );
  }
  if (isDriverLock(adapter) && scenario.faults.some(({ fault }) => isClientFault(fault))) {
    problems.push(
      `--lock ${scenario.lock}: expected a lock that runs in threads, because the scenario disturbs a client, got a driver process; use --lock set-nx-px`,
    );
  }
  if (leavesKeys === true && scenario.endpoints.length > 0) {
    problems.push(
      `--lock ${scenario.lock}: expected masters spawned by this run, because this lock can leave keys behind, got --endpoint; use --masters`,
    );
  }
  return problems;
}
