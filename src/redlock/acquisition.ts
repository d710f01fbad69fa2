/**
 * One acquisition: its attempts, the waits between them, and how it ends.
 *
 * @module
 */
import { UsageError } from '../model/errors.js';
import { msToNs, nsToMs, type Ns } from '../model/time.js';
import { drawBackoffMs } from './backoff.js';
import type { Electorate } from './electorate.js';
import type { FanOut } from './fan-out.js';
import type { Fence } from './fence.js';
import { requireOneResource, type Fencing, type MintOutcome, type Reading } from './fencing.js';
import type { Grant } from './lease.js';
import { Lock, type LockKeeping } from './lock.js';
import type { MasterVote } from './master.js';
import { validateLimits, type RedlockSettings } from './options.js';
import { requireResources, requireTtl } from './requests.js';
import type { TokenPool } from './token.js';
import { validUntil } from './validity.js';
import type { WaitingRoom } from './waiting-room.js';
import type { WakeUp } from './wake-up.js';
import type { Place } from './wake-up-line.js';

export interface AcquireOptions {
  /** Ends the waiting for a held lock; see `tryAcquire`. */
  readonly signal?: AbortSignal | undefined;
  /** Instead of the client's; 0 = one attempt, Infinity = until aborted. */
  readonly acquireTimeoutMs?: number | undefined;
  /** Instead of the client's. */
  readonly maxAttempts?: number | undefined;
  /** Mints a fencing token for the lock, for one more round trip; one resource only. See `Lock.fence`. */
  readonly fencing?: boolean | undefined;
}

/**
 * How an acquisition ended; `attempts` counts the fan-outs that were written for it: none for one that was aborted in the
 * queue of its client. `votes` are those of the last attempt, one for each master.
 */
export type AcquireOutcome =
  | { readonly status: 'acquired'; readonly attempts: number; readonly lock: Lock }
  /** Others hold it and the waiting is over; or a quorum granted it too late; or the caller aborted. */
  | {
      readonly status: 'held' | 'expired' | 'aborted';
      readonly attempts: number;
      readonly votes: readonly MasterVote[];
    }
  /** So few masters answered the last attempt that it is unknown whether others hold the lock. */
  | {
      readonly status: 'indeterminate';
      readonly attempts: number;
      readonly votes: readonly MasterVote[];
      readonly cause: Error;
    };

/** What the acquisitions of one client share. */
export interface Counter {
  readonly settings: RedlockSettings;
  readonly electorate: Electorate;
  readonly keeping: LockKeeping;
  readonly tokens: TokenPool;
  readonly fencing: Fencing;
  readonly waitingRoom: WaitingRoom;
  /** Undefined for a client that polls. */
  readonly wakeUp: WakeUp | undefined;
  isClosed: boolean;
}

/** An acquisition under way; `run` is called once. */
export class Acquisition {
  readonly #counter: Counter;
  readonly #resources: readonly string[];
  /** The only resource, or the first of several, which are never queued for. */
  readonly #resource: string;
  readonly #ttlMs: number;
  readonly #signal: AbortSignal | undefined;
  readonly #giveUpNs: Ns;
  readonly #maxAttempts: number;
  readonly #isFenced: boolean;
  /** The queue to wait in. Undefined for several resources, one attempt, and a client that polls. */
  readonly #queue: WakeUp | undefined;
  #place: Place | undefined;
  #attempts = 0;
  #isLast = false;
  /** Whether the last attempt was made because it was our turn. */
  #wasTurn = false;
  #last: FanOut | undefined;
  #minted: MintOutcome | undefined;

