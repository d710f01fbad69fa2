/**
 * A lock that was granted.
 *
 * @module
 */
import type { Ns } from '../model/time.js';
import type { Electorate } from './electorate.js';
import { LockLostError } from './errors.js';
import { requireTtl } from './requests.js';
import { validUntil } from './validity.js';

/** `lost`: a quorum says that the lock was no longer ours. `indeterminate`: too few masters answered in time. */
export type ReleaseOutcome =
  { readonly status: 'released' | 'lost' } | { readonly status: 'indeterminate'; readonly cause: Error };

/** `lost`: a quorum says so, the lock was released before, or its new validity ended before the answer came. */
export type ExtendOutcome =
  | { readonly status: 'extended'; readonly validUntilNs: number }
  | { readonly status: 'lost' }
  | { readonly status: 'indeterminate'; readonly cause: Error };

/** What a lock is made of. */
export interface Grant {
  readonly resources: readonly string[];
  readonly token: string;
  readonly ttlMs: number;
  readonly validUntilNs: Ns;
  /** How many masters had granted it when the quorum was reached. */
  readonly votes: number;
}

/** A lock that this client holds until its validity ends or it is released; `await using` releases it. */
export class Lock implements AsyncDisposable {
  readonly resources: readonly string[];
  readonly token: string;
  readonly votes: number;
  readonly #electorate: Electorate;
  readonly #driftFactor: number;
  #validUntilNs: Ns;
  /** The longest ttl that a key of this lock may have been given. */
  #ttlMs: number;
  #extensions = 0;
  #released: Promise<ReleaseOutcome> | undefined;

  constructor(electorate: Electorate, driftFactor: number, grant: Grant) {
    this.resources = grant.resources;
    this.token = grant.token;
    this.votes = grant.votes;
    this.#electorate = electorate;
    this.#driftFactor = driftFactor;
    this.#validUntilNs = grant.validUntilNs;
    this.#ttlMs = grant.ttlMs;
  }

  /** Until when the lock excludes others, in nanoseconds of the client's monotonic clock; moves with extensions. */
  get validUntilNs(): Ns {
    return this.#validUntilNs;
  }

  /** How much validity is left, in nanoseconds; 0 when none is. */
  get remainingNs(): Ns {
    return Math.max(0, this.#validUntilNs - this.#electorate.clock.nowNs());
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
    requireTtl(ttlMs, this.#driftFactor);
    if (this.#released !== undefined) return { status: 'lost' };
    const { clock } = this.#electorate;
    const startNs = clock.nowNs();
    const candidateNs = validUntil(startNs, ttlMs, this.#driftFactor);
    const generation = ++this.#extensions;
    // A shorter ttl may hold on some masters from now on, whatever the others answer.
    this.#validUntilNs = Math.min(this.#validUntilNs, candidateNs);
    this.#ttlMs = Math.max(this.#ttlMs, ttlMs);
    const { resources, token } = this;
    const fanOut = await this.#electorate.ask({ kind: 'extend', resources, token, ttlMs }, startNs);
    if (fanOut.verdict === 'indeterminate') return { status: 'indeterminate', cause: fanOut.explain() };
    // A release that was called meanwhile comes after the extension on every connection, and wins.
    const isOver = this.isReleased || clock.nowNs() >= candidateNs;
    if (fanOut.verdict !== 'granted' || isOver) return { status: 'lost' };
    // Of two extensions under way the later one rules the keys, even when the earlier one is settled after it.
    if (generation === this.#extensions) this.#validUntilNs = candidateNs;
    return { status: 'extended', validUntilNs: this.#validUntilNs };
  }

  get isReleased(): boolean {
    return this.#released !== undefined;
  }

  /**
   * Deletes the lock's keys on all masters, by token. Resolves when a quorum has answered, at the node timeout at the
   * latest; never rejects. Every further call gives the same answer.
   *
   * A master that could not be reached is told again when it is back, while the ttl lasts.
   */
  release(): Promise<ReleaseOutcome> {
    this.#released ??= this.#release();
    return this.#released;
  }

  /** Releases the lock. Never rejects, so it cannot hide an error of the body that it protects. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.release();
  }

  async #release(): Promise<ReleaseOutcome> {
    const { resources, token } = this;
    const fanOut = await this.#electorate.ask({ kind: 'release', resources, token, ttlMs: this.#ttlMs });
    if (fanOut.verdict === 'granted') return { status: 'released' };
    return fanOut.verdict === 'refused' ? { status: 'lost' } : { status: 'indeterminate', cause: fanOut.explain() };
  }
}
