/**
 * The masters of a run: spawned by it, or running already; behind proxies, or not.
 *
 * @module
 */
import type { Endpoint } from '../model/endpoint.js';
import { EnvironmentError } from '../model/errors.js';
import type { MasterIdentity } from '../model/result.js';
import type { Scenario } from '../model/scenario.js';
import { AdminConnection } from './admin-connection.js';
import { readEndpoints } from './endpoints.js';
import { readIdentity } from './identity.js';
import type { ServerInfo } from './info.js';
import { locateServer } from './locate.js';
import { countKeys, sample, type KeyCount } from './master-questions.js';
import { checkMasters } from './preflight.js';
import { openProxies } from './proxy.js';
import { spawnMaster } from './spawn-master.js';
import { Supervision, type ServerProcess } from './supervision.js';
import type { LinkPlan } from './tcp-proxy.js';
import type { ServerSample } from './telemetry.js';

/** One master of a run, and what can be asked of it and done to it. */
export interface Master {
  /** Where the server listens. */
  readonly endpoint: Endpoint;
  readonly identity: MasterIdentity;
  /** Spawned masters only: nobody else's server is ever stopped. */
  readonly process: ServerProcess | undefined;
  /** Undefined when the master does not answer within 1 s. */
  sample(): Promise<ServerSample | undefined>;
  /** How many of the keys exist, and how many of those have no ttl; undefined when the master does not answer. */
  countKeys(keys: readonly string[]): Promise<KeyCount | undefined>;
}

/** The masters of a run, in the order of the scenario. Disposing ends whatever was started for them. */
export interface Topology extends AsyncDisposable {
  readonly masters: readonly Master[];
  /** What the clients of a worker, counted from 0, connect to: the masters, or the proxies of the zone in which it stands. */
  endpointsOf(worker: number): readonly Endpoint[];
}

/**
 * Spawns the masters of a scenario, or connects to the ones that it names, and puts proxies in front when it asks for
 * round trips.
 *
 * @throws UsageError or GuardError for endpoints that are malformed or refused, EnvironmentError for what does not
 * start or answer; whatever was started is ended before
 */
export async function openTopology(
  scenario: Scenario,
  environment: NodeJS.ProcessEnv,
  signal: AbortSignal,
): Promise<Topology> {
  const opened: Opened[] = [];
  const close = (): Promise<void> => closeAll(opened);
  try {
    const bases =
      scenario.endpoints.length > 0
        ? await connectMasters(scenario, environment, opened)
        : await spawnMasters(scenario, environment, signal, opened);
    signal.throwIfAborted();
    const direct = bases.map(({ admin }) => admin.endpoint);
    const zones = await openZones(direct, scenario, environment, opened);
    const masters = await Promise.all(
      bases.map(async ({ admin, info, process }) => ({
        endpoint: admin.endpoint,
        identity: await readIdentity(admin, info, process !== undefined),
        process,
        sample: () => sample(admin),
        countKeys: (keys: readonly string[]) => countKeys(admin, keys),
      })),
    );
    signal.throwIfAborted();
    return {
      masters,
      endpointsOf: (worker) => zones[worker % zones.length] ?? direct,
      [Symbol.asyncDispose]: close,
    };
  } catch (thrown) {
    await close();
    throw thrown;
  }
}

type Opened = AsyncDisposable | Disposable;

interface Base {
  readonly admin: AdminConnection;
  readonly info: ServerInfo;
  readonly process: ServerProcess | undefined;
}

async function connectMasters(scenario: Scenario, environment: NodeJS.ProcessEnv, opened: Opened[]): Promise<Base[]> {
  const admins = readEndpoints(scenario, environment).map((endpoint) => new AdminConnection(endpoint));
  opened.push(...admins);
  const infos = await checkMasters(admins, scenario.allowShared);
  return admins.map((admin, index) => ({ admin, info: infos[index] ?? new Map(), process: undefined }));
}

async function spawnMasters(
  scenario: Scenario,
  environment: NodeJS.ProcessEnv,
  signal: AbortSignal,
  opened: Opened[],
): Promise<Base[]> {
  const server = await locateServer(scenario.server, environment);
  if (server === undefined) {
    throw new EnvironmentError(
      'redis-server: expected one on PATH, got none; run: npm run setup, or name one with --server',
    );
  }
  const supervision = await Supervision.start(environment);
  opened.push(supervision);
  const count = Array.from({ length: scenario.masters });
  // Settled, not raced: a spawn under way when another fails must be known before everything is ended.
  const outcomes = await Promise.allSettled(count.map(() => spawnMaster({ supervision, server, scenario, signal })));
  return outcomes.map((outcome) => {
    if (outcome.status === 'rejected') throw outcome.reason;
    opened.push(outcome.value.admin);
    return outcome.value;
  });
}

/** What clients connect to in each zone, in the order of the masters. Every zone has proxies of its own, all in one process. */
async function openZones(
  masters: readonly Endpoint[],
  { rtt, seed }: Scenario,
  environment: NodeJS.ProcessEnv,
  opened: Opened[],
): Promise<readonly (readonly Endpoint[])[]> {
  if (rtt.length === 0) return [];
  const proxied = rtt.flatMap((zone) =>
    masters.map((endpoint, index) => ({ endpoint, plan: (zone.length === 1 ? zone[0] : zone[index]) ?? NO_DELAY })),
  );
  const proxies = await openProxies(proxied, seed, environment);
  opened.push(proxies);
  return rtt.map((_, zone) => proxies.endpoints.slice(zone * masters.length, (zone + 1) * masters.length));
}

const NO_DELAY: LinkPlan = { roundTripMs: 0, jitterMs: 0 };

/** Closes in the reverse order of opening, each even if another fails, and then throws the first failure. */
async function closeAll(opened: Opened[]): Promise<void> {
  const failures: unknown[] = [];
  for (const resource of opened.splice(0).reverse()) {
    try {
      if (Symbol.asyncDispose in resource) await resource[Symbol.asyncDispose]();
      else resource[Symbol.dispose]();
    } catch (thrown) {
      failures.push(thrown);
    }
  }
  if (failures.length > 0) throw failures[0];
}
