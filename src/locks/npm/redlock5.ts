/**
 * `redlock` 5 and its fork `@sesamecare-oss/redlock`, which have one API: Redlock by scripts, settled at a quorum.
 *
 * Every failure is an ExecutionError, whatever it was; whether the lock is held or too few masters answered is told from
 * the connections, and from the `error` events for what a server refused (each refusal of a held lock is such an event,
 * too, by the name of ResourceLockedError). Both tell their attempts and their expiration. They grant without looking
 * whether the ttl has passed; the promise of such a grant is over. `redlock` counts it from its first attempt, the fork from
 * the one that was granted.
 *
 * @module
 */
import type { EventEmitter } from 'node:events';
import { toError } from '../../model/errors.js';
import { MOST_MASTERS } from '../../model/scenario.js';
import type { AcquireOutcome, ExtendOutcome, LockContext, ReleaseOutcome } from '../lock-client.js';
import { heldUntil, type NpmHeldLock } from './held-lock.js';
import { IoredisMasters } from './ioredis.js';
import type { Driven, NpmLibrary, Opening } from './library.js';
import { equalRetries } from './retries.js';

interface Lock {
  readonly value: string;
  /** On the wall clock, drift taken off. */
  readonly expiration: number;
  /** One entry for each. */
  readonly attempts: readonly unknown[];
  release(): Promise<unknown>;
  extend(ttlMs: number): Promise<Lock>;
}

interface Redlock extends EventEmitter {
  /** The fork has none: ioredis sends its scripts whole on each new connection. */
  readonly scripts?: Readonly<Record<string, { readonly value: string }>>;
  acquire(resources: readonly string[], ttlMs: number): Promise<Lock>;
}

type RedlockConstructor = new (clients: readonly unknown[], settings?: object) => Redlock;

const RETRIES = {
  own: '10 retries, 100 to 300 ms apart, for releases, too',
  equal:
    'delay and jitter as ours, without the ramp; a count of retries stands for the acquire timeout, and holds for ' +
    'releases, too',
};
const FLAW =
  'With an even number of masters a split vote never settles: the acquisition does not end, and its keys stay until ' +
  'the ttl.';

export const REDLOCK_5: NpmLibrary = {
  name: 'npm:redlock@5',
  package: { name: 'redlock', versions: ['5'], aliases: ['redlock5'] },
  testedVersion: '5.0.0-beta.2',
  does: 'Redlock by scripts, all masters at once, settled at a quorum',
  retries: RETRIES,
  capabilities: { maxMasters: MOST_MASTERS, canExtend: true },
  flaw: FLAW,
  async open(opening) {
    const { default: Redlock5 } = opening.library as { readonly default: RedlockConstructor };
    return await open(Redlock5, opening);
  },
};

export const SESAMECARE: NpmLibrary = {
  name: 'npm:@sesamecare-oss/redlock',
  package: { name: '@sesamecare-oss/redlock', versions: ['1'] },
  testedVersion: '1.4.0',
  does: 'A fork of redlock 5: Redlock by scripts, all masters at once, settled at a quorum',
  retries: RETRIES,
  capabilities: { maxMasters: MOST_MASTERS, canExtend: true },
  flaw: FLAW,
  async open(opening) {
    const { Redlock: Sesamecare } = opening.library as { readonly Redlock: RedlockConstructor };
    return await open(Sesamecare, opening);
  },
};

function open(Redlock: RedlockConstructor, { context, profile }: Opening): Promise<Driven> {
  const { meanDelayMs, spreadMs, count } = equalRetries(context.scenario);
  return IoredisMasters.open(context, async (masters) => {
    const redlock = new Redlock(masters.clients, {
      // The fork selects this database in its scripts, whatever its clients are on.
      db: context.masters[0]?.database,
      ...(profile === 'equal' ? { retryCount: count, retryDelay: meanDelayMs, retryJitter: spreadMs } : {}),
    });
    redlock.on('error', (error: unknown) => {
      masters.failedSomewhere(error);
    });
    await masters.loadScripts(Object.values(redlock.scripts ?? {}).map(({ value }) => value));
    return new DrivenRedlock5(redlock, masters, context);
  });
}

class DrivenRedlock5 implements Driven {
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
      const lock = await this.#redlock.acquire(resources, ttlMs);
      return { status: 'acquired', attempts: lock.attempts.length, lock: this.#held(resources, lock) };
    } catch (thrown) {
      return this.#masters.notAcquired(invokedNs, requireExecutionError(thrown).attempts?.length ?? 1);
    }
  }

  async release({ handle }: NpmHeldLock): Promise<ReleaseOutcome> {
    const invokedNs = this.#context.clock.nowNs();
    try {
      await (handle as Lock).release();
      return { status: 'released' };
    } catch (thrown) {
      requireExecutionError(thrown);
      return this.#masters.notOurs(invokedNs);
    }
  }

  async extend({ resources, handle }: NpmHeldLock, ttlMs: number): Promise<ExtendOutcome> {
    const invokedNs = this.#context.clock.nowNs();
    try {
      return { status: 'extended', lock: this.#held(resources, await (handle as Lock).extend(ttlMs)) };
    } catch (thrown) {
      requireExecutionError(thrown);
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
function requireExecutionError(thrown: unknown): Error & { readonly attempts?: readonly unknown[] } {
  const error = toError(thrown);
  if (error.name !== 'ExecutionError') throw error;
  return error;
}
