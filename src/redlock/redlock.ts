/**
 * Redlock: a lock held on a majority of independent Redis masters.
 *
 * The algorithm of https://redis.io/docs/latest/develop/clients/patterns/distributed-locks/, with every master asked at
 * once and each attempt settled by the votes that decide it.
 *
 * @module
 */
import { EnvironmentError, UsageError } from '../model/errors.js';
import { msToNs, nsToMs, type Ns } from '../model/time.js';
import { drawBackoffMs } from './backoff.js';
import { Electorate } from './electorate.js';
import { AcquireAbortedError, LockExpiredError, LockHeldError } from './errors.js';
import type { FanOut } from './fan-out.js';
import { Lock } from './lock.js';
import { completeOptions, validateSettings, type RedlockOptions, type RedlockSettings } from './options.js';
import { requireResources, requireTtl } from './requests.js';
import { readSources, type MasterSource } from './sources.js';
import { quorumOf } from './tally.js';
import { TokenPool } from './token.js';
import { validUntil } from './validity.js';
import { WaitingRoom } from './waiting-room.js';

export interface AcquireOptions {
  /** Ends the waiting for a held lock; see `tryAcquire`. */
  readonly signal?: AbortSignal | undefined;
}

/** How an acquisition ended; `attempts` counts the fan-outs that were written for it. */
export type AcquireOutcome =
  | { readonly status: 'acquired'; readonly attempts: number; readonly lock: Lock }
  /** Others hold it and the acquire timeout is over; or a quorum granted it too late; or the caller aborted. */
  | { readonly status: 'held' | 'expired' | 'aborted'; readonly attempts: number }
  /** So few masters answered the last attempt that it is unknown whether others hold the lock. */
  | { readonly status: 'indeterminate'; readonly attempts: number; readonly cause: Error };

/** A client of N masters. Any number of acquisitions may run at once; they share one connection for each master. */
export class Redlock implements AsyncDisposable {
  readonly #settings: RedlockSettings;
  readonly #electorate: Electorate;
  readonly #tokens = new TokenPool();
  readonly #waiting = new WaitingRoom();
  #isClosed = false;

