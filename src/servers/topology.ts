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
import { countExisting, sample } from './master-questions.js';
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
  /** What clients connect to: its proxy, when there is one. */
  readonly clientEndpoint: Endpoint;
  readonly identity: MasterIdentity;
  /** Spawned masters only: nobody else's server is ever stopped. */
  readonly process: ServerProcess | undefined;
  /** Undefined when the master does not answer within 1 s. */
  sample(): Promise<ServerSample | undefined>;
  /** How many of the keys exist; undefined when the master does not answer. */
  countExisting(keys: readonly string[]): Promise<number | undefined>;
}

/** The masters of a run, in the order of the scenario. Disposing ends whatever was started for them. */
export interface Topology extends AsyncDisposable {
  readonly masters: readonly Master[];
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
    const clientEndpoints = await openClientEndpoints(bases, scenario, environment, opened);
    const masters = await Promise.all(
      bases.map(async ({ admin, info, process }, index) => ({
        endpoint: admin.endpoint,
        clientEndpoint: clientEndpoints[index] ?? admin.endpoint,
        identity: await readIdentity(admin, info, process !== undefined),
        process,
        sample: () => sample(admin),
        countExisting: (keys: readonly string[]) => countExisting(admin, keys),
      })),
    );
    signal.throwIfAborted();
    return { masters, [Symbol.asyncDispose]: close };
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

async function openClientEndpoints(
  bases: readonly Base[],
  scenario: Scenario,
  environment: NodeJS.ProcessEnv,
  opened: Opened[],
): Promise<readonly Endpoint[]> {
  const endpoints = bases.map(({ admin }) => admin.endpoint);
  const [shared] = scenario.rtt;
  if (shared === undefined) return endpoints;
  const plans: readonly LinkPlan[] = scenario.rtt.length === 1 ? endpoints.map(() => shared) : scenario.rtt;
  const proxies = await openProxies(endpoints, plans, scenario.seed, environment);
  opened.push(proxies);
  return proxies.endpoints;
}

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
