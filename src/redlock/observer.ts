/**
 * What the client tells of its inside to whoever measures it.
 *
 * @module
 */
import type { Ns } from '../model/time.js';
import type { VoteVerdict } from './tally.js';

/** How one attempt ended, when it was settled. */
export interface AttemptReport {
  readonly verdict: VoteVerdict | undefined;
  readonly granted: number;
  readonly refused: number;
  readonly failed: number;
}

/**
 * Called on the hot path: implementations only count. Masters count from 0. Every method may be left out, and without an
 * observer nothing is measured.
 */
export interface RedlockObserver {
  /** An attempt was settled. The report is read at once and not kept: it goes on counting late votes. */
  attempted?(report: AttemptReport): void;
  /** A master answered an acquiring command, `ns` after it was written, in time or late. */
  roundTrip?(master: number, ns: Ns): void;
  /** A master had not answered an acquiring command when the attempt's deadline passed. */
  timedOut?(master: number): void;
  /** An acquiring command failed: no connection, a lost reply, or an error from the master. */
  failed?(master: number): void;
  /** Every master answered an attempt, some granted it, and it was no quorum. */
  splitVote?(): void;
  /** A granted attempt is over, its last vote in or its deadline passed: so many masters had granted it. */
  votes?(granted: number): void;
  /** A waiter was woken by a release instead of its timer. */
  wokeUp?(): void;
}