  /** @throws UsageError with every problem of the masters and the options; nothing is opened then */
  constructor(masters: readonly MasterSource[], options: RedlockOptions = {}) {
    const settings = completeOptions(options);
    const { factories, problems } = readSources(masters, settings.random);
    const all = [...problems, ...validateSettings(settings)];
    if (all.length > 0) throw new UsageError(all);
    this.#settings = settings;
    this.#electorate = new Electorate(
      factories.map((open, index) => open(index)),
      settings,
    );
  }

  /**
   * Connects to all masters and loads the scripts. Masters that fail are tried again in the background.
   *
   * @param atLeast how many must be connected, when every one was tried once; by default a quorum
   * @throws EnvironmentError when they are fewer
   */
  async connect(atLeast = quorumOf(this.#electorate.masters.length)): Promise<void> {
    const { masters } = this.#electorate;
    const tries = await Promise.allSettled(masters.map((master) => master.connect()));
    const failures = tries.flatMap((one) => (one.status === 'rejected' ? [one.reason as unknown] : []));
    if (masters.length - failures.length >= atLeast) return;
    const reasons = failures.map((failure) => (failure instanceof Error ? failure.message : String(failure)));
    throw new EnvironmentError(
      `masters: expected ${String(atLeast)} of ${String(masters.length)} connections, ` +
        `got ${String(masters.length - failures.length)}; ${reasons.join('; ')}`,
      { cause: failures[0] },
    );
  }

  /**
   * Takes a lock on a majority of the masters, or throws.
   *
   * @param ttlMs after which every master forgets the lock, whatever becomes of us; whole milliseconds
   * @throws LockHeldError, LockExpiredError, QuorumUnreachableError, AcquireAbortedError; UsageError for misuse
   */
  async acquire(resources: string | readonly string[], ttlMs: number, options: AcquireOptions = {}): Promise<Lock> {
    const outcome = await this.tryAcquire(resources, ttlMs, options);
    if (outcome.status === 'acquired') return outcome.lock;
    const keys = requireResources(resources);
    switch (outcome.status) {
      case 'held':
        throw new LockHeldError(keys, outcome.attempts);
      case 'expired':
        throw new LockExpiredError(keys, outcome.attempts);
      case 'aborted':
        throw new AcquireAbortedError(keys, outcome.attempts, options.signal?.reason);
      case 'indeterminate':
        throw outcome.cause;
    }
  }

  /**
   * As `acquire`, but answers how it ended; rejects only for misuse. The status is that of the last attempt.
   *
   * An abort ends the waiting between attempts at once. An attempt on its way is let finish first, for at most the node
   * timeout: only its votes tell where it left keys. If it was granted, the grants are released.
   */
  async tryAcquire(
    resources: string | readonly string[],
    ttlMs: number,
    { signal }: AcquireOptions = {},
  ): Promise<AcquireOutcome> {
    const { clock, acquireTimeoutMs, driftFactor } = this.#settings;
    const keys = requireResources(resources);
    requireTtl(ttlMs, driftFactor);
    const giveUpNs = clock.nowNs() + msToNs(acquireTimeoutMs);
    for (let attempts = 1; ; attempts++) {
      if (this.#isOver(signal)) return { status: 'aborted', attempts: attempts - 1 };
      const attempt = await this.#attempt(keys, ttlMs);
      const endNs = validUntil(attempt.startNs, ttlMs, driftFactor);
      const isOver = this.#isOver(signal);
      if (attempt.verdict === 'granted' && clock.nowNs() < endNs && !isOver) {
        return { status: 'acquired', attempts, lock: this.#lock(attempt, endNs) };
      }
      this.#electorate.cleanUp(attempt);
      if (isOver) return { status: 'aborted', attempts };
      if (!(await this.#waitForRetry(giveUpNs, attempts - 1, signal))) return describeFailure(attempt, attempts);
    }
  }

  /** Resolves when no attempt, clean-up or release is under way. */
  drain(): Promise<void> {
    return this.#electorate.drain();
  }

  /**
   * Ends all waiting (as aborted), waits for what is under way, and closes the connections. Locks still held are left
   * to their ttl. A deletion that a lost master was still to be told of is given up.
   */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#waiting.empty();
    await this.#electorate.drain();
    await Promise.all(this.#electorate.masters.map((master) => master.close()));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /**
   * One attempt, with a token of its own: the release of an earlier attempt may be repeated late, and must not delete
   * what this one was granted.
   */
  #attempt(resources: readonly string[], ttlMs: number): Promise<FanOut> {
    return this.#electorate.ask({ kind: 'acquire', resources, token: this.#tokens.take(), ttlMs });
  }

  /** Waits before a retry, the first of which is 0; resolves to false when the acquire timeout is over. */
  async #waitForRetry(giveUpNs: Ns, retry: number, signal: AbortSignal | undefined): Promise<boolean> {
    const { clock, random } = this.#settings;
    const remainingMs = nsToMs(giveUpNs - clock.nowNs());
    if (remainingMs <= 0) return false;
    await this.#waiting.wait(Math.min(drawBackoffMs(this.#settings, retry, random), remainingMs), signal);
    return clock.nowNs() < giveUpNs || this.#isOver(signal);
  }

  #lock({ command, granted }: FanOut, validUntilNs: Ns): Lock {
    const { resources, token, ttlMs } = command;
    const grant = { resources, token, ttlMs, validUntilNs, votes: granted };
    return new Lock(this.#electorate, this.#settings.driftFactor, grant);
  }

  #isOver(signal: AbortSignal | undefined): boolean {
    return this.#isClosed || signal?.aborted === true;
  }
}

/** The status of a failed attempt. A quorum that came to nothing had come too late. */
function describeFailure(attempt: FanOut, attempts: number): AcquireOutcome {
  if (attempt.verdict === 'granted') return { status: 'expired', attempts };
  if (attempt.verdict === 'refused') return { status: 'held', attempts };
  return { status: 'indeterminate', attempts, cause: attempt.explain() };
}
