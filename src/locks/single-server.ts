/**
 * Locks on one server: an adapter needs to say only which commands take and release.
 *
 * @module
 */
import type { Endpoint } from '../model/endpoint.js';
import { toError, UsageError } from '../model/errors.js';
import type { Clock, Ns } from '../model/time.js';
import type { Script } from '../redlock/scripts.js';
import { TokenPool } from '../redlock/token.js';
import type { ExtendOutcome, HeldLock, LockAdapter, LockContext, ReleaseOutcome } from './lock-client.js';
import { PollingClient, resourceOf, uniformWait, type Attempt, type Steps } from './polling-client.js';
import { ServerConnection, type Caller } from './server-connection.js';

/** The commands of a lock. They reject when the server fails; a lock that others have is an answer. */
export interface Algorithm {
  /** Tries once; true when the lock is taken. */
  take(server: Caller, resource: string, token: string, ttlMs: number): Promise<boolean>;
  /** True when it was ours, and is free. */
  release(server: Caller, resource: string, token: string): Promise<boolean>;
  /** True when it was ours, and lives for the new ttl. */
  extend?(server: Caller, resource: string, token: string, ttlMs: number): Promise<boolean>;
  /** How long the key of a taken lock really lives. */
  lifetimeNs(ttlMs: number): Ns;
  /**
   * Its release deletes nothing but its own token, so it can follow an acquisition whose reply is unknown. The commands
   * are executed in their order: no key appears after it.
   */
  readonly isReleaseSafe: boolean;
  /** Instead of 20 random bytes. */
  readonly drawToken?: () => string;
  /** Instead of the scenario's delay and jitter. */
  readonly waitMs?: number;
  /** Closes what it opened. */
  close?(): Promise<void>;
}

export interface SingleServerLock extends Pick<LockAdapter, 'name' | 'description' | 'flaw'> {
  readonly canExtend: boolean;
  readonly leavesKeys: boolean;
  /** Loaded when the connection is opened. */
  readonly scripts: readonly Script[];
  begin(context: LockContext): Algorithm | Promise<Algorithm>;
}

/** Makes the adapter of a lock on one server. */
export function singleServerAdapter(lock: SingleServerLock): LockAdapter {
  const { name, description, flaw, canExtend, leavesKeys } = lock;
  const capabilities = { maxMasters: 1, canExtend, leavesKeys };
  return {
    name,
    description,
    capabilities,
    ...(flaw === undefined ? {} : { flaw }),
    async open(context) {
      const { scenario, clock, random } = context;
      const { acquireTimeoutMs, nodeTimeoutMs } = scenario;
      const server = await ServerConnection.open(onlyMaster(context.masters), {
        nodeTimeoutMs,
        scripts: lock.scripts,
        clock,
        random,
      });
      try {
        const algorithm = await lock.begin(context);
        const { waitMs } = algorithm;
        const drawWaitMs = waitMs === undefined ? uniformWait(scenario, random) : () => waitMs;
        const steps = new SingleServerSteps(server, algorithm, context);
        return new PollingClient({ name, capabilities, acquireTimeoutMs, clock, drawWaitMs }, steps);
      } catch (error) {
        await server.close();
        throw error;
      }
    },
  };
}

class SingleServerSteps implements Steps {
  readonly extend?: NonNullable<Steps['extend']>;
  readonly #server: ServerConnection;
  readonly #acquiring: Caller;
  readonly #algorithm: Algorithm;
  readonly #clock: Clock;
  readonly #drawToken: () => string;

  constructor(server: ServerConnection, algorithm: Algorithm, { clock, observer }: LockContext) {
    const tokens = new TokenPool('');
    this.#server = server;
    this.#acquiring = server.acquiring(observer, 0);
    this.#algorithm = algorithm;
    this.#clock = clock;
    this.#drawToken = algorithm.drawToken ?? (() => tokens.take());
    if (algorithm.extend !== undefined) this.extend = (lock, ttlMs) => this.#extend(lock, ttlMs);
  }

  /** With a token of its own: the release that follows a lost reply must not delete what a later attempt is granted. */
  async attempt(resource: string, ttlMs: number): Promise<Attempt> {
    const token = this.#drawToken();
    // Read before anything is written, so that the promise never ends after the key.
    const validUntilNs = this.#clock.nowNs() + this.#algorithm.lifetimeNs(ttlMs);
    try {
      const isTaken = await this.#algorithm.take(this.#acquiring, resource, token, ttlMs);
      if (!isTaken) return { status: 'held' };
      return { status: 'acquired', lock: { resources: [resource], token, validUntilNs } };
    } catch (error) {
      if (this.#algorithm.isReleaseSafe) {
        this.#algorithm.release(this.#server, resource, token).catch(() => undefined);
      }
      return { status: 'indeterminate', cause: toError(error) };
    }
  }

  async release(lock: HeldLock): Promise<ReleaseOutcome> {
    const resource = resourceOf(lock);
    try {
      const isReleased = await this.#algorithm.release(this.#server, resource, lock.token);
      return { status: isReleased ? 'released' : 'lost' };
    } catch (error) {
      return { status: 'indeterminate', cause: toError(error) };
    }
  }

  async #extend(lock: HeldLock, ttlMs: number): Promise<ExtendOutcome> {
    const resource = resourceOf(lock);
    const validUntilNs = this.#clock.nowNs() + this.#algorithm.lifetimeNs(ttlMs);
    try {
      const isExtended = await this.#algorithm.extend?.(this.#server, resource, lock.token, ttlMs);
      return isExtended === true ? { status: 'extended', lock: { ...lock, validUntilNs } } : { status: 'lost' };
    } catch (error) {
      return { status: 'indeterminate', cause: toError(error) };
    }
  }

  async close(): Promise<void> {
    await Promise.all([this.#server.close(), this.#algorithm.close?.()]);
  }
}

/** The master of a lock on one server. */
export function onlyMaster(masters: readonly Endpoint[]): Endpoint {
  const [master] = masters;
  if (master !== undefined && masters.length === 1) return master;
  throw new UsageError([`--masters: expected one for a lock on one server, got ${String(masters.length)}`]);
}
