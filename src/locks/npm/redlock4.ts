/**
 * `redlock` 4: Redlock with one script for each command, settled when every master has answered.
 *
 * Every failure is a LockError, whatever it was; whether the lock is held or too few masters answered is told from the
 * connections, and from the `clientError` events for what a server refused. It tells its attempts and its expiration.
 *
 * @module
 */
import type { EventEmitter } from 'node:events';
import { toError } from '../../model/errors.js';
import { MOST_MASTERS } from '../../model/scenario.js';
import type { AcquireOutcome, ExtendOutcome, LockContext, ReleaseOutcome } from '../lock-client.js';
import { heldUntil, type NpmHeldLock } from './held-lock.js';
import { IoredisMasters } from './ioredis.js';
import type { Driven, NpmLibrary } from './library.js';
import { equalRetries } from './retries.js';

interface Lock {
  readonly value: string;
  /** On the wall clock, drift taken off. */
  readonly expiration: number;
  readonly attempts: number;
  unlock(): PromiseLike<void>;
  extend(ttlMs: number): PromiseLike<Lock>;
}

interface Redlock extends EventEmitter {
  readonly scripts: Readonly<Record<string, { readonly value: string }>>;
  lock(resources: readonly string[], ttlMs: number): PromiseLike<Lock>;
}

type RedlockConstructor = new (clients: readonly unknown[], options?: object) => Redlock;

export const REDLOCK_4: NpmLibrary = {
  name: 'npm:redlock@4',
  package: { name: 'redlock', versions: ['4'], aliases: ['redlock4'] },
  testedVersion: '4.2.0',
  does: 'Redlock by scripts, all masters at once, settled when all have answered',
  retries: {
    own: '10 retries, 100 to 300 ms apart',
    equal: 'delay and jitter as ours, without the ramp; a count of retries stands for the acquire timeout',
  },
  capabilities: { maxMasters: MOST_MASTERS, canExtend: true },
  open({ library, context, profile }) {
    const Redlock4 = library as RedlockConstructor;
    const { meanDelayMs, spreadMs, count } = equalRetries(context.scenario);
    const retries = { retryCount: count, retryDelay: meanDelayMs, retryJitter: spreadMs };
    return IoredisMasters.open(context, async (masters) => {
      const redlock = profile === 'equal' ? new Redlock4(masters.clients, retries) : new Redlock4(masters.clients);
      redlock.on('clientError', (error: unknown) => {
        masters.failedSomewhere(error);
      });
      await masters.loadScripts(Object.values(redlock.scripts).map(({ value }) => value));
      return new DrivenRedlock4(redlock, masters, context);
    });
  },
};

class DrivenRedlock4 implements Driven {
  readonly #redlock: Redlock;
  readonly #masters: IoredisMasters;
  readonly #context: LockContext;

  constructor(redlock: Redlock, masters: IoredisMasters, context: LockContext) {
    this.#redlock = redlock;
    this.#masters = masters;
    this.#context = context;
  }

  async acquire(resources: readonly string[], ttlMs: number): Promise<AcquireOutcome> {
    const invokedNs = this.#context.clock.nowNs();
    try {
      const lock = await this.#redlock.lock(resources, ttlMs);
      return { status: 'acquired', attempts: lock.attempts, lock: this.#held(resources, lock) };
    } catch (thrown) {
      return this.#masters.notAcquired(invokedNs, requireLockError(thrown).attempts ?? 1);
    }
  }

  async release({ handle }: NpmHeldLock): Promise<ReleaseOutcome> {
    const invokedNs = this.#context.clock.nowNs();
    try {
      await (handle as Lock).unlock();
      return { status: 'released' };
    } catch (thrown) {
      requireLockError(thrown);
      return this.#masters.notOurs(invokedNs);
    }
  }

  async extend({ resources, handle }: NpmHeldLock, ttlMs: number): Promise<ExtendOutcome> {
    const invokedNs = this.#context.clock.nowNs();
    try {
      return { status: 'extended', lock: this.#held(resources, await (handle as Lock).extend(ttlMs)) };
    } catch (thrown) {
      requireLockError(thrown);
      return this.#masters.notOurs(invokedNs);
    }
  }

  #held(resources: readonly string[], lock: Lock): NpmHeldLock<Lock> {
    return heldUntil(resources, lock.value, lock.expiration, this.#context.clock, lock);
  }

  close(): Promise<void> {
    return this.#masters.close();
  }
}

/** Lets anything but the library's own error through, to become indeterminate. */
function requireLockError(thrown: unknown): Error & { readonly attempts?: number } {
  const error = toError(thrown);
  if (error.name !== 'LockError') throw error;
  return error;
}
