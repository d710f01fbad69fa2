/**
 * The messages between the runner and a driver process, apart from operations. `drivers/README.md` is their text.
 *
 * @module
 */
import { keyName, type Shard, type Window } from '../load/shard.js';
import type { Endpoint } from '../model/endpoint.js';
import { isRecord } from '../model/record.js';
import type { Arrivals, HoldTime, KeyChoice, Scenario } from '../model/scenario.js';
import type { Ns } from '../model/time.js';

export const PROTOCOL_VERSION = 1;

/** Runner to driver: one JSON object a line. */
export type DriverOrder =
  | { readonly kind: 'hello'; readonly protocol: number }
  | ({ readonly kind: 'configure' } & DriverTask)
  | { readonly kind: 'start'; readonly barrierNs: Ns; readonly windowStartNs: Ns; readonly endNs: Ns }
  | { readonly kind: 'stop' };

/** What a driver does: the shard, in words that need no knowledge of this program. */
interface DriverTask {
  readonly masters: readonly DriverMaster[];
  readonly worker: number;
  readonly workers: number;
  readonly clients: number;
  /** The number of the first client, counted over all workers. */
  readonly firstClient: number;
  /** A key's name on the servers is this and its index. */
  readonly keyPrefix: string;
  readonly keys: KeyChoice;
  readonly hold: HoldTime;
  readonly loop:
    | { readonly kind: 'closed' }
    | { readonly kind: 'open'; readonly arrivals: Arrivals; readonly ratePerSecond: number; readonly burst: number };
  readonly ttlMs: number;
  readonly nodeTimeoutMs: number;
  readonly acquireTimeoutMs: number;
  readonly retryDelayMs: number;
  readonly retryJitterMs: number;
  readonly seed: number;
}

/** Paths of the files of `--tls-ca`, `--tls-cert` and `--tls-key`. */
interface DriverTls {
  readonly tlsCa?: string;
  readonly tlsCert?: string;
  readonly tlsKey?: string;
}

type DriverMaster = (
  ({ readonly host: string; readonly port: number; readonly tls: boolean } & DriverTls) | { readonly path: string }
) & { readonly username?: string; readonly password?: string; readonly database: number };

/** What a driver says of itself. */
export interface DriverHello {
  /** The library that it measures, and its version. */
  readonly name: string;
  readonly version: string;
  /** Language and runtime, such as `CPython 3.11.2`. */
  readonly runtime: string;
  readonly maxMasters: number;
  /** What it can do of `closed`, `constant`, `poisson` and `burst`. */
  readonly loops: readonly string[];
  /** What it can do of the kinds of key choice. */
  readonly keys: readonly string[];
  /** Its lock can leave a key behind that has no ttl or another name than the key that it was given. */
  readonly leavesKeys: boolean;
  /** How many cores its clients can use at once; 1 where one interpreter lock is shared. */
  readonly parallelism: number;
}

/** Reads a hello. Gives what is wrong with it instead when it is none: "expected …, got …". */
export function readHello(message: Readonly<Record<string, unknown>>): DriverHello | { readonly problem: string } {
  if (message['kind'] !== 'hello') return { problem: `expected hello first, got ${show(message['kind'])}` };
  const { protocol, name, version, runtime, supports, parallelism } = message;
  if (protocol !== PROTOCOL_VERSION) {
    return {
      problem: `expected protocol ${String(PROTOCOL_VERSION)}, got ${show(protocol)}; use a driver of this version`,
    };
  }
  const { maxMasters, loops, keys, leavesKeys = false } = isRecord(supports) ? supports : {};
  const faulty = Object.entries({
    name: isText(name),
    version: isText(version),
    runtime: isText(runtime),
    'supports.maxMasters': isCount(maxMasters),
    'supports.loops': isTexts(loops),
    'supports.keys': isTexts(keys),
    'supports.leavesKeys': typeof leavesKeys === 'boolean',
    parallelism: isCount(parallelism),
  }).find(([, isGood]) => !isGood)?.[0];
  if (faulty !== undefined)
    return { problem: `expected a hello as in drivers/README.md, got none or a wrong ${faulty}` };
  return { name, version, runtime, maxMasters, loops, keys, leavesKeys, parallelism } as DriverHello;
}

