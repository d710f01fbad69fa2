/**
 * Masters and clients of one transport, set up and taken down around the tests of a suite.
 *
 * @module
 */
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import type { Transport } from '../model/scenario.js';
import { msToNs, systemClock } from '../model/time.js';
import { FaultyProxy } from './faulty-proxy.fixture.js';
import type { RedlockOptions } from './options.js';
import { startMasters, type TestMaster } from './redis.fixture.js';
import { Redlock } from './redlock.js';
import type { MasterSource } from './sources.js';

/** What the suites are run for. */
export interface ClientKind {
  readonly transport: Transport;
}

/** Some masters, empty before each test, and the clients that a test makes, closed after it. */
export class Stage {
  readonly masters: TestMaster[] = [];
  /** In front of each master, for tests that ask for them. */
  readonly proxies: FaultyProxy[] = [];
  readonly #kind: ClientKind;
  readonly #clients: Redlock[] = [];

  /** Registers the hooks of the suite that is being described. */
  constructor(kind: ClientKind, masters: number) {
    this.#kind = kind;
    beforeAll(async () => {
      this.masters.push(...(await startMasters(masters)));
      this.proxies.push(...(await Promise.all(this.masters.map(({ path }) => FaultyProxy.open(path)))));
    });
    afterAll(async () => {
      await Promise.all(this.proxies.map((proxy) => proxy.close()));
      await Promise.all(this.masters.map((master) => master.stop()));
    });
    beforeEach(async () => {
      await Promise.all(this.masters.map((master) => master.admin.flushall()));
      await Promise.all(this.masters.map((master) => master.admin.config('RESETSTAT')));
    });
    afterEach(async () => {
      await Promise.all(this.#clients.splice(0).map((client) => client.close()));
    });
  }

  /** A client, not connected. One attempt for each acquisition, and a node timeout that no busy machine reaches. */
  client(sources: readonly MasterSource[], options: RedlockOptions = {}): Redlock {
    const { transport } = this.#kind;
    const client = new Redlock(sources, { nodeTimeoutMs: 5_000, acquireTimeoutMs: 0, transport, ...options });
    this.#clients.push(client);
    return client;
  }

  /** A client that is connected to the first `count` masters. */
  async connected(count: number, options: RedlockOptions = {}): Promise<Redlock> {
    const client = this.client(
      this.masters.slice(0, count).map(({ endpoint }) => endpoint),
      options,
    );
    await client.connect(count);
    return client;
  }

  /** A client that is connected to every master through its proxy. */
  async proxied(options: RedlockOptions = {}): Promise<Redlock> {
    const client = this.client(
      this.proxies.map(({ url }) => url),
      options,
    );
    await client.connect(this.proxies.length);
    return client;
  }

  /** What each master holds at a key. */
  async held(key = 'a'): Promise<(string | null)[]> {
    return await Promise.all(this.masters.map((master) => master.admin.get(key)));
  }

  /** How many keys each master has. */
  async keyCounts(): Promise<number[]> {
    return await Promise.all(this.masters.map((master) => master.admin.dbsize()));
  }

  async isEmpty(): Promise<boolean> {
    return (await this.keyCounts()).every((count) => count === 0);
  }

  /** How often a command ran on each master since the test began. */
  async calls(command: string): Promise<number[]> {
    return await Promise.all(this.masters.map((master) => master.calls(command)));
  }
}

/** Keeps this thread from doing anything else. */
export function blockEventLoop(ms: number): void {
  const endNs = systemClock.nowNs() + msToNs(ms);
  while (systemClock.nowNs() < endNs);
}

/** How many timers keep this process alive. */
export function livingTimers(): number {
  return process.getActiveResourcesInfo().filter((resource) => resource === 'Timeout').length;
}
