/**
 * What a contender does with its lock: each step stamped where the checker needs it, and no earlier.
 *
 * @module
 */
import type { AcquireOutcome, HeldLock, LockClient } from '../locks/lock-client.js';
import { toError, UsageError } from '../model/errors.js';
import { msToNs, wallClockMs, type Clock, type Ns } from '../model/time.js';
import type { AcquireOrder, AcquireReport, ExtendReport, ReleaseReport, TouchStatus } from './contender-protocol.js';
import type { Entry, OperationLog } from './operation-log.js';
import type { ResourceConnection } from './resource-connection.js';

interface Hold {
  readonly name: string;
  readonly entry: Entry;
  readonly fence: string | undefined;
  lock: HeldLock;
  /** What was read and not yet written back. */
  read: { readonly plain: number; readonly fenced: number | undefined; readonly isRefused: boolean } | undefined;
}

export interface ContendingParts {
  readonly name: string;
  readonly client: LockClient;
  readonly resource: ResourceConnection;
  readonly log: OperationLog;
  readonly clock: Clock;
}

export class Contending {
  readonly #parts: ContendingParts;
  readonly #holds = new Map<number, Hold>();
  #granted = 0;
  #updates = 0;

  constructor(parts: ContendingParts) {
    this.#parts = parts;
  }

  /**
   * Acquires and, when it was granted, enters the witness before it returns.
   *
   * @throws UsageError for a fence from a lock that mints none
   */
  async acquire(order: AcquireOrder, signal: AbortSignal): Promise<AcquireReport> {
    const { client, clock, log } = this.#parts;
    const { resource, ttlMs, keyIndex, fenced = false } = order;
    if (fenced && client.capabilities.canFence !== true) {
      throw new UsageError([`fenced: expected a lock that mints fences, got ${client.name}`]);
    }
    const request = { resources: [resource], ttlMs, mode: 'exclusive', ...(fenced ? { fenced } : {}) } as const;
    const entry = log.begin(keyIndex);
    const { operation } = entry;
    let outcome: AcquireOutcome;
    try {
      outcome = await client.acquire(request, signal);
    } catch (thrown) {
      outcome = { status: 'indeterminate', attempts: 1, cause: toError(thrown) };
    }
    operation.returnedNs = clock.nowNs();
    operation.attempts = outcome.attempts;
    operation.status = outcome.status;
    if (outcome.status === 'acquired') return this.#enter(entry, outcome.lock);
    log.end(entry);
    const { invokedNs, returnedNs } = operation;
    const cause = outcome.status === 'indeterminate' ? { cause: outcome.cause.message } : {};
    return { status: outcome.status, attempts: outcome.attempts, invokedNs, returnedNs, ...cause };
  }

  /** The first half of a read-modify-write. */
  async read(number: number): Promise<TouchStatus> {
    const hold = this.#find(number);
    const reply = await this.#parts.resource.ask({ kind: 'read', hold: hold.name });
    if (reply.kind !== 'read') throw new TypeError(`read: expected what was read, got ${reply.kind}`);
    hold.read = reply;
    return reply.isRefused ? 'refused' : 'ok';
  }

