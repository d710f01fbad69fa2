/**
 * `redis-semaphore`: `RedlockMutex` on N masters, and `Mutex` on one.
 *
 * A lock object is made for each acquisition. It renews itself every 0.8 of its ttl, by default, until it is released:
 * its promise ends with the release. It says neither its attempts nor what its release found, and RedlockMutex takes
 * every error for a refusal; so the clients that it is given count its SETs and look at what comes back.
 *
 * @module
 */
import { toError } from '../../model/errors.js';
import { MOST_MASTERS } from '../../model/scenario.js';
import type { Clock } from '../../model/time.js';
import { describeFailure } from '../../model/connection-failure.js';
import { judgeChange, type Votes } from '../../redlock/tally.js';
import type { AcquireOutcome, ReleaseOutcome } from '../lock-client.js';
import { NpmHeldLock, requireOneResource } from './held-lock.js';
import { IoredisMasters } from './ioredis.js';
import type { Driven, NpmLibrary, Opening } from './library.js';
import { equalRetries } from './retries.js';

interface Mutex {
  readonly identifier: string;
  /** False after a renewal that failed, too. */
  readonly isAcquired: boolean;
  tryAcquire(signal: AbortSignal): Promise<boolean>;
  release(): Promise<void>;
}

interface Library {
  readonly Mutex: new (client: unknown, key: string, options: object) => Mutex;
  readonly RedlockMutex: new (clients: readonly unknown[], key: string, options: object) => Mutex;
}

const PACKAGE = { name: 'redis-semaphore', versions: ['5'] };
const TESTED = '5.8.0';
const RETRIES = {
  own: 'every 10 ms for 10 s',
  equal: 'acquire timeout as ours; one fixed delay, the mean of ours, since it has no jitter',
};
/** Its keys lack the prefix of the run. */
const LEAVES_KEYS = true;
const keyOf = (resource: string): string => `mutex:${resource}`;

export const REDIS_SEMAPHORE: NpmLibrary = {
  name: 'npm:redis-semaphore',
  package: PACKAGE,
  testedVersion: TESTED,
  does: 'RedlockMutex: SET NX on all masters at once, settled when all have answered, renewed by itself',
  retries: RETRIES,
  capabilities: { maxMasters: MOST_MASTERS, canExtend: false, leavesKeys: LEAVES_KEYS },
  keyOf,
  flaw:
    'It knows no validity, so a grant that took longer than the ttl leaves two holders, and a renewal under way at the ' +
    'release can set the key again.',
  open: (opening) =>
    open(
      opening,
      (library) => (clients, key, options) => new library.RedlockMutex(clients, key, options),
      // RedlockMutex counts a renewal that fails for itself.
      (thrown) => {
        throw thrown;
      },
    ),
};

export const REDIS_SEMAPHORE_MUTEX: NpmLibrary = {
  name: 'npm:redis-semaphore/mutex',
  package: PACKAGE,
  testedVersion: TESTED,
  does: 'Mutex: SET NX on one master, renewed by itself',
  retries: RETRIES,
  capabilities: { maxMasters: 1, canExtend: false, leavesKeys: LEAVES_KEYS },
  keyOf,
  flaw: 'It knows no validity, so a grant that took longer than the ttl leaves two holders until a renewal finds out.',
  open: (opening) =>
    open(
      opening,
      (library) =>
        ([client], key, options) =>
          new library.Mutex(client, key, options),
      // Out of the timer of Mutex it would be an unhandled rejection, and the end of the thread. Who lets those pass has a
      // Mutex that goes on renewing, so the answer is that of a lock that is not known to be lost.
      () => 1,
    ),
};

/** What the library is told of a renewal that failed. */
type OnRenewalFailure = (thrown: unknown) => unknown;
type MakeMutex = (clients: readonly unknown[], key: string, options: object) => Mutex;

function open(
  { library, context, profile }: Opening,
  maker: (library: Library) => MakeMutex,
  onRenewalFailure: OnRenewalFailure,
): Promise<Driven> {
  const { acquireTimeoutMs } = context.scenario;
  const waits = acquireTimeoutMs === 0 ? { acquireAttemptsLimit: 1 } : { acquireTimeout: acquireTimeoutMs };
  const retries = { ...waits, retryInterval: equalRetries(context.scenario).meanDelayMs };
  const options = profile === 'equal' ? retries : {};
  const make = maker(library as Library);
  return IoredisMasters.open(
    context,
    (masters) => new DrivenRedisSemaphore(make, options, onRenewalFailure, masters, context.clock),
  );
}

/** One acquisition: its lock object, and what its commands were answered. */
interface Acquisition {
  readonly mutex: Mutex;
  readonly seen: Seen;
}

