/**
 * Automatic extension of held locks.
 *
 * @module
 */
import { UsageError } from '../model/errors.js';
import type { Random } from '../model/random.js';
import { msToNs, type Ns } from '../model/time.js';
import type { Electorate, Request } from './electorate.js';
import { LockLostError, LockReleasedError, LockValidityEndedError } from './errors.js';
import type { FanOut } from './fan-out.js';
import type { Extension, Lease } from './lease.js';
import { TimerWheel, type WheelEntry } from './timer-wheel.js';

export interface KeepAliveOptions {
  /** No extension starts after this time from the call; the lock then runs out with its ttl. @default Infinity */
  readonly maxHoldMs?: number | undefined;
}

/** A lease is extended when this share of its ttl has passed: two more tries fit in before it ends. */
const INTERVAL_SHARE = 1 / 3;
/** The largest share of the interval that is left out at random: locks that were taken together soon part. */
const JITTER_SHARE = 0.2;
/** Extensions are put off to the next multiple of this, so that those of many locks travel together. */
const SLACK_SHARE = 1 / 100;
const MOST_SLACK_NS = msToNs(50);
/**
 * After too few answers: a random wait up to a share of the ttl that doubles with each failure in a row, yet leaves time
 * for further tries in what is left of the validity.
 */
const FIRST_BACKOFF_SHARE = 1 / 20;
const REST_SHARE = 1 / 3;
/** No wait is shorter, whatever was drawn: that bounds the extensions that fail in one ttl. */
const LEAST_BACKOFF_SHARE = 1 / 100;
/**
 * So many extensions may be undecided at once; the others stand in a queue. Thousands may be due in one tick, after this
 * thread was blocked: sent all at once they would be answered too late, and be sent again, for ever.
 */
const MOST_UNDECIDED = 2_048;

/**
 * Extends the leases of one client: one timer for all, and one script call for the many that are due together.
 *
 * A lease waits in the wheel as long as it is kept, and for the earlier of two things: its next extension, or the end
 * of its validity. Whatever ends it takes it out; so nothing is sent for it afterwards, and what is still under way
 * finds that it is over.
 */