  /** @throws UsageError for misuse */
  constructor(counter: Counter, resources: string | readonly string[], ttlMs: number, options: AcquireOptions) {
    const { settings } = counter;
    const { signal, acquireTimeoutMs = settings.acquireTimeoutMs, maxAttempts = settings.maxAttempts } = options;
    this.#counter = counter;
    this.#resources = requireResources(resources);
    this.#resource = this.#resources[0] ?? '';
    requireTtl(ttlMs, settings.driftFactor);
    this.#ttlMs = ttlMs;
    this.#signal = signal;
    // The client's own limits were checked when it was made.
    if (options.acquireTimeoutMs !== undefined || options.maxAttempts !== undefined) {
      const problems = validateLimits(acquireTimeoutMs, maxAttempts);
      if (problems.length > 0) throw new UsageError(problems);
    }
    // One attempt has no end to wait for, and so needs no look at the clock.
    this.#giveUpNs = acquireTimeoutMs === 0 ? 0 : settings.clock.nowNs() + msToNs(acquireTimeoutMs);
    this.#maxAttempts = maxAttempts;
    this.#isFenced = options.fencing === true;
    if (this.#isFenced) requireOneResource(this.#resources);
    const mayWait = acquireTimeoutMs > 0 && maxAttempts > 1;
    this.#queue = mayWait && this.#resources.length === 1 ? counter.wakeUp : undefined;
  }

  async run(): Promise<AcquireOutcome> {
    if (this.#isOver()) return this.#abort();
    if (this.#queue?.isTaken(this.#resource) === true) this.#join(this.#queue);
    let lock: Lock | undefined;
    try {
      // Who was never called makes one attempt before it gives up: only votes tell a held lock from dead masters.
      if (this.#place !== undefined) this.#isLast = !(await this.#wait());
      for (;;) {
        if (this.#isOver()) return this.#abort();
        lock = await this.#attempt();
        if (lock !== undefined) return { status: 'acquired', attempts: this.#attempts, lock };
        if (this.#isOver()) return this.#abort();
        if (this.#isLast || this.#attempts >= this.#maxAttempts) return this.#fail();
        if (this.#queue !== undefined && this.#place === undefined) this.#join(this.#queue);
        if (!(await this.#wait())) return this.#fail();
      }
    } finally {
      if (this.#place !== undefined) this.#queue?.leave(this.#place, lock !== undefined);
    }
  }

  #join(queue: WakeUp): void {
    this.#place = queue.join(this.#resource, this.#giveUpNs);
  }

  /**
   * One attempt, with a token of its own: the release of an earlier attempt may be repeated late, and must not delete
   * what this one was granted. What it was granted without becoming the lock is released.
   */
  async #attempt(): Promise<Lock | undefined> {
    const { electorate, tokens, fencing } = this.#counter;
    this.#attempts++;
    this.#minted = undefined;
    const asking = electorate.ask({
      kind: 'acquire',
      resources: this.#resources,
      token: tokens.take(),
      ttlMs: this.#ttlMs,
    });
    const reading = this.#isFenced ? fencing.startReading(this.#resource) : undefined;
    const attempt = await asking;
    this.#last = attempt;
    const grant = this.#judge(attempt);
    if (grant === undefined) {
      electorate.cleanUp(attempt);
      return undefined;
    }
    return reading === undefined ? this.#take(grant, attempt, undefined) : await this.#fence(grant, attempt, reading);
  }

  /** Takes the lock once it has its fence. Counts as under way, so that closing the client waits for the clean-up. */
  async #fence(grant: Grant, attempt: FanOut, reading: Reading): Promise<Lock | undefined> {
    const { electorate, fencing, wakeUp } = this.#counter;
    electorate.begin();
    // From now on the others queue with us, although the fence is still to come.
    wakeUp?.hold(grant.resources, grant);
    try {
      const minted = await fencing.mint(this.#resource, grant.token, reading, grant.validUntilNs);
      this.#minted = minted;
      if (minted.status === 'minted' && !this.#isOver()) return this.#take(grant, attempt, minted.fence);
      electorate.cleanUp(attempt);
      wakeUp?.release(grant.resources, grant.token);
      return undefined;
    } finally {
      electorate.completed();
    }
  }

  #take(grant: Grant, { granted }: FanOut, fence: Fence | undefined): Lock {
    const { keeping, wakeUp } = this.#counter;
    const lock = new Lock(keeping, grant, granted, fence);
    wakeUp?.hold(grant.resources, lock);
    return lock;
  }

  /** What an attempt was granted, or undefined: no quorum, no validity left, or nobody wants it any more. */
  #judge({ verdict, command, startNs }: FanOut): Grant | undefined {
    if (verdict !== 'granted' || this.#isOver()) return undefined;
    const { clock, driftFactor } = this.#counter.settings;
    const { resources, token, ttlMs } = command;
    const validUntilNs = validUntil(startNs, ttlMs, driftFactor);
    return clock.nowNs() < validUntilNs ? { resources, token, ttlMs, validUntilNs } : undefined;
  }

  /** Waits for the next attempt; resolves to false when the acquire timeout is over. */
  async #wait(): Promise<boolean> {
    const { settings, waitingRoom } = this.#counter;
    const { clock, random, observer } = settings;
    const place = this.#place;
    for (;;) {
      const remainingMs = nsToMs(this.#giveUpNs - clock.nowNs());
      if (remainingMs <= 0) return this.#isOver();
      // A turn that came while an attempt was under way is used at once.
      if (place?.isCalled !== true) {
        const backoffMs = drawBackoffMs(settings, Math.max(0, this.#attempts - 1), random);
        const wait = waitingRoom.enter(Math.min(backoffMs, remainingMs), this.#signal);
        // Votes for us mean that nobody may hold it; but on our turn they mean that we came before the deletion.
        const wasFree = !this.#wasTurn && this.#last !== undefined && this.#last.granted > 0;
        if (place !== undefined) this.#queue?.await(place, wait, wasFree);
        await wait.over;
        if (place !== undefined) place.wait = undefined;
      }
      this.#wasTurn = false;
      if (this.#isOver()) return true;
      if (place?.isHead === false) continue;
      if (place?.isCalled === true) {
        place.isCalled = false;
        place.vainTurns++;
        this.#wasTurn = true;
        observer?.wokeUp?.();
      }
      return clock.nowNs() < this.#giveUpNs;
    }
  }

  #isOver(): boolean {
    return this.#counter.isClosed || this.#signal?.aborted === true;
  }

  #abort(): AcquireOutcome {
    return { status: 'aborted', attempts: this.#attempts, votes: this.#last?.report() ?? [] };
  }

  /** The status of the last attempt. A quorum that came to nothing had come too late, or got no fence. */
  #fail(): AcquireOutcome {
    const attempt = this.#last;
    const attempts = this.#attempts;
    if (attempt === undefined) return this.#abort();
    const votes = attempt.report();
    if (attempt.verdict === 'granted') {
      const minted = this.#minted;
      if (minted?.status === 'indeterminate') return { status: 'indeterminate', attempts, votes, cause: minted.cause };
      return { status: 'expired', attempts, votes };
    }
    if (attempt.verdict === 'refused') return { status: 'held', attempts, votes };
    return { status: 'indeterminate', attempts, votes, cause: attempt.explain() };
  }
}
