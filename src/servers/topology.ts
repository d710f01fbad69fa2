/**
 * The masters of a run: spawned by it, or running already; behind proxies, or not.
 *
 * @module
 */
import type { Endpoint } from '../model/endpoint.js';
import { isLinkFault } from '../model/fault.js';
import type { MasterIdentity } from '../model/result.js';
import type { Scenario } from '../model/scenario.js';
import { AdminConnection } from './admin-connection.js';
import { readEndpoints } from './endpoints.js';
import { readIdentity } from './identity.js';
import type { ServerInfo } from './info.js';
import { countKeys, sample, type KeyCount } from './master-questions.js';
import { checkMasters } from './preflight.js';
import { closeAll } from './close-all.js';
import { openProxies, type Proxies } from './proxy.js';
import { openServerHost, type ServerHost } from './server-host.js';
import type { ServicePlan } from './service-station.js';
import type { ServerSettings, SpawnedServer } from './spawned-server.js';
import type { LinkPlan } from './tcp-proxy.js';
import type { ServerSample } from './telemetry.js';

/** One master of a run, and what can be asked of it and done to it. */
export interface Master {
  /** Where the server listens. */
  readonly endpoint: Endpoint;
  readonly identity: MasterIdentity;
  /** Spawned masters only: nobody else's server is ever stopped. */
  readonly server: SpawnedServer | undefined;
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
  /** The proxies before the masters; undefined where the scenario wants none. */
  readonly proxies: Proxies | undefined;
  /** The places among the proxies of the way from a client to a master, both counted from 1; without a client, of all. */
  placesOf(master: number, client: number | undefined): readonly number[];
}

/**
 * Spawns the masters of a scenario, or connects to the ones that it names, and puts proxies in front when it asks for
 * round trips, for masters of a known speed, or for faults on the ways.
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
    const { bases, host } =
      scenario.endpoints.length > 0
        ? await connectMasters(scenario, environment, opened)
        : await spawnMasters(scenario, environment, signal, opened);
    signal.throwIfAborted();
    const direct = bases.map(({ admin }) => admin.endpoint);
    const { proxies, zones } = await openWays(direct, scenario, environment, opened, host);
    const masters = await Promise.all(
      bases.map(async ({ admin, info, server }) => ({
        endpoint: admin.endpoint,
        identity: await readIdentity(admin, info, server !== undefined),
        server,
        sample: () => sample(admin),
        countKeys: (keys: readonly string[]) => countKeys(admin, keys),
      })),
    );
    signal.throwIfAborted();
    return {
      masters,
      endpointsOf: (worker) => zones[worker % zones.length] ?? direct,
      proxies,
      placesOf: (master, client) =>
        (client === undefined ? [...zones.keys()] : [client - 1]).map((zone) => zone * direct.length + master - 1),
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
  readonly server: SpawnedServer | undefined;
}

interface Bases {
  readonly bases: readonly Base[];
  /** Where they live; undefined for masters of somebody else. */
  readonly host: ServerHost | undefined;
}

async function connectMasters(scenario: Scenario, environment: NodeJS.ProcessEnv, opened: Opened[]): Promise<Bases> {
  const admins = readEndpoints(scenario, environment).map((endpoint) => new AdminConnection(endpoint));
  opened.push(...admins);
  const infos = await checkMasters(admins, scenario.allowShared);
  const bases = admins.map((admin, index) => ({ admin, info: infos[index] ?? new Map(), server: undefined }));
  return { bases, host: undefined };
}

async function spawnMasters(
  scenario: Scenario,
  environment: NodeJS.ProcessEnv,
  signal: AbortSignal,
  opened: Opened[],
): Promise<Bases> {
  const host = await openServerHost(environment, scenario.server);
  opened.push(host);
  const kinds = new Set(scenario.faults.map(({ fault }) => fault.kind));
  const settings: ServerSettings = {
    persistence: scenario.persistence,
    socket: scenario.socket,
    // Both cost something, so ordinary runs have neither.
    hasClockShim: kinds.has('clock'),
    mayLosePower: kinds.has('power-loss'),
  };
  const count = Array.from({ length: scenario.masters });
  // Settled, not raced: a spawn under way when another fails must be known before everything is ended.
  const outcomes = await Promise.allSettled(
    count.map(async () => {
      const server = await host.spawn(settings, signal);
      return { admin: server.admin, info: await server.info(), server };
    }),
  );
  const bases = outcomes.map((outcome) => {
    if (outcome.status === 'rejected') throw outcome.reason;
    return outcome.value;
  });
  return { bases, host };
}

interface OpenWays {
  readonly proxies: Proxies | undefined;
  /** What clients connect to in each zone, in the order of the masters. */
  readonly zones: readonly (readonly Endpoint[])[];
}

/**
 * Opens the proxies of each zone, all in one process. Where a way can be disturbed, every worker is a zone of its own, so
 * that one client can be cut off from a master that the others reach.
 */
async function openWays(
  masters: readonly Endpoint[],
  { rtt, seed, faults, workers, serviceRatePerSecond }: Scenario,
  environment: NodeJS.ProcessEnv,
  opened: Opened[],
  host: ServerHost | undefined,
): Promise<OpenWays> {
  const isDisturbed = faults.some(({ fault }) => isLinkFault(fault));
  const undisturbed = rtt.length === 0 && serviceRatePerSecond !== undefined ? [[]] : rtt;
  const plans = isDisturbed
    ? Array.from({ length: workers }, (_, worker) => rtt[worker % rtt.length] ?? [])
    : undisturbed;
  if (plans.length === 0) return { proxies: undefined, zones: [] };
  // A master has one station, in whichever zone its clients stand.
  const serviceOf = (station: number): ServicePlan | undefined =>
    serviceRatePerSecond === undefined ? undefined : { station, ratePerSecond: serviceRatePerSecond };
  const proxied = plans.flatMap((zone) =>
    masters.map((endpoint, index) => {
      const roundTrip = (zone.length === 1 ? zone[0] : zone[index]) ?? NO_DELAY;
      return { endpoint, plan: { ...roundTrip, service: serviceOf(index) } };
    }),
  );
  const proxies = await openProxies(proxied, seed, environment);
  opened.push(proxies);
  // They end when the run's channel closes, unless somebody has stopped them.
  host?.adopt(proxies.pid);
  const zones = plans.map((_, zone) => proxies.endpoints.slice(zone * masters.length, (zone + 1) * masters.length));
  return { proxies, zones };
}

const NO_DELAY: LinkPlan = { roundTripMs: 0, jitterMs: 0 };
