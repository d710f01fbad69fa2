/**
 * What is tried with a load generator that cannot keep its schedule.
 *
 * @module
 */
import type { Scenario, Transport } from '../model/scenario.js';

/** What of a scenario is the generator's. */
export interface GeneratorSetting {
  readonly workers: number;
  readonly transport: Transport;
}

export interface Escalation {
  readonly setting: GeneratorSetting;
  /** What is different, without saying when: `2 workers instead of 1`. */
  readonly change: string;
}

/**
 * The stronger settings, in the order in which they are tried: twice the workers up to the number of cores, then, where the
 * lock has one, the lean transport with as many workers as now, which costs no core, and with the most.
 *
 * @returns none when nothing is left to try
 */
export function escalationsOf(
  now: GeneratorSetting,
  { lock, inFlight }: Pick<Scenario, 'lock' | 'inFlight'>,
  cores: number,
): Escalation[] {
  const most = Math.max(now.workers, Math.min(cores, inFlight));
  const counts: number[] = [];
  for (let workers = now.workers; workers < most; counts.push(workers)) workers = Math.min(2 * workers, most);
  const settings: GeneratorSetting[] = counts.map((workers) => ({ workers, transport: now.transport }));
  if (lock === 'redlock' && now.transport !== 'wire') {
    settings.push(...[...new Set([now.workers, most])].map((workers) => ({ workers, transport: 'wire' as const })));
  }
  return settings.map((setting) => ({ setting, change: describeChange(setting, now) }));
}

function describeChange(setting: GeneratorSetting, now: GeneratorSetting): string {
  const changes: string[] = [];
  if (setting.workers !== now.workers)
    changes.push(`${String(setting.workers)} workers instead of ${String(now.workers)}`);
  if (setting.transport !== now.transport)
    changes.push(`the ${setting.transport} transport instead of ${now.transport}`);
  return changes.join(' and ');
}
