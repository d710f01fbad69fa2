/**
 * `ioredis-lock`: SET NX on one master, released by a script.
 *
 * A lock object is made for each acquisition. Its errors tell a held or lost lock from a failing server by their
 * message. It says neither its token nor its attempts, so the client that it is given notes them. It states no validity:
 * the promise counts from the SET that was granted. It does not look at the clock either: a grant that took longer than
 * its ttl is handed on, with a promise that is over.
 *
 * @module
 */
import type { Redis } from 'ioredis';
import { toError } from '../../model/errors.js';
import { msToNs, type Clock, type Ns } from '../../model/time.js';
import type { AcquireOutcome, ExtendOutcome, ReleaseOutcome } from '../lock-client.js';
import { NpmHeldLock, requireOneResource } from './held-lock.js';
import { IoredisMasters } from './ioredis.js';
import type { Driven, NpmLibrary } from './library.js';
import { equalRetries } from './retries.js';

interface Lock {
  acquire(key: string): PromiseLike<unknown>;
  release(): PromiseLike<unknown>;
  extend(ttlMs: number): PromiseLike<unknown>;
}

interface Library {
  createLock(client: unknown, options?: object): Lock;
}

/** The commands that the library defines on a client. */
interface Scripts {
  delifequal(key: string, token: string): Promise<unknown>;
  pexpireifequal(key: string, token: string, ttlMs: number): Promise<unknown>;
}

export const IOREDIS_LOCK: NpmLibrary = {
  name: 'npm:ioredis-lock',
  package: { name: 'ioredis-lock', versions: ['4'] },
  testedVersion: '4.0.0',
  does: 'SET NX on one master, released by compare and delete',
  retries: {
    own: 'none',
    equal:
      'one fixed delay, the mean of ours, since it has no jitter; a count of retries stands for the acquire timeout',
  },
  capabilities: { maxMasters: 1, canExtend: true },
  open({ library, context, profile }) {
    const { meanDelayMs, count } = equalRetries(context.scenario);
    const retries = profile === 'equal' ? { retries: count, delay: meanDelayMs } : {};
    return IoredisMasters.open(
      context,
      (masters) => new DrivenIoredisLock(library as Library, retries, masters, context.clock),
    );
  },
};

class DrivenIoredisLock implements Driven {
  readonly #library: Library;
  readonly #retries: object;
  readonly #masters: IoredisMasters;
  readonly #clock: Clock;
  readonly #client: Redis & Scripts;

  constructor(library: Library, retries: object, masters: IoredisMasters, clock: Clock) {
    this.#library = library;
    this.#clock = clock;
    this.#retries = retries;
    this.#masters = masters;
    this.#client = masters.clients[0] as Redis & Scripts;
    // Making a lock defines the commands on its client.
    library.createLock(this.#client);
  }

  async acquire(resources: readonly string[], timeout: number): Promise<AcquireOutcome> {
    const key = requireOneResource(resources);
    const seen = new Seen(this.#client, this.#clock);
    const lock = this.#library.createLock(seen, { timeout, ...this.#retries });
    try {
      await lock.acquire(key);
      const held = new NpmHeldLock(resources, seen.token, seen.sentNs + msToNs(timeout), lock);
      return { status: 'acquired', attempts: seen.attempts, lock: held };
    } catch (thrown) {
      const cause = toError(thrown);
      const { attempts } = seen;
      if (cause.message.startsWith('Could not acquire')) return { status: 'held', attempts };
      return { status: 'indeterminate', attempts, cause };
    }
  }

  async release({ handle }: NpmHeldLock): Promise<ReleaseOutcome> {
    try {
      await (handle as Lock).release();
      return { status: 'released' };
    } catch (thrown) {
      return lostOrUnknown(thrown);
    }
  }

  async extend({ resources, token, handle }: NpmHeldLock, ttlMs: number): Promise<ExtendOutcome> {
    const validUntilNs = this.#clock.nowNs() + msToNs(ttlMs);
    try {
      await (handle as Lock).extend(ttlMs);
      return { status: 'extended', lock: new NpmHeldLock(resources, token, validUntilNs, handle) };
    } catch (thrown) {
      return lostOrUnknown(thrown);
    }
  }

  close(): Promise<void> {
    return this.#masters.close();
  }
}

/** Its words for a key that is another's, and for a lock that it has given back before. */
function lostOrUnknown(thrown: unknown): { status: 'lost' } | { status: 'indeterminate'; cause: Error } {
  const cause = toError(thrown);
  return /had expired$|has not been acquired$/.test(cause.message)
    ? { status: 'lost' }
    : { status: 'indeterminate', cause };
}

/** The client of one acquisition: it passes its commands on, and keeps what the library does not tell. */
class Seen implements Scripts {
  attempts = 0;
  token = '';
  /** When its last SET was sent: it makes one attempt after the other, so that is the one that is granted. */
  sentNs: Ns = 0;
  readonly #client: Redis & Scripts;
  readonly #clock: Clock;

  constructor(client: Redis & Scripts, clock: Clock) {
    this.#client = client;
    this.#clock = clock;
  }

  set(key: string, token: string, px: 'PX', ttlMs: number, nx: 'NX'): Promise<unknown> {
    this.attempts++;
    this.token = token;
    this.sentNs = this.#clock.nowNs();
    return this.#client.set(key, token, px, ttlMs, nx);
  }

  delifequal(key: string, token: string): Promise<unknown> {
    return this.#client.delifequal(key, token);
  }

  pexpireifequal(key: string, token: string, ttlMs: number): Promise<unknown> {
    return this.#client.pexpireifequal(key, token, ttlMs);
  }
}
