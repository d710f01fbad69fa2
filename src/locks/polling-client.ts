/**
 * The client around locks that ask again and again until they are granted.
 *
 * @module
 */
import { UsageError } from '../model/errors.js';
import type { Random } from '../model/random.js';
import type { Scenario } from '../model/scenario.js';
import { msToNs, nsToMs, type Clock } from '../model/time.js';
import { WaitingRoom } from '../redlock/waiting-room.js';
import type {
  AcquireOutcome,
  Capabilities,
  ExtendOutcome,
  HeldLock,
  LockClient,
  LockRequest,
  ReleaseOutcome,
} from './lock-client.js';

/** How one attempt ended. */
export type Attempt =
  | { readonly status: 'acquired'; readonly lock: HeldLock }
  | { readonly status: 'held' | 'expired' }
  | { readonly status: 'indeterminate'; readonly cause: Error };

/** What a lock does between the waits. None of it rejects, and all of it ends, whatever the servers do. */
export interface Steps {
  /** Tries once; it may end early when nobody waits for it any more. */
  attempt(resource: string, ttlMs: number, isOver: () => boolean): Promise<Attempt>;
  release(lock: HeldLock): Promise<ReleaseOutcome>;
  extend?(lock: HeldLock, ttlMs: number): Promise<ExtendOutcome>;
  close(): Promise<void>;
}

/** Draws the waits of the scenario: its delay, and any part of its jitter. */
export function uniformWait({ retryDelayMs, retryJitterMs }: Scenario, random: Random): () => number {
  return () => retryDelayMs + random.next() * retryJitterMs;
}

/** What a polling lock is, and how it waits. */
export interface PollingTerms {
  readonly name: string;
  readonly capabilities: Capabilities;
  /** 0 = one attempt. */
  readonly acquireTimeoutMs: number;
  readonly clock: Clock;
  /** Draws the wait before the next attempt. */
  drawWaitMs(): number;
}

export class PollingClient implements LockClient {
  readonly name: string;
  readonly capabilities: Capabilities;
  readonly extend?: (lock: HeldLock, ttlMs: number) => Promise<ExtendOutcome>;
  readonly #terms: PollingTerms;
  readonly #steps: Steps;
  readonly #room = new WaitingRoom();
  #isClosed = false;
  /** Acquisitions that have not ended. */
  #underWay = 0;
  #onIdle = (): void => undefined;

  constructor(terms: PollingTerms, steps: Steps) {
    this.name = terms.name;
    this.capabilities = terms.capabilities;
    this.#terms = terms;
    this.#steps = steps;
    if (steps.extend !== undefined) this.extend = steps.extend.bind(steps);
  }

  /** An attempt that is under way is waited for: it ends within the node timeout of its commands. */
  async acquire(request: LockRequest, signal: AbortSignal): Promise<AcquireOutcome> {
    const resource = this.#requireResource(request);
    this.#underWay++;
    try {
      return await this.#acquire(resource, request.ttlMs, signal);
    } finally {
      if (--this.#underWay === 0) this.#onIdle();
    }
  }

  async #acquire(resource: string, ttlMs: number, signal: AbortSignal): Promise<AcquireOutcome> {
    const { clock, acquireTimeoutMs } = this.#terms;
    const giveUpNs = clock.nowNs() + msToNs(acquireTimeoutMs);
    const isOver = (): boolean => this.#isClosed || signal.aborted;
    for (let attempts = 0; ;) {
      if (isOver()) return { status: 'aborted', attempts };
      const attempt = await this.#steps.attempt(resource, ttlMs, isOver);
      attempts++;
      if (isOver()) {
        if (attempt.status === 'acquired') await this.#steps.release(attempt.lock);
        return { status: 'aborted', attempts };
      }
      if (attempt.status === 'acquired') return { ...attempt, attempts };
      const remainingMs = nsToMs(giveUpNs - clock.nowNs());
      if (remainingMs > 0) await this.#room.enter(Math.min(this.#terms.drawWaitMs(), remainingMs), signal).over;
      if (!isOver() && clock.nowNs() >= giveUpNs) return { ...attempt, attempts };
    }
  }

  release(lock: HeldLock): Promise<ReleaseOutcome> {
    return this.#steps.release(lock);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    this.#room.empty();
    // What an attempt under way is granted goes back on the connections that are closed then. It ends by itself, with the
    // node timeouts of its commands.
    if (this.#underWay > 0) {
      await new Promise<void>((resolve) => {
        this.#onIdle = resolve;
      });
    }
    await this.#steps.close();
  }

  #requireResource({ resources, mode }: LockRequest): string {
    const problems: string[] = [];
    if (mode === 'shared') problems.push(`mode: expected exclusive, got shared; ${this.name} has no shared mode`);
    const [resource] = resources;
    if (resource !== undefined && resources.length === 1 && problems.length === 0) return resource;
    if (resources.length !== 1) {
      problems.push(`resources: expected one, got ${String(resources.length)}; ${this.name} locks one at a time`);
    }
    throw new UsageError(problems);
  }
}

/** The one resource of a lock that such a client granted. */
export function resourceOf({ resources }: HeldLock): string {
  const [resource] = resources;
  if (resource !== undefined) return resource;
  throw new UsageError(['lock: expected one that this client granted, got one without resources']);
}
