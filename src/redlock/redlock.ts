/**
 * Redlock: a lock held on a majority of independent Redis masters.
 *
 * The algorithm of https://redis.io/docs/latest/develop/clients/patterns/distributed-locks/, with every master asked at
 * once and each attempt settled by the votes that decide it.
 *
 * @module
 */
import { EventEmitter } from 'node:events';
import { EnvironmentError, UsageError } from '../model/errors.js';
import { quorumOf } from '../model/quorum.js';
import { Acquisition, type AcquireOptions, type AcquireOutcome, type Counter } from './acquisition.js';
import { Electorate } from './electorate.js';
import { AcquireAbortedError, LockExpiredError, LockHeldError } from './errors.js';
import { Fencing } from './fencing.js';
import type { Lock } from './lock.js';
import { completeOptions, validateSettings, type RedlockOptions } from './options.js';
import { Renewal, type KeepAliveOptions } from './renewal.js';
import { requireResources } from './requests.js';
import { readSources, type MasterSource } from './sources.js';
import { TokenPool } from './token.js';
import { useLock, type UsingRoutine } from './using.js';
import { WaitingRoom } from './waiting-room.js';
import { WakeUp } from './wake-up.js';

export interface UsingOptions extends AcquireOptions, KeepAliveOptions {
  /** Ends the waiting for a held lock, and aborts the routine's signal. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * What a client tells its operator, by `on`. Masters are named as in messages, never with a password. A held lock, a lost
 * one and a timeout are outcomes and no events.
 */
export interface RedlockEvents {
  /** A master can be used, the first time or again. */
  masterReady: [master: string];
  /** The connection to a master was lost; it is tried again. */
  masterLost: [master: string, cause: Error];
}

/** A client of N masters. Any number of acquisitions may run at once; they share one connection for each master. */
export class Redlock extends EventEmitter<RedlockEvents> implements AsyncDisposable {
  readonly #electorate: Electorate;
  readonly #counter: Counter;

  /** @throws UsageError with every problem of the masters and the options; nothing is opened then */
  constructor(sources: readonly MasterSource[], options: RedlockOptions = {}) {
    super();
    const settings = completeOptions(options);
    const { factories, problems } = readSources(sources, settings);
    const all = [...problems, ...validateSettings(settings)];
    if (all.length > 0) throw new UsageError(all);
    const masters = factories.map((open, index) => open(index));
    for (const master of masters) {
      master.onReady(() => this.emit('masterReady', master.name));
      master.onLost((cause) => this.emit('masterLost', master.name, cause));
    }
    const electorate = new Electorate(masters, settings);
    const wakeUp = settings.wakeUp === 'notify' ? new WakeUp({ ...settings, masters }) : undefined;
    electorate.onRelease = (resources, token) => wakeUp?.release(resources, token);
    this.#electorate = electorate;
    this.#counter = {
      settings,
      electorate,
      keeping: { electorate, renewal: new Renewal(electorate, settings.random), driftFactor: settings.driftFactor },
      tokens: new TokenPool(wakeUp?.clientId ?? ''),
      fencing: new Fencing(masters, settings),
      waitingRoom: new WaitingRoom(),
      wakeUp,
      isClosed: false,
    };
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
    // A copy, for the errors: the caller's list may be another one when the waiting is over.
    const names = typeof resources === 'string' ? resources : [...resources];
    const outcome = await this.tryAcquire(names, ttlMs, options);
    if (outcome.status === 'acquired') return outcome.lock;
    const keys = requireResources(names);
    switch (outcome.status) {
      case 'held':
        throw new LockHeldError(keys, outcome);
      case 'expired':
        throw new LockExpiredError(keys, outcome);
      case 'aborted':
        throw new AcquireAbortedError(keys, outcome, options.signal?.reason);
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
    options: AcquireOptions = {},
  ): Promise<AcquireOutcome> {
    return await new Acquisition(this.#counter, resources, ttlMs, options).run();
  }

  /**
   * Takes a lock, keeps it alive while the routine runs, and releases it, however the routine ends.
   *
   * @returns what the routine returned; it must have ended while the lock was valid, or was released by itself
   * @throws what `acquire` and the routine throw; LockLostError or LockValidityEndedError when the routine returned too
   * late. A release that fails is never an error: the ttl ends the lock then
   */
  using<T>(resources: string | readonly string[], ttlMs: number, routine: UsingRoutine<T>): Promise<T>;
  using<T>(
    resources: string | readonly string[],
    ttlMs: number,
    options: UsingOptions,
    routine: UsingRoutine<T>,
  ): Promise<T>;
  async using<T>(
    resources: string | readonly string[],
    ttlMs: number,
    ...rest: [UsingRoutine<T>] | [UsingOptions, UsingRoutine<T>]
  ): Promise<T> {
    const [options, routine] = rest.length === 1 ? [{}, rest[0]] : rest;
    return await useLock(await this.acquire(resources, ttlMs, options), options, routine);
  }

  /** Resolves when no attempt, clean-up or release is under way. */
  drain(): Promise<void> {
    return this.#electorate.drain();
  }

  /**
   * Ends all waiting (as aborted), waits for what is under way, and closes the connections.
   *
   * Locks still held are left to their ttl, and nothing extends them: the signals of those kept alive abort now. A
   * deletion that a lost master was still to be told of is given up.
   */
  async close(): Promise<void> {
    this.#counter.isClosed = true;
    this.#counter.keeping.renewal.close();
    this.#counter.waitingRoom.empty();
    await this.#electorate.drain();
    this.#counter.wakeUp?.close();
    await Promise.all(this.#electorate.masters.map((master) => master.close()));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}
