/**
 * A lock that was granted.
 *
 * @module
 */
import type { Ns } from '../model/time.js';
import type { Electorate } from './electorate.js';
import { LockLostError } from './errors.js';
import { formatFence, type Fence } from './fence.js';
import { Lease, type Grant } from './lease.js';
import type { KeepAliveOptions, KeptLease, Renewal } from './renewal.js';
import { requireTtl } from './requests.js';

/** `lost`: a quorum says that the lock was no longer ours. `indeterminate`: too few masters answered in time. */
export type ReleaseOutcome =
  { readonly status: 'released' | 'lost' } | { readonly status: 'indeterminate'; readonly cause: Error };

/** `lost`: a quorum says so, the lock was released before, or its new validity ended before the answer came. */
export type ExtendOutcome =
  | { readonly status: 'extended'; readonly validUntilNs: number }
  | { readonly status: 'lost' }
  | { readonly status: 'indeterminate'; readonly cause: Error };

/** What the locks of one client share. */
export interface LockKeeping {
  readonly electorate: Electorate;
  readonly renewal: Renewal;
  readonly driftFactor: number;
}

/** A lock that this client holds until its validity ends or it is released; `await using` releases it. */
export class Lock implements AsyncDisposable {
  /** How many masters had granted it when the quorum was reached. */
  readonly votes: number;
  /** The fencing token, where one was asked for: hand it to whatever the lock protects. See fencing.ts. */
  readonly fence: Fence | undefined;
  readonly #keeping: LockKeeping;
  readonly #lease: Lease;
  #kept: KeptLease | undefined;
  #released: Promise<ReleaseOutcome> | undefined;

  constructor(keeping: LockKeeping, grant: Grant, votes: number, fence: Fence | undefined) {
    this.votes = votes;
    this.fence = fence;
    this.#keeping = keeping;
    this.#lease = new Lease(grant, keeping.driftFactor);
  }

  get resources(): readonly string[] {
    return this.#lease.resources;
  }

  get token(): string {
    return this.#lease.token;
  }

  /** The fencing token as a text that sorts as the fence does; see `formatFence`. */
  get fenceText(): string | undefined {
    return this.fence === undefined ? undefined : formatFence(this.fence);
  }

  /** Until when the lock excludes others, in nanoseconds of the client's monotonic clock; moves with extensions. */
  get validUntilNs(): Ns {
    return this.#lease.validUntilNs;
  }

  /** How much validity is left, in nanoseconds; 0 when none is. */
  get remainingNs(): Ns {
    return Math.max(0, this.#lease.validUntilNs - this.#keeping.electorate.clock.nowNs());
  }

  /**
   * Gives the lock a new ttl, counted from now, and resolves to the new end of its validity in nanoseconds.
   *
   * @throws LockLostError when a quorum says that it is not ours any more, or after its release
   * @throws QuorumUnreachableError when too few masters answered; the validity is then what it was, or shorter
   */
  async extend(ttlMs: number): Promise<Ns> {
    const outcome = await this.tryExtend(ttlMs);
    if (outcome.status === 'extended') return outcome.validUntilNs;
    throw outcome.status === 'lost' ? new LockLostError(this.resources) : outcome.cause;
  }

  /** As `extend`, but answers what happened. Never creates a key: a lost lock stays lost. */
  async tryExtend(ttlMs: number): Promise<ExtendOutcome> {
    const { electorate, driftFactor } = this.#keeping;
    requireTtl(ttlMs, driftFactor);
    if (this.isReleased) return { status: 'lost' };
    const startNs = electorate.clock.nowNs();
    const extension = this.#lease.begin(startNs, ttlMs);
    this.#kept?.reschedule(startNs);
    const fanOut = await electorate.ask(extension.command, startNs);
    const isExtended = this.#lease.conclude(extension, fanOut.verdict, electorate.clock.nowNs());
    if (isExtended) return { status: 'extended', validUntilNs: this.validUntilNs };
    if (fanOut.verdict === 'indeterminate') return { status: 'indeterminate', cause: fanOut.explain() };
    if (fanOut.verdict === 'refused') this.#kept?.lose();
    return { status: 'lost' };
  }

  /**
   * Extends the lock automatically, each time a third of its ttl has passed, until it is released, lost, or its client
   * closed: for ever, when nobody releases it. The ttl is its own, or that of the latest `extend`.
   *
   * The signal aborts when the lock must not be relied on any more. Its reason is a LockLostError (a quorum says so), a
   * LockValidityEndedError (too few masters answered in time, `maxHoldMs` is over, or the client was closed) or a
   * LockReleasedError. Every further call returns the same signal, and its options are ignored.
   */
  keepAlive(options: KeepAliveOptions = {}): AbortSignal {
    this.#kept ??= this.#keeping.renewal.keep(this.#lease, options);
    return this.#kept.signal;
  }

  get isReleased(): boolean {
    return this.#lease.isReleased;
  }

  /**
   * Deletes the lock's keys on all masters, by token. Resolves when a quorum has answered, at the node timeout at the
   * latest; never rejects. Every further call gives the same answer. Nothing extends the lock afterwards.
   *
   * A master that could not be reached is told again when it is back, while the ttl lasts.
   */
  release(): Promise<ReleaseOutcome> {
    if (this.#released === undefined) {
      this.#released = this.#release();
      // After the deletions were written: a listener to the signal must not hold them up.
      this.#kept?.release();
    }
    return this.#released;
  }

  /** Releases the lock. Never rejects, so it cannot hide an error of the body that it protects. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.release();
  }

  async #release(): Promise<ReleaseOutcome> {
    const { resources, token, longestTtlMs } = this.#lease;
    this.#lease.isReleased = true;
    const { electorate } = this.#keeping;
    const fanOut = await electorate.ask({ kind: 'release', resources, token, ttlMs: longestTtlMs });
    if (fanOut.verdict === 'granted') return { status: 'released' };
    return fanOut.verdict === 'refused' ? { status: 'lost' } : { status: 'indeterminate', cause: fanOut.explain() };
  }
}
