/**
 * What a lock must offer to be measured. `load/` knows this interface and no adapter.
 *
 * @module
 */
import type { Redis } from 'ioredis';
import type { Endpoint } from '../model/endpoint.js';
import type { ReleaseStatus } from '../model/operation.js';
import type { Random } from '../model/random.js';
import type { Scenario } from '../model/scenario.js';
import type { Clock, Ns } from '../model/time.js';

export interface LockRequest {
  readonly resources: readonly string[];
  readonly ttlMs: number;
  readonly mode: 'exclusive' | 'shared';
  /** Also mint a fencing token; asked only of locks that can. */
  readonly fenced?: boolean;
}

/** A granted lock. */
export interface HeldLock {
  readonly resources: readonly string[];
  readonly token: string;
  /**
   * Until when the lock promises to exclude others. Undefined when the lock states no validity; `Infinity` when it has
   * no ttl or renews itself, so that its promise ends with its release.
   */
  readonly validUntilNs: Ns | undefined;
  /**
   * The end of that promise on the client's wall clock, in milliseconds since 1970, where the lock compares it with that
   * clock: then a step of the clock moves the promise.
   */
  readonly expiresAtMs?: number | undefined;
  /** The fencing token as a text that sorts as it counts, where one was asked for. */
  readonly fenceText?: string | undefined;
}

/** How an acquisition ended; `attempts` counts the fan-outs it took, the last one included. */
export type AcquireOutcome =
  | { readonly status: 'acquired'; readonly attempts: number; readonly lock: HeldLock }
  | { readonly status: 'held' | 'expired' | 'aborted'; readonly attempts: number }
  | { readonly status: 'indeterminate'; readonly attempts: number; readonly cause: Error };

export type ReleaseOutcome =
  | { readonly status: Exclude<ReleaseStatus, 'indeterminate'> }
  | { readonly status: 'indeterminate'; readonly cause: Error };

export type ExtendOutcome =
  | { readonly status: 'extended'; readonly lock: HeldLock }
  | { readonly status: 'lost' }
  | { readonly status: 'indeterminate'; readonly cause: Error };

/** What a lock can do; the runner refuses a scenario that asks for more. */
export interface Capabilities {
  /** The largest number of masters; 1 for a lock on one server. */
  readonly maxMasters: number;
  readonly canExtend: boolean;
  /** It can mint fencing tokens; absent: it cannot. */
  readonly canFence?: boolean;
  /**
   * It can leave a key behind that has no ttl, or that no one could tell for a key of this tool; such a lock runs on
   * masters that the run spawned, and nowhere else.
   */
  readonly leavesKeys?: boolean;
}

/** One client of one worker thread, shared by all its client slots. */
export interface LockClient extends AsyncDisposable {
  readonly name: string;
  readonly capabilities: Capabilities;
  /** Never rejects for contention or failing masters: those are outcomes. Aborting ends the waiting, not the clean-up. */
  acquire(request: LockRequest, signal: AbortSignal): Promise<AcquireOutcome>;
  release(lock: HeldLock): Promise<ReleaseOutcome>;
  extend?(lock: HeldLock, ttlMs: number): Promise<ExtendOutcome>;
}

/** What an adapter reports of its inside, when it can see it. Called on the hot path: implementations only count. */
export interface LockObserver {
  /** A master answered an acquiring command, `ns` after it was written. `master` counts from 0. */
  roundTrip(master: number, ns: Ns): void;
  /** A master had not answered when the attempt's deadline passed. */
  timedOut(master: number): void;
  /** A master refused or failed the command for another reason than a held lock. */
  failed(master: number): void;
  /** An attempt ended in which nobody can have reached a quorum, although every vote was given. */
  splitVote(): void;
  /** A granted attempt is over: so many masters had granted it in time, more than were waited for. */
  votes(granted: number): void;
  /** A waiter was woken by a release instead of its timer. */
  wokeUp(): void;
}

export interface LockContext {
  /** In the order of the scenario; proxies, where there are any, already in place. */
  readonly masters: readonly Endpoint[];
  readonly scenario: Scenario;
  readonly clock: Clock;
  readonly random: Random;
  readonly observer: LockObserver;
  /**
   * Connects to a master by the ioredis of this package, so that a lock needs none of its own. Commands are sent once;
   * they are rejected after the node timeout, and at once while the master is away. Whoever connects disconnects.
   */
  connect(master: Endpoint): Promise<Redis>;
}

/** A lock that can be measured. */
export interface LockAdapter {
  readonly name: string;
  /** One sentence: how it locks. */
  readonly description: string;
  readonly capabilities: Capabilities;
  /** What is measured, when it is a published library: its version, read from the installed package. */
  readonly version?: string;
  /** What is known to be wrong with its mutual exclusion or its clean-up, one sentence; such a lock is marked `unsafe`. */
  readonly flaw?: string;
  /** The key on the servers that locks a resource, where it is not named like the resource: the leak audit looks for it. */
  readonly keyOf?: (resource: string) => string;
  /** Connects, warms up scripts, and rejects when a master cannot be reached. */
  open(context: LockContext): Promise<LockClient>;
}
