/**
 * The connections of a lock on N masters that says plainly which commands it sends.
 *
 * @module
 */
import { toError } from '../model/errors.js';
import type { Script } from '../redlock/scripts.js';
import type { LockContext } from './lock-client.js';
import { ServerConnection } from './server-connection.js';

/**
 * Connects to every master, or to none.
 *
 * @throws EnvironmentError when a master cannot be reached
 */
export async function openServers(
  { masters, scenario, clock, random }: LockContext,
  scripts: readonly Script[],
): Promise<ServerConnection[]> {
  const settings = { nodeTimeoutMs: scenario.nodeTimeoutMs, scripts, clock, random };
  const opened = await Promise.allSettled(masters.map((master) => ServerConnection.open(master, settings)));
  const servers = opened.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  const lost = opened.find((one) => one.status === 'rejected');
  if (lost === undefined) return servers;
  await Promise.all(servers.map((server) => server.close()));
  throw toError(lost.reason);
}
