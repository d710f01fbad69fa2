/**
 * What is known of a held lock: whose it is and until when, through extensions and the release.
 *
 * @module
 */
import type { Ns } from '../model/time.js';
import type { Command } from './fan-out.js';
import type { VoteVerdict } from './tally.js';
import { validUntil } from './validity.js';

/** What a lease begins with. */
export interface Grant {
  readonly resources: readonly string[];
  readonly token: string;
  readonly ttlMs: number;
  readonly validUntilNs: Ns;
}

/** An extension under way. */
export interface Extension {
  readonly command: Command;
  /** The end of the validity that a quorum for it would mean. */
  readonly candidateNs: Ns;
  /** Which extension of its lease it is. */
  readonly generation: number;
}

/** The state of one lock, shared by its caller's face and its renewal; the rules of validity stand here alone. */
export class Lease {
  readonly resources: readonly string[];
  readonly token: string;
  validUntilNs: Ns;
  /** The ttl that it was given last, and is renewed with. */
  ttlMs: number;
  /** The longest ttl that one of its keys may have been given. */
  longestTtlMs: number;
  isReleased = false;
  readonly #driftFactor: number;
  #extensions = 0;
  /** The latest extension that promised less than the one before it, and what the latest of all promises. */
  #shortened = 0;
  #candidateNs: Ns = 0;

  constructor(grant: Grant, driftFactor: number) {
    this.resources = grant.resources;
    this.token = grant.token;
    this.validUntilNs = grant.validUntilNs;
    this.ttlMs = grant.ttlMs;
    this.longestTtlMs = grant.ttlMs;
    this.#driftFactor = driftFactor;
  }

  get driftFactor(): number {
    return this.#driftFactor;
  }

  /** When the validity began that ends at `validUntilNs`. */
  get validSinceNs(): Ns {
    return this.validUntilNs - validUntil(0, this.ttlMs, this.#driftFactor);
  }

  /** Starts an extension, whose command is to be written now. */
  begin(startNs: Ns, ttlMs: number): Extension {
    const { resources, token } = this;
    const candidateNs = validUntil(startNs, ttlMs, this.#driftFactor);
    // A shorter ttl may hold on some masters from now on, whatever the others answer.
    this.validUntilNs = Math.min(this.validUntilNs, candidateNs);
    this.ttlMs = ttlMs;
    this.longestTtlMs = Math.max(this.longestTtlMs, ttlMs);
    const generation = ++this.#extensions;
    if (candidateNs < this.#candidateNs) this.#shortened = generation;
    this.#candidateNs = candidateNs;
    return { command: { kind: 'extend', resources, token, ttlMs }, candidateNs, generation };
  }

  /** Settles an extension; returns whether the lock is extended by it. */
  conclude({ candidateNs, generation }: Extension, verdict: VoteVerdict | undefined, nowNs: Ns): boolean {
    // A release that was called meanwhile comes after the extension on every connection, and wins.
    if (verdict !== 'granted' || this.isReleased || nowNs >= candidateNs) return false;
    // Of two extensions under way the later one rules the keys, even when the earlier one is settled after it. So the
    // earlier one is believed only when each that was written after it promises as much.
    if (generation >= this.#shortened) this.validUntilNs = Math.max(this.validUntilNs, candidateNs);
    return true;
  }
}