export class Renewal {
  readonly #electorate: Electorate;
  readonly #random: Random;
  readonly #wheel: TimerWheel<KeptLease>;
  /** Whose extension is due but not yet sent; they wait in the wheel, too, for the end of their validity. */
  readonly #queue: KeptLease[] = [];
  #undecided = 0;
  #isClosed = false;
  #pumping: NodeJS.Immediate | undefined;
  readonly #onRoom = (): void => {
    this.#pumping = undefined;
    this.#sendQueued();
  };

  constructor(electorate: Electorate, random: Random) {
    this.#electorate = electorate;
    this.#random = random;
    this.#wheel = new TimerWheel(electorate.clock, (due, nowNs) => {
      this.#serve(due, nowNs);
    });
  }

  /** Keeps a lease alive from now on. @throws UsageError for a time that is none */
  keep(lease: Lease, { maxHoldMs = Infinity }: KeepAliveOptions): KeptLease {
    if (!(maxHoldMs >= 0)) {
      throw new UsageError([`maxHoldMs: expected milliseconds from 0, or Infinity, got ${String(maxHoldMs)}`]);
    }
    const nowNs = this.#electorate.clock.nowNs();
    const kept = new KeptLease(this, lease, nowNs + msToNs(maxHoldMs));
    if (lease.isReleased) kept.release();
    else if (this.#isClosed) this.end(kept, new LockValidityEndedError(lease.resources, CLOSED));
    else if (nowNs >= lease.validUntilNs) this.#expire(kept);
    else this.planExtension(kept, lease.validSinceNs);
    return kept;
  }

  /** Ends every renewal: the leases run out with their ttl, and their signals say so at once. */
  close(): void {
    this.#isClosed = true;
    for (const kept of this.#wheel.empty()) this.end(kept, new LockValidityEndedError(kept.lease.resources, CLOSED));
  }

  /** Plans the next extension of a lease whose ttl counts from `sinceNs`. */
  planExtension(kept: KeptLease, sinceNs: Ns): void {
    const ttlNs = msToNs(kept.lease.ttlMs);
    const intervalNs = ttlNs * INTERVAL_SHARE * (1 - JITTER_SHARE * this.#random.next());
    const slackNs = Math.min(MOST_SLACK_NS, ttlNs * SLACK_SHARE);
    this.#wait(kept, Math.ceil((sinceNs + intervalNs) / slackNs) * slackNs);
  }

  /** Ends one renewal, the first time that it is called for it. */
  end(kept: KeptLease, reason: Error): void {
    this.#wheel.remove(kept);
    if (!kept.isOver) kept.abort(reason);
  }

  #wait(kept: KeptLease, extendNs: Ns): void {
    kept.extendNs = extendNs <= kept.lastExtendNs ? extendNs : Infinity;
    this.#wheel.add(kept, Math.min(kept.extendNs, kept.lease.validUntilNs));
  }

  #serve(due: readonly KeptLease[], nowNs: Ns): void {
    for (const kept of due) {
      // Over since it was found due: the end of another one made its caller release this one.
      if (kept.isOver) continue;
      if (nowNs >= kept.lease.validUntilNs) {
        this.#expire(kept);
      } else if (nowNs > kept.lastExtendNs) {
        this.#wait(kept, Infinity);
      } else if (nowNs >= kept.extendNs) {
        // Until its extension is settled there is nothing to do but to watch the validity.
        this.#wait(kept, Infinity);
        this.#queue.push(kept);
      } else {
        this.#wait(kept, kept.extendNs);
      }
    }
    this.#sendQueued();
  }

  #sendQueued(): void {
    while (this.#queue.length > 0 && this.#undecided < MOST_UNDECIDED) {
      const startNs = this.#electorate.clock.nowNs();
      const requests = this.#queue
        .splice(0, MOST_UNDECIDED - this.#undecided)
        .filter((kept) => !kept.isOver && startNs <= kept.lastExtendNs)
        .map((kept) => this.#begin(kept, startNs));
      this.#undecided += requests.length;
      this.#electorate.askTogether(requests, startNs);
    }
  }

  #begin(kept: KeptLease, startNs: Ns): Request {
    const extension = kept.lease.begin(startNs, kept.lease.ttlMs);
    let isUndecided = true;
    const settled = (fanOut: FanOut): void => {
      if (isUndecided) this.#makeRoom();
      isUndecided = false;
      this.#settle(kept, extension, fanOut);
    };
    return { command: extension.command, settled };
  }

  #makeRoom(): void {
    this.#undecided--;
    // When half the room is free, and the replies of this tick have been dealt: smaller calls would cost more.
    if (this.#queue.length > 0 && this.#undecided <= MOST_UNDECIDED / 2) this.#pumping ??= setImmediate(this.#onRoom);
  }

  /** An extension is decided; or was too late to be, and late votes have decided it after all. */
  #settle(kept: KeptLease, extension: Extension, fanOut: FanOut): void {
    const { lease } = kept;
    const nowNs = this.#electorate.clock.nowNs();
    const isExtended = lease.conclude(extension, fanOut.verdict, nowNs);
    if (kept.isOver) return;
    if (isExtended) {
      kept.failures = 0;
      kept.lastFailure = undefined;
      this.planExtension(kept, fanOut.startNs);
    } else if (fanOut.verdict === 'refused') {
      kept.lose();
    } else {
      if (fanOut.verdict === 'indeterminate') kept.lastFailure = fanOut;
      kept.failures++;
      this.#wait(kept, nowNs + this.#drawBackoffNs(kept, nowNs));
    }
  }

  #expire(kept: KeptLease): void {
    const cause = kept.lastFailure?.explain();
    this.end(kept, new LockValidityEndedError(kept.lease.resources, EXPIRED, cause && { cause }));
  }

  #drawBackoffNs({ lease, failures }: KeptLease, nowNs: Ns): Ns {
    const ttlNs = msToNs(lease.ttlMs);
    const mostNs = Math.min(
      ttlNs * FIRST_BACKOFF_SHARE * 2 ** (failures - 1),
      (lease.validUntilNs - nowNs) * REST_SHARE,
    );
    return ttlNs * LEAST_BACKOFF_SHARE + this.#random.next() * Math.max(0, mostNs);
  }
}

const CLOSED = 'its client was closed';
const EXPIRED = 'it could not be extended in time';

/** A lease that is kept alive. */
export class KeptLease implements WheelEntry {
  readonly lease: Lease;
  /** No extension starts after this. */
  readonly lastExtendNs: Ns;
  wheelTick: number | undefined;
  extendNs: Ns = Infinity;
  /** Whether its signal has aborted; asking that one would be dear. */
  isOver = false;
  /** Extensions in a row that too few masters answered, and the last of them. */
  failures = 0;
  lastFailure: FanOut | undefined;
  readonly #renewal: Renewal;
  readonly #controller = new AbortController();

  constructor(renewal: Renewal, lease: Lease, lastExtendNs: Ns) {
    this.#renewal = renewal;
    this.lease = lease;
    this.lastExtendNs = lastExtendNs;
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  abort(reason: Error): void {
    this.isOver = true;
    this.#controller.abort(reason);
  }

  /** Its caller has given it another ttl, perhaps a shorter one. */
  reschedule(sinceNs: Ns): void {
    if (!this.isOver) this.#renewal.planExtension(this, sinceNs);
  }

  /** A quorum says that it is not ours. */
  lose(): void {
    this.#renewal.end(this, new LockLostError(this.lease.resources));
  }

  release(): void {
    this.#renewal.end(this, new LockReleasedError(this.lease.resources));
  }
}
