/**
 * How long one contender waits for a lock, from wanting it to having it, whatever its client does in between.
 *
 * @module
 */
import type { Ns } from '../../src/model/time.js';

/**
 * The waits of one contender. A client that gives up and is asked again has not ended the wait, and a wait that is
 * still going on when the measurement ends counts with what it has lasted: otherwise the starved would not show.
 */
export class WaitRecord {
  #wantedNs: Ns | undefined;
  #grants = 0;
  #longestNs: Ns = 0;

  /** The contender wants the lock; while it waits already, this changes nothing. */
  want(nowNs: Ns): void {
    this.#wantedNs ??= nowNs;
  }

  /** The contender has the lock. */
  grant(nowNs: Ns): void {
    this.#grants++;
    this.end(nowNs);
  }

  /** The measurement is over for it. */
  end(nowNs: Ns): void {
    if (this.#wantedNs !== undefined) this.#longestNs = Math.max(this.#longestNs, nowNs - this.#wantedNs);
    this.#wantedNs = undefined;
  }

  get grants(): number {
    return this.#grants;
  }

  get longestNs(): Ns {
    return this.#longestNs;
  }
}
