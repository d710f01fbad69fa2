/**
 * Contenders on real masters with a guarded resource, for one test file.
 *
 * @module
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import { parseEndpoint, type Endpoint } from '../model/endpoint.js';
import { completeScenario, type ScenarioInput } from '../model/scenario.js';
import { startMasters, type TestMaster } from '../redlock/redis.fixture.js';
import type { ContenderOptions } from './contender-protocol.js';
import { Contender } from './contender.js';
import { GuardedResource } from './resource.js';

/** What all acquisitions of the tests ask for, unless they say otherwise. */
export const REQUEST = { keyIndex: 0, resource: 'redlock-bench:contender:a', ttlMs: 10_000 };

/** A lock that excludes nobody. */
export const BROKEN_LOCK = fileURLToPath(new URL('../locks/broken-lock.fixture.mjs', import.meta.url));

export class ContenderStage {
  masters: TestMaster[] = [];
  #resource: GuardedResource | undefined;
  readonly #contenders: Contender[] = [];
  #folder = '';
  #started = 0;

  /** Registers the hooks of the suite that is being described. */
  constructor(masters: number) {
    beforeAll(async () => {
      this.#folder = await mkdtemp(join(tmpdir(), 'redlock-contender-'));
      this.masters = await startMasters(masters);
    });
    beforeEach(async () => {
      await Promise.all(this.masters.map(({ admin }) => admin.flushall()));
      this.#started = 0;
      this.#resource = await GuardedResource.start({ folder: this.#folder }, process.env);
    });
    afterEach(async () => {
      await Promise.all(this.#contenders.splice(0).map((contender) => contender[Symbol.asyncDispose]()));
      await this.#resource?.[Symbol.asyncDispose]();
    });
    afterAll(async () => {
      await Promise.all(this.masters.map((master) => master.stop()));
      await rm(this.#folder, { recursive: true, force: true });
    });
  }

  /** For files of a test. */
  get folder(): string {
    return this.#folder;
  }

  get resource(): GuardedResource {
    if (this.#resource === undefined) throw new Error('there is no resource outside of a test');
    return this.#resource;
  }

  /** Two of them. */
  async startTwo(lock?: string, scenario?: ScenarioInput): Promise<[Contender, Contender]> {
    return await Promise.all([this.start(lock, scenario), this.start(lock, scenario)]);
  }

  /** The next contender; one attempt for each acquisition unless the scenario says otherwise. Ended after the test. */
  async start(
    lock = 'redlock',
    scenario: ScenarioInput = {},
    options: Partial<ContenderOptions> = {},
  ): Promise<Contender> {
    const index = this.#started++;
    const patient = { nodeTimeoutMs: 5_000, acquireTimeoutMs: 0, retryDelayMs: 2, retryJitterMs: 10 };
    const contender = await Contender.start(
      {
        name: `c${String(index + 1)}`,
        index,
        lock,
        masters: this.masters.map(({ url }) => endpointOf(url)),
        scenario: completeScenario({ masters: this.masters.length, lock, ...patient, ...scenario }, 1),
        resource: this.resource.address,
        seed: 1,
        ...options,
      },
      process.env,
    );
    this.#contenders.push(contender);
    return contender;
  }
}

function endpointOf(url: string): Endpoint {
  const endpoint = parseEndpoint(url, { username: undefined, password: undefined });
  if (endpoint === undefined) throw new Error(`expected an endpoint, got ${url}`);
  return endpoint;
}
