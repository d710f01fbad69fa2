/**
 * Everything that takes part in one experiment: masters, proxies, the guarded resource, and the contenders.
 *
 * @module
 */
import path from 'node:path';
import type { Endpoint } from '../model/endpoint.js';
import { completeScenario } from '../model/scenario.js';
import { closeAll } from '../servers/close-all.js';
import { openProxies, type Proxies } from '../servers/proxy.js';
import type { ServerHost } from '../servers/server-host.js';
import type { ServerSettings, SpawnedServer } from '../servers/spawned-server.js';
import { Contender } from './contender.js';
import { GuardedResource } from './resource.js';
import type { ResourceAddress } from './resource-protocol.js';
import type { Trial } from './trials.js';

/** How long one acquisition of a contender may wait: short, since an experiment asks again. */
const ACQUIRE_TIMEOUT_MS = 400;
/** Of the ttl. */
const NODE_TIMEOUT_SHARE = 0.1;
const RETRY = { retryDelayMs: 2, retryJitterMs: 6 };
const PLAN = { roundTripMs: 0, jitterMs: 0 };

export interface CastOptions {
  readonly trial: Trial;
  readonly seed: number;
  /** Where the contenders record their operations; undefined: nowhere. */
  readonly historyFolder: string | undefined;
  readonly environment: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
}

/** Disposing ends all of its processes, in the reverse order. */
export interface Cast extends AsyncDisposable {
  /** The masters, and behind them the replica, if there is one. */
  readonly servers: readonly SpawnedServer[];
  readonly resource: GuardedResource;
  /** The ways from each client to each master, then those from each client to the resource. */
  readonly proxies: Proxies;
  /** The way from the replica to its master. */
  readonly replication: Proxies | undefined;
  readonly contenders: readonly Contender[];
}

/**
 * Starts them all.
 *
 * @throws EnvironmentError when something does not start; what was started is ended before
 */
export async function openCast(host: ServerHost, options: CastOptions): Promise<Cast> {
  const opened: AsyncDisposable[] = [];
  const close = (): Promise<void> => closeAll(opened);
  try {
    const parts = await open(host, options, (resource) => opened.push(resource));
    return { ...parts, [Symbol.asyncDispose]: close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** The link of a client to a master, both counted from 1. */
export function linkIndex(client: number, master: number, masters: number): number {
  return (client - 1) * masters + (master - 1);
}

/** The link of a client to the resource. */
export function resourceLinkIndex(client: number, clients: number, masters: number): number {
  return clients * masters + (client - 1);
}

async function open(
  host: ServerHost,
  { trial, seed, historyFolder, environment, signal }: CastOptions,
  keep: (resource: AsyncDisposable) => void,
): Promise<Omit<Cast, typeof Symbol.asyncDispose>> {
  const { experiment, masters } = trial;
  const settings: ServerSettings = {
    persistence: experiment.persistence ?? 'none',
    socket: 'tcp',
    hasClockShim: experiment.movesClocks === true,
  };
  const spawn = async (more?: Partial<ServerSettings>): Promise<SpawnedServer> => {
    const server = await host.spawn({ ...settings, ...more }, signal);
    keep(server);
    return server;
  };
  const resource = await GuardedResource.start(
    {
      folder: await host.makeFolder(),
      ...(experiment.ledgerRule === undefined ? {} : { rule: experiment.ledgerRule }),
    },
    environment,
  );
  keep(resource);
  host.adopt(resource.pid);
  const servers = await settleAll(Array.from({ length: masters }, () => spawn()));
  const proxy = async (targets: readonly Endpoint[]): Promise<Proxies> => {
    const proxies = await openProxies(
      targets.map((endpoint) => ({ endpoint, plan: PLAN })),
      seed,
      environment,
    );
    keep(proxies);
    host.adopt(proxies.pid);
    return proxies;
  };
  const [first] = servers;
  let replication: Proxies | undefined;
  if (experiment.hasReplica === true && first !== undefined) {
    replication = await proxy([first.endpoint]);
    const replica = await spawn({ replicaOf: addressOf(replication.endpoints[0]) });
    servers.push(replica);
  }
  const clients = Array.from({ length: experiment.clients }, (_, index) => index + 1);
  const links = clients.flatMap((client) => {
    // The second client is where the service has gone to after a failover.
    const target = experiment.hasReplica === true && client === 2 ? servers.slice(1) : servers;
    return target.slice(0, masters).map(({ endpoint }) => endpoint);
  });
  const proxies = await proxy([...links, ...clients.map(() => endpointOf(resource.address.path))]);
  const contenders = await settleAll(
    clients.map(async (client) => {
      const contender = await Contender.start(
        {
          name: `c${String(client)}`,
          index: client - 1,
          lock: trial.lock,
          masters: proxies.endpoints.slice(linkIndex(client, 1, masters), linkIndex(client + 1, 1, masters)),
          scenario: scenarioOf(trial, seed),
          resource: resourceAddress(proxies.endpoints[resourceLinkIndex(client, experiment.clients, masters)]),
          seed: seed + client,
          ...(historyFolder === undefined
            ? {}
            : { historyFile: path.join(historyFolder, `worker-${String(client - 1)}.history`) }),
        },
        environment,
      );
      keep(contender);
      host.adopt(contender.pid);
      return contender;
    }),
  );
  return { servers, resource, proxies, replication, contenders };
}

function scenarioOf({ experiment, lock, masters }: Trial, seed: number): ReturnType<typeof completeScenario> {
  const { name, ttlMs } = experiment;
  const nodeTimeoutMs = experiment.nodeTimeoutMs ?? ttlMs * NODE_TIMEOUT_SHARE;
  return completeScenario(
    { name, lock, masters, ttlMs, nodeTimeoutMs, acquireTimeoutMs: ACQUIRE_TIMEOUT_MS, ...RETRY },
    seed,
  );
}

function endpointOf(socketPath: string): Endpoint {
  return { socket: { kind: 'unix', path: socketPath }, username: undefined, password: undefined, database: 0 };
}

function addressOf(endpoint: Endpoint | undefined): { host: string; port: number } {
  if (endpoint?.socket.kind !== 'tcp') throw new RangeError('expected a proxy on a TCP port, got none');
  const { host, port } = endpoint.socket;
  return { host, port };
}

function resourceAddress(endpoint: Endpoint | undefined): ResourceAddress {
  return { kind: 'tcp', ...addressOf(endpoint) };
}

/** Waits for all, so that what was started is known when another one has failed. */
async function settleAll<T>(promises: readonly Promise<T>[]): Promise<T[]> {
  const outcomes = await Promise.allSettled(promises);
  return outcomes.map((outcome) => {
    if (outcome.status === 'rejected') throw outcome.reason;
    return outcome.value;
  });
}
