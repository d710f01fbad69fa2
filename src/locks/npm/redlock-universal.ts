/**
 * `redlock-universal`: Redlock with SET NX, settled when every master has answered or timed out.
 *
 * A lock object is made for each acquisition. Its LockAcquisitionError says by how many votes it failed: with a quorum
 * of them the ttl had passed. What each master failed with it keeps to itself, so its adapters are watched for that. Its
 * handle says when it was acquired and for how long, which is what its own `using` counts from; it takes the end of the
 * acquisition for that, so the promise is longer than the keys live.
 *
 * @module
 */
import { toError } from '../../model/errors.js';
import { MOST_MASTERS } from '../../model/scenario.js';
import { wallClockMs } from '../../model/time.js';
import type { AcquireOutcome, ExtendOutcome, LockContext, ReleaseOutcome } from '../lock-client.js';
import { heldUntil, requireOneResource, type NpmHeldLock } from './held-lock.js';
import { IoredisMasters } from './ioredis.js';
import type { Driven, NpmLibrary } from './library.js';
import { equalRetries } from './retries.js';

interface Handle {
  readonly value: string;
  /** On the wall clock. */
  readonly acquiredAt: number;
  readonly ttl: number;
  readonly metadata?: { readonly attempts: number };
}

interface Lock {
  acquire(): Promise<Handle>;
  release(handle: Handle): Promise<boolean>;
  extend(handle: Handle, ttlMs: number): Promise<boolean>;
}

type Adapter = Record<(typeof WATCHED)[number], (...parameters: unknown[]) => Promise<unknown>>;

interface Library {
  readonly IoredisAdapter: new (client: unknown) => Adapter;
  readonly RedLock: new (config: object) => Lock;
}

const WATCHED = ['setNX', 'get', 'delIfMatch', 'extendIfMatch'] as const;

export const REDLOCK_UNIVERSAL: NpmLibrary = {
  name: 'npm:redlock-universal',
  package: { name: 'redlock-universal', versions: ['0'] },
  testedVersion: '0.8.5',
  does: 'RedLock: SET NX on all masters at once, settled when all have answered, each within 5 s',
  retries: {
    own: '3 retries, 200 ms apart',
    equal:
      'one fixed delay, the mean of ours, since it has no jitter; a count of retries stands for the acquire timeout',
  },
  capabilities: { maxMasters: MOST_MASTERS, canExtend: true },
  flaw:
    'It counts its ttl from the end of the acquisition, so it promises longer than its keys live, and the key on a master ' +
    'that answers after its timeout stays until the ttl.',
  open({ library, context, profile }) {
    const { IoredisAdapter, RedLock } = library as Library;
    const { meanDelayMs, count } = equalRetries(context.scenario);
    const retries = profile === 'equal' ? { retryAttempts: count, retryDelay: meanDelayMs } : {};
    return IoredisMasters.open(context, (masters) => {
      const adapters = masters.clients.map((client) => new IoredisAdapter(client));
      adapters.forEach((adapter, master) => {
        watch(adapter, (thrown) => {
          masters.failed(master, thrown);
        });
      });
      const make = (key: string, ttl: number): Lock => new RedLock({ adapters, key, ttl, ...retries });
      return new DrivenRedlockUniversal(make, masters, context);
    });
  },
};

/** Reports what a master fails with, and passes it on. */
function watch(adapter: Adapter, failed: (thrown: unknown) => void): void {
  for (const name of WATCHED) {
    const method = adapter[name].bind(adapter);
    adapter[name] = (...parameters) =>
      method(...parameters).catch((thrown: unknown) => {
        failed(thrown);
        throw thrown;
      });
  }
}

interface Acquisition {
  readonly lock: Lock;
  readonly handle: Handle;
}

class DrivenRedlockUniversal implements Driven {
  readonly #make: (key: string, ttlMs: number) => Lock;
  readonly #masters: IoredisMasters;
  readonly #context: LockContext;

  constructor(make: (key: string, ttlMs: number) => Lock, masters: IoredisMasters, context: LockContext) {
    this.#make = make;
    this.#masters = masters;
    this.#context = context;
  }

  async acquire(resources: readonly string[], ttlMs: number): Promise<AcquireOutcome> {
    const invokedNs = this.#context.clock.nowNs();
    const lock = this.#make(requireOneResource(resources), ttlMs);
    try {
      const handle = await lock.acquire();
      const attempts = handle.metadata?.attempts ?? 1;
      const held = this.#held(resources, { lock, handle }, handle.acquiredAt + handle.ttl);
      return { status: 'acquired', attempts, lock: held };
    } catch (thrown) {
      const { attempts, cause } = requireAcquisitionError(thrown);
      if (isExpired(cause)) return { status: 'expired', attempts };
      return this.#masters.notAcquired(invokedNs, attempts);
    }
  }

  async release({ handle: acquisition }: NpmHeldLock): Promise<ReleaseOutcome> {
    const invokedNs = this.#context.clock.nowNs();
    const { lock, handle } = acquisition as Acquisition;
    return (await lock.release(handle)) ? { status: 'released' } : this.#masters.notOurs(invokedNs);
  }

  async extend({ resources, handle: acquisition }: NpmHeldLock, ttlMs: number): Promise<ExtendOutcome> {
    const { clock } = this.#context;
    const invokedNs = clock.nowNs();
    const { lock, handle } = acquisition as Acquisition;
    if (!(await lock.extend(handle, ttlMs))) return this.#masters.notOurs(invokedNs);
    // It says only that it is extended; then the ttl counts from there, as in its own `using`.
    return { status: 'extended', lock: this.#held(resources, { lock, handle }, wallClockMs() + ttlMs) };
  }

  #held(resources: readonly string[], acquisition: Acquisition, expiresAtMs: number): NpmHeldLock<Acquisition> {
    const { value } = acquisition.handle;
    return heldUntil(resources, value, expiresAtMs, this.#context.clock, acquisition);
  }

  close(): Promise<void> {
    return this.#masters.close();
  }
}

/** `RedLock quorum not achieved: 3/2 required`: it had its quorum, so only the time can have been wanting. */
function isExpired(cause: unknown): boolean {
  const [, granted, required] = /(\d+)\/(\d+) required/.exec(cause instanceof Error ? cause.message : '') ?? [];
  return granted !== undefined && Number(granted) >= Number(required);
}

/** Lets anything but the library's own error through, to become indeterminate. */
function requireAcquisitionError(thrown: unknown): Error & { readonly attempts: number } {
  const error = toError(thrown);
  if (!('code' in error && error.code === 'LOCK_ACQUISITION_FAILED' && 'attempts' in error)) throw error;
  return error as Error & { readonly attempts: number };
}