class DrivenRedisSemaphore implements Driven {
  readonly #make: MakeMutex;
  readonly #options: object;
  readonly #onRenewalFailure: OnRenewalFailure;
  readonly #masters: IoredisMasters;
  readonly #clock: Clock;

  constructor(
    make: MakeMutex,
    options: object,
    onRenewalFailure: OnRenewalFailure,
    masters: IoredisMasters,
    clock: Clock,
  ) {
    this.#make = make;
    this.#options = options;
    this.#onRenewalFailure = onRenewalFailure;
    this.#masters = masters;
    this.#clock = clock;
  }

  async acquire(resources: readonly string[], ttlMs: number, signal: AbortSignal): Promise<AcquireOutcome> {
    const invokedNs = this.#clock.nowNs();
    const seen = new Seen(this.#masters, this.#onRenewalFailure);
    // Its own answer to a lost lock is an exception out of a timer, which would end the thread.
    const options = { ...this.#options, lockTimeout: ttlMs, onLockLost: () => undefined };
    const mutex = this.#make(seen.clients, requireOneResource(resources), options);
    const isGranted = await mutex.tryAcquire(signal).catch((thrown: unknown) => {
      if (signal.aborted) return undefined;
      throw thrown;
    });
    const attempts = Math.max(1, seen.sets / this.#masters.clients.length);
    if (isGranted === undefined) return { status: 'aborted', attempts };
    if (!isGranted) return this.#masters.notAcquired(invokedNs, attempts);
    const handle: Acquisition = { mutex, seen };
    return { status: 'acquired', attempts, lock: new NpmHeldLock(resources, mutex.identifier, Infinity, handle) };
  }

  async release({ handle }: NpmHeldLock): Promise<ReleaseOutcome> {
    const { mutex, seen } = handle as Acquisition;
    // It sends nothing for a lock that a renewal found lost, or that was released before.
    if (!mutex.isAcquired) return { status: 'lost' };
    seen.beginRelease();
    await mutex.release();
    return seen.endRelease();
  }

  close(): Promise<void> {
    return this.#masters.close();
  }
}

/** The arguments of the renewing script: its hash or text, a count, and key, identifier and ttl. Releasing takes no ttl. */
const RENEWAL_ARGUMENTS = 5;

/** The clients of one acquisition: they pass its commands on, and keep what it does not tell. */
class Seen {
  readonly clients: readonly object[];
  sets = 0;
  /** What the deletions since the beginning of the release were answered. */
  #deleted = 0;
  #refused = 0;
  #failed = 0;
  #cause = new Error('no master answered');

  constructor(masters: IoredisMasters, onRenewalFailure: OnRenewalFailure) {
    this.clients = masters.clients.map((client, master) => {
      const noteFailure = (thrown: unknown): never => {
        masters.failed(master, thrown);
        throw thrown;
      };
      const script = (send: () => Promise<unknown>, isRenewal: boolean): Promise<unknown> =>
        send().then(
          (reply) => {
            if (!isRenewal) this.#note(Number(reply) === 1);
            return reply;
          },
          (thrown: unknown) => {
            if (toError(thrown).message.startsWith('NOSCRIPT')) throw thrown;
            if (isRenewal) return onRenewalFailure(thrown);
            this.#failed++;
            this.#cause = new Error(describeFailure(thrown));
            return noteFailure(thrown);
          },
        );
      return {
        options: client.options,
        set: (key: string, value: string, px: 'PX', ttlMs: number, nx: 'NX') => {
          this.sets++;
          return client.set(key, value, px, ttlMs, nx).catch(noteFailure);
        },
        evalsha: (hash: string, count: number, ...rest: string[]) =>
          script(() => client.evalsha(hash, count, ...rest), rest.length + 2 === RENEWAL_ARGUMENTS),
        eval: (text: string, count: number, ...rest: string[]) =>
          script(() => client.eval(text, count, ...rest), rest.length + 2 === RENEWAL_ARGUMENTS),
      };
    });
  }

  /** Forgets the deletions by which the library cleaned up after attempts that failed. */
  beginRelease(): void {
    this.#deleted = 0;
    this.#refused = 0;
    this.#failed = 0;
  }

  /** What the masters said to the release, all of which it has waited for. */
  endRelease(): ReleaseOutcome {
    const votes: Votes = {
      masters: this.clients.length,
      granted: this.#deleted,
      refused: this.#refused,
      failed: this.#failed,
    };
    const verdict = judgeChange(votes);
    if (verdict === 'granted') return { status: 'released' };
    return verdict === 'refused' ? { status: 'lost' } : { status: 'indeterminate', cause: this.#cause };
  }

  #note(isDeleted: boolean): void {
    if (isDeleted) this.#deleted++;
    else this.#refused++;
  }
}