/** What the scenario asks beyond what the driver can do, one sentence each. */
export function findUnsupported(hello: DriverHello, masters: number, scenario: Scenario): string[] {
  const { name, maxMasters, loops, keys, leavesKeys } = hello;
  const loop = scenario.ratePerSecond === undefined ? 'closed' : scenario.arrivals;
  const problems: string[] = [];
  if (masters > maxMasters) {
    problems.push(
      `${name} locks on at most ${String(maxMasters)}, got ${String(masters)} masters; use --masters ${String(maxMasters)}`,
    );
  }
  if (!loops.includes(loop)) {
    problems.push(`${name} can do ${loops.join(', ')}, got a loop that is ${loop}; see --rate and --arrivals`);
  }
  if (scenario.burst > 1 && !loops.includes('burst')) {
    problems.push(
      `${name} cannot start several operations at one instant, got --burst ${String(scenario.burst)}; drop it`,
    );
  }
  if (!keys.includes(scenario.keys.kind)) {
    problems.push(`${name} can do --keys ${keys.join(', ')}, got ${scenario.keys.kind}`);
  }
  if (leavesKeys && scenario.endpoints.length > 0) {
    problems.push(
      `${name} can leave keys behind, so it needs masters that this run spawned, got --endpoint; use --masters`,
    );
  }
  return problems;
}

/** The shard as an order. It carries passwords, and nothing else does: it must not be logged. */
export function configure(shard: Shard): DriverOrder {
  const { scenario, masters, worker, slots, firstSlot, runId } = shard;
  const { ratePerSecond, arrivals, burst, keys, hold, workers, seed } = scenario;
  const { ttlMs, nodeTimeoutMs, acquireTimeoutMs, retryDelayMs, retryJitterMs } = scenario;
  return {
    kind: 'configure',
    masters: masters.map((master) => describeMaster(master, scenario)),
    worker,
    workers,
    clients: slots,
    firstClient: firstSlot,
    keyPrefix: keyName(runId, 0).slice(0, -1),
    keys,
    hold,
    loop: ratePerSecond === undefined ? { kind: 'closed' } : { kind: 'open', arrivals, ratePerSecond, burst },
    ttlMs,
    nodeTimeoutMs,
    acquireTimeoutMs,
    retryDelayMs,
    retryJitterMs,
    seed,
  };
}

/** Whole nanoseconds, because an integer is what other languages read. */
export function start(barrierNs: Ns, window: Window): DriverOrder {
  return {
    kind: 'start',
    barrierNs: Math.floor(barrierNs),
    windowStartNs: Math.floor(window.startNs),
    endNs: Math.floor(window.endNs),
  };
}

function describeMaster({ socket, username, password, database }: Endpoint, scenario: Scenario): DriverMaster {
  const place =
    socket.kind === 'unix'
      ? { path: socket.path }
      : { host: socket.host, port: socket.port, ...describeTls(socket.tls !== false, scenario) };
  return {
    ...place,
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    database,
  };
}

/** Not the texts that our own connections have: other languages read certificates from files. */
function describeTls(tls: boolean, { tlsCa, tlsCert, tlsKey }: Scenario): { readonly tls: boolean } & DriverTls {
  if (!tls) return { tls };
  return {
    tls,
    ...(tlsCa === undefined ? {} : { tlsCa }),
    ...(tlsCert === undefined ? {} : { tlsCert }),
    ...(tlsKey === undefined ? {} : { tlsKey }),
  };
}

/** Printable, because it is shown on a terminal. */
const isText = (value: unknown): boolean => typeof value === 'string' && /^[\x20-\x7e]{1,100}$/.test(value);
const isTexts = (value: unknown): boolean => Array.isArray(value) && value.every(isText);
const isCount = (value: unknown): boolean => Number.isInteger(value) && Number(value) >= 1;

function show(value: unknown): string {
  return value === undefined ? 'none' : JSON.stringify(value).slice(0, 40);
}
