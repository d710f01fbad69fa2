/**
 * Masters, proxies and clients for one case of the adapters' conformance suite, set up and taken down around it.
 *
 * @module
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import { parseEndpoint, type Endpoint } from '../model/endpoint.js';
import { seededRandom } from '../model/random.js';
import { completeScenario, type ScenarioInput } from '../model/scenario.js';
import { systemClock } from '../model/time.js';
import { FaultyProxy, type ReplyFault } from '../redlock/faulty-proxy.fixture.js';
import { startMasters, type TestMaster } from '../redlock/redis.fixture.js';
import type { AcquireOutcome, HeldLock, LockAdapter, LockClient, LockObserver, LockRequest } from './lock-client.js';
import { connectRedis } from './redis-connection.js';

/** The lock of all cases. */
export const RESOURCE = 'redlock-bench:conformance:a';
/** No busy machine waits so long for a healthy server. */
const PATIENT_NODE_TIMEOUT_MS = 5_000;
/** How long a client of a foreign library may take to close before the next case goes on without it. */
const CLOSE_LIMIT_MS = 3_000;

/** One thing that a lock must do. */
export interface Case {
  run(stage: AdapterStage): Promise<void>;
  /** Why the case has nothing to say about this lock, if so. */
  lacks?(adapter: LockAdapter, masters: number): string | undefined;
  /** Whether a lock fails it is left to chance, or takes long to see: skipped, it is not run. */
  readonly isUnrunWhenSkipped?: boolean;
}

/** What an adapter is opened with, beyond its masters. */
export interface StageOptions {
  readonly scenario?: ScenarioInput;
  /** Connect through the proxies. */
  readonly proxied?: boolean;
  /** What the client reports; the rest is not heard. */
  readonly observer?: Partial<LockObserver>;
}

export class AdapterStage {
  readonly adapter: LockAdapter;
  readonly masters: TestMaster[] = [];
  /** In front of each master, for clients that are opened through them. */
  readonly proxies: FaultyProxy[] = [];
  readonly #scenario: ScenarioInput;
  #clients: LockClient[] = [];
  #killed: TestMaster[] = [];
  #opened = 0;

  /** Registers the hooks of the suite that is being described. */
  constructor(adapter: LockAdapter, masters: number, scenario: ScenarioInput = {}) {
    this.adapter = adapter;
    this.#scenario = scenario;
    beforeAll(async () => {
      this.masters.push(...(await startMasters(masters)));
      this.proxies.push(...(await Promise.all(this.masters.map(({ path }) => FaultyProxy.open(path)))));
    });
    beforeEach(async () => {
      await Promise.all(this.masters.map(({ admin }) => admin.flushall()));
    });
    afterEach(() => this.#tidy());
    afterAll(async () => {
      await Promise.all(this.proxies.map((proxy) => proxy.close()));
      await Promise.all(this.masters.map((master) => master.stop()));
    });
  }

  /** A client of its own; one attempt for each acquisition unless the scenario says otherwise. Closed after the case. */
  async open({ scenario, proxied = false, observer }: StageOptions = {}): Promise<LockClient> {
    const urls = (proxied ? this.proxies : this.masters).map(({ url }) => url);
    const patient = { nodeTimeoutMs: PATIENT_NODE_TIMEOUT_MS, acquireTimeoutMs: 0, retryDelayMs: 2, retryJitterMs: 10 };
    const input: ScenarioInput = { masters: urls.length, lock: this.adapter.name, ...patient, ...this.#scenario };
    const completed = completeScenario({ ...input, ...scenario }, 1);
    const random = seededRandom(++this.#opened);
    const client = await this.adapter.open({
      masters: urls.map(endpointOf),
      scenario: completed,
      clock: systemClock,
      random,
      observer: { ...DEAF, ...observer },
      connect: (master) => connectRedis(master, { nodeTimeoutMs: completed.nodeTimeoutMs, random }),
    });
    this.#clients.push(client);
    return client;
  }

  /** Acquires, and fails the case when the lock was not granted. */
  async take(client: LockClient, ttlMs?: number): Promise<HeldLock> {
    const outcome = await this.acquire(client, ttlMs);
    if (outcome.status !== 'acquired') throw new Error(`expected acquired, got ${outcome.status}`);
    return outcome.lock;
  }

  async acquire(client: LockClient, ttlMs = 10_000, signal?: AbortSignal): Promise<AcquireOutcome> {
    return await client.acquire(request(ttlMs), signal ?? new AbortController().signal);
  }

  /** The keys of each master. */
  async keys(): Promise<string[][]> {
    return await Promise.all(this.masters.map(({ admin }) => admin.keys('*')));
  }

  /** The key of the lock, by whatever name. */
  get key(): string {
    return this.adapter.keyOf?.(RESOURCE) ?? RESOURCE;
  }

  /** Whether no master holds the key of the lock. */
  async isEmpty(): Promise<boolean> {
    const found = await Promise.all(this.masters.map(({ admin }) => admin.exists(this.key)));
    return found.every((count) => count === 0);
  }

  /** What becomes of the replies of every master, until the case is over. */
  set replies(fault: ReplyFault) {
    for (const proxy of this.proxies) proxy.replies = fault;
  }

  /** How long every message takes, each way, until the case is over. */
  set delayMs(delayMs: number) {
    for (const proxy of this.proxies) proxy.delayMs = delayMs;
  }

  /** Ends all connections that go through the proxies. */
  cut(): void {
    for (const proxy of this.proxies) proxy.cut();
  }

  /** Kills the first masters; they start again, empty, after the case. */
  async kill(count: number): Promise<void> {
    const killed = this.masters.slice(0, count);
    this.#killed.push(...killed);
    await Promise.all(killed.map((master) => master.kill()));
  }

  async #tidy(): Promise<void> {
    this.replies = 'pass';
    this.delayMs = 0;
    await Promise.all(this.#killed.map((master) => master.restart()));
    this.#killed = [];
    const closing = Promise.all(this.#clients.map((client) => client[Symbol.asyncDispose]()));
    this.#clients = [];
    await Promise.race([closing, sleep(CLOSE_LIMIT_MS)]);
  }
}

export function request(ttlMs = 10_000): LockRequest {
  return { resources: [RESOURCE], ttlMs, mode: 'exclusive' };
}

const DEAF: LockObserver = {
  roundTrip: () => undefined,
  timedOut: () => undefined,
  failed: () => undefined,
  splitVote: () => undefined,
  votes: () => undefined,
  wokeUp: () => undefined,
};

function endpointOf(url: string): Endpoint {
  const endpoint = parseEndpoint(url, { username: undefined, password: undefined });
  if (endpoint === undefined) throw new Error(`expected a URL of a master, got ${url}`);
  return endpoint;
}
