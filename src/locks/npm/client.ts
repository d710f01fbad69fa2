/**
 * A client for any npm library: refuses what none can do, ends waits that a library cannot end, and leaves no late grant.
 *
 * @module
 */
import { toError, UsageError } from '../../model/errors.js';
import type {
  AcquireOutcome,
  Capabilities,
  ExtendOutcome,
  HeldLock,
  LockClient,
  LockRequest,
  ReleaseOutcome,
} from '../lock-client.js';
import { wholeMs } from '../whole-ttl.js';
import { requireNpmHeldLock } from './held-lock.js';
import type { Driven } from './library.js';
import { within } from './within.js';

/** How long closing waits for acquisitions that were given up and may still be granted. */
const LATE_GRANTS_MS = 2_500;

interface Wait {
  readonly signal: AbortSignal;
  readonly giveUp: () => void;
}

export class NpmLockClient implements LockClient {
  readonly name: string;
  readonly capabilities: Capabilities;
  readonly #library: Driven;
  /** Acquisitions under way. */
  readonly #waits = new Set<Wait>();
  /** The signals that are listened to: one listener each, however many wait. */
  readonly #signals = new WeakSet<AbortSignal>();
  /** Acquisitions that were given up and that the library has not ended. */
  readonly #late = new Set<Promise<void>>();
  readonly extend?: (lock: HeldLock, ttlMs: number) => Promise<ExtendOutcome>;

  constructor(name: string, capabilities: Capabilities, library: Driven) {
    this.name = name;
    this.capabilities = capabilities;
    this.#library = library;
    if (capabilities.canExtend) this.extend = (lock, ttlMs) => this.#extend(lock, ttlMs);
  }

  acquire({ resources, ttlMs, mode }: LockRequest, signal: AbortSignal): Promise<AcquireOutcome> {
    if (mode === 'shared') {
      return Promise.reject(new UsageError([`mode: expected exclusive, got shared; ${this.name} has no shared mode`]));
    }
    if (signal.aborted) return Promise.resolve({ status: 'aborted', attempts: 0 });
    return this.#unlessAborted(this.#library.acquire(resources, wholeMs(ttlMs), signal), signal);
  }

  async release(lock: HeldLock): Promise<ReleaseOutcome> {
    const own = requireNpmHeldLock(lock);
    try {
      return await this.#library.release(own);
    } catch (thrown) {
      return { status: 'indeterminate', cause: toError(thrown) };
    }
  }

  async #extend(lock: HeldLock, ttlMs: number): Promise<ExtendOutcome> {
    const own = requireNpmHeldLock(lock);
    try {
      return (await this.#library.extend?.(own, wholeMs(ttlMs))) ?? { status: 'lost' };
    } catch (thrown) {
      return { status: 'indeterminate', cause: toError(thrown) };
    }
  }

  /**
   * The outcome, or `aborted` as soon as the signal says so. Most libraries go on trying then, since nothing can stop
   * them: what they are granted after all is released at once.
   */
  #unlessAborted(asking: Promise<AcquireOutcome>, signal: AbortSignal): Promise<AcquireOutcome> {
    this.#listenTo(signal);
    return new Promise((resolve, reject) => {
      let isGivenUp = false;
      const settled = asking.then(
        async (outcome) => {
          this.#waits.delete(wait);
          if (!isGivenUp) resolve(outcome);
          else if (outcome.status === 'acquired') await this.release(outcome.lock);
        },
        (thrown: unknown) => {
          this.#waits.delete(wait);
          if (thrown instanceof UsageError) reject(thrown);
          else resolve({ status: 'indeterminate', attempts: 1, cause: toError(thrown) });
        },
      );
      const giveUp = (): void => {
        isGivenUp = true;
        this.#waits.delete(wait);
        const late = settled.finally(() => this.#late.delete(late));
        this.#late.add(late);
        // How many attempts there were, most libraries say only at the end.
        resolve({ status: 'aborted', attempts: 1 });
      };
      const wait: Wait = { signal, giveUp };
      this.#waits.add(wait);
    });
  }

  #listenTo(signal: AbortSignal): void {
    if (this.#signals.has(signal)) return;
    this.#signals.add(signal);
    const onAbort = (): void => {
      for (const wait of this.#waits) if (wait.signal === signal) wait.giveUp();
    };
    signal.addEventListener('abort', onAbort, { once: true });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const wait of this.#waits) wait.giveUp();
    await within(LATE_GRANTS_MS, Promise.all(this.#late));
    await this.#library.close();
  }
}
