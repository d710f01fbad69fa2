/**
 * Waits until containers are healthy, and looks whether they keep to this machine.
 *
 * @module
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { EnvironmentError, GuardError } from '../model/errors.js';
import { msToNs, nsToMs, systemClock } from '../model/time.js';
import { lastWords, type CommandRunner } from './compose-command.js';

const HEALTH_POLL_MS = 200;

interface Container {
  readonly Id: string;
  readonly Name: string;
  readonly State: { readonly Status: string; readonly ExitCode: number };
  readonly Config: { readonly Healthcheck?: { readonly Test?: readonly string[] } };
  readonly HostConfig: {
    readonly NetworkMode: string;
    readonly PortBindings: Readonly<Record<string, readonly { readonly HostIp: string }[] | null>> | null;
  };
}

/**
 * Runs the health checks of the containers at once, instead of waiting until the engine does.
 *
 * @param name of the topology, for messages
 * @throws EnvironmentError for a container that ends, vanishes or is not healthy in time, GuardError for one that others
 * than this machine could reach
 */
export async function waitForHealth(
  name: string,
  ids: readonly string[],
  run: CommandRunner,
  signal: AbortSignal,
  timeoutMs: number,
): Promise<void> {
  const deadlineNs = systemClock.nowNs() + msToNs(timeoutMs);
  const healthy = new Set<string>();
  for (;;) {
    const containers = await inspect(
      name,
      ids.filter((id) => !healthy.has(id)),
      run,
    );
    for (const container of containers) {
      refusePublic(name, container);
      const leftMs = Math.max(1, nsToMs(deadlineNs - systemClock.nowNs()));
      if (hasDoneItsWork(container) || (await isHealthy(name, container, run, leftMs))) healthy.add(container.Id);
      else if (systemClock.nowNs() >= deadlineNs) throw notHealthy(name, container, timeoutMs);
    }
    if (healthy.size === ids.length) return;
    await sleep(HEALTH_POLL_MS, undefined, { signal });
  }
}

async function inspect(name: string, ids: readonly string[], run: CommandRunner): Promise<readonly Container[]> {
  const end = await run(['docker', 'inspect', ...ids]);
  if (end.exitCode === 0) return JSON.parse(end.stdout) as readonly Container[];
  throw new EnvironmentError(`--compose ${name}: expected the containers to stay, got "${lastWords(end)}"`);
}

/** Files are read before the start; variables of an `.env` beside them, or a part that they name, may say more. */
function refusePublic(topology: string, { Name, HostConfig }: Container): void {
  const bindings = Object.values(HostConfig.PortBindings ?? {}).flatMap((bound) => bound ?? []);
  const open = bindings.find(({ HostIp }) => HostIp !== '127.0.0.1');
  if (open === undefined && HostConfig.NetworkMode !== 'host') return;
  throw new GuardError(
    `--compose ${topology}: expected ports on 127.0.0.1 only, got ${Name.slice(1)} with ` +
      (open === undefined
        ? 'the network of the host'
        : `a port on ${open.HostIp === '' ? 'every address' : open.HostIp}`),
  );
}

/** One that prepares something for the others, and offers nothing itself. */
function hasDoneItsWork({ State, HostConfig }: Container): boolean {
  const isOffering = Object.keys(HostConfig.PortBindings ?? {}).length > 0;
  return State.Status === 'exited' && State.ExitCode === 0 && !isOffering;
}

/** A container without a check is well when it runs. */
async function isHealthy(name: string, container: Container, run: CommandRunner, leftMs: number): Promise<boolean> {
  const { Id, Name, State, Config } = container;
  if (State.Status === 'exited' || State.Status === 'dead') {
    const logs = await run(['docker', 'logs', '--tail', '5', Id]);
    throw new EnvironmentError(
      `--compose ${name}: expected ${Name.slice(1)} to run, got exit code ${String(State.ExitCode)}; its last words:\n  ${lastWords(logs, 5)}`,
    );
  }
  if (State.Status !== 'running') return false;
  const [kind, ...words] = Config.Healthcheck?.Test ?? [];
  if (kind !== 'CMD' && kind !== 'CMD-SHELL') return true;
  const command = kind === 'CMD' ? words : ['sh', '-c', words.join(' ')];
  return (await run(['docker', 'exec', Id, ...command], leftMs)).exitCode === 0;
}

function notHealthy(topology: string, { Name }: Container, timeoutMs: number): EnvironmentError {
  return new EnvironmentError(
    `--compose ${topology}: expected ${Name.slice(1)} to be healthy within ${String(timeoutMs)} ms, got no success of its health check`,
  );
}