  /** The second half: what was read, and an update more. */
  async write(number: number): Promise<TouchStatus> {
    const { name, contender, read } = { ...this.#find(number), contender: this.#parts.name };
    if (read === undefined) throw new UsageError([`write: expected a read of hold ${String(number)} before, got none`]);
    const update = `${contender}.u${String(++this.#updates)}`;
    const { plain, fenced } = read;
    const reply = await this.#parts.resource.ask({ kind: 'write', hold: name, update, plain, fenced });
    if (reply.kind !== 'written') throw new TypeError(`write: expected its outcome, got ${reply.kind}`);
    return read.isRefused || reply.isRefused ? 'refused' : 'ok';
  }

  async extend(number: number, ttlMs: number): Promise<ExtendReport> {
    const { client, log } = this.#parts;
    const hold = this.#find(number);
    const { operation } = hold.entry;
    if (client.extend === undefined) return { status: 'unsupported', validUntilNs: operation.validUntilNs };
    try {
      const outcome = await client.extend(hold.lock, ttlMs);
      if (outcome.status !== 'extended') return { status: outcome.status, validUntilNs: operation.validUntilNs };
      hold.lock = outcome.lock;
      // A promise that had ended before the grant stays so: that is the graver finding.
      if (!isExpired(operation)) operation.validUntilNs = outcome.lock.validUntilNs;
      log.tell(hold.entry);
      return { status: 'extended', validUntilNs: outcome.lock.validUntilNs };
    } catch {
      return { status: 'indeterminate', validUntilNs: operation.validUntilNs };
    }
  }

  /** Leaves the witness, then releases. */
  async release(number: number): Promise<ReleaseReport> {
    const { client, clock, log } = this.#parts;
    const { entry, lock } = await this.#leave(number);
    try {
      entry.operation.releaseStatus = (await client.release(lock)).status;
    } catch {
      entry.operation.releaseStatus = 'indeterminate';
    }
    entry.operation.releasedNs = clock.nowNs();
    log.end(entry);
    return { status: entry.operation.releaseStatus };
  }

  /** Leaves the witness and forgets the lock, which its ttl must end. */
  async abandon(number: number): Promise<void> {
    this.#parts.log.end((await this.#leave(number)).entry);
  }

  /**
   * Looks at the promises again after the wall clock was stepped: a lock that compares its expiry with `Date` goes by
   * what that says from now on. As far as it went by the old one, it did: a promise is not taken back.
   */
  wallClockStepped(): void {
    const nowNs = this.#parts.clock.nowNs();
    for (const { entry, lock } of this.#holds.values()) {
      const { operation } = entry;
      if (lock.expiresAtMs === undefined || isExpired(operation)) continue;
      // A millisecond less, because Date.now() has dropped up to one.
      const untilNs = nowNs + msToNs(lock.expiresAtMs - wallClockMs() - 1);
      operation.validUntilNs = Math.max(untilNs, Math.min(operation.validUntilNs ?? nowNs, nowNs));
      this.#parts.log.tell(entry);
    }
  }

  async #enter(entry: Entry, lock: HeldLock): Promise<AcquireReport> {
    const { name, resource, clock, log } = this.#parts;
    const { operation } = entry;
    operation.validUntilNs = lock.validUntilNs;
    // Told before the witness is: who dies in between believed that it held.
    log.tell(entry);
    const number = ++this.#granted;
    const hold: Hold = { name: `${name}.${String(number)}`, entry, fence: lock.fenceText, lock, read: undefined };
    this.#holds.set(number, hold);
    const { keyIndex, invokedNs, returnedNs, attempts } = operation;
    await resource.ask({ kind: 'enter', hold: hold.name, keyIndex, fence: hold.fence, invokedNs, returnedNs });
    const enteredNs = clock.nowNs();
    operation.enteredNs = enteredNs;
    log.tell(entry);
    const { validUntilNs, token, fenceText } = lock;
    return {
      status: 'acquired',
      hold: number,
      attempts,
      invokedNs,
      returnedNs,
      enteredNs,
      validUntilNs,
      token,
      fenceText,
    };
  }

  async #leave(number: number): Promise<Hold> {
    const { clock, resource, log } = this.#parts;
    const hold = this.#find(number);
    this.#holds.delete(number);
    const { operation } = hold.entry;
    operation.releaseInvokedNs = clock.nowNs();
    await resource.ask({ kind: 'leave', keyIndex: operation.keyIndex, hold: hold.name });
    operation.leftNs = clock.nowNs();
    log.tell(hold.entry);
    return hold;
  }

  #find(number: number): Hold {
    const hold = this.#holds.get(number);
    if (hold !== undefined) return hold;
    throw new UsageError([`hold: expected one that is not over, got ${String(number)}`]);
  }
}

function isExpired({ validUntilNs, returnedNs }: { validUntilNs?: Ns | undefined; returnedNs: Ns }): boolean {
  return validUntilNs !== undefined && validUntilNs <= returnedNs;
}
