/**
 * The clock by which a simulated master counts ttls.
 *
 * @module
 */
import { nsToMs, type Clock } from '../model/time.js';

export interface WallClockError {
  /** How far it is off, in milliseconds; may have a fraction. */
  readonly offsetMs: number;
  /** How fast it runs: 1 = as time does. */
  readonly rate: number;
}

/** A wall clock that is off, may run at a rate of its own, and can jump. */
export class WallClock {
  readonly rate: number;
  readonly #time: Clock;
  #offsetMs: number;

  constructor(time: Clock, { offsetMs, rate }: WallClockError) {
    this.#time = time;
    this.#offsetMs = offsetMs;
    this.rate = rate;
  }

  /** Whole milliseconds, as the servers read it. */
  readMs(): number {
    return Math.floor(nsToMs(this.#time.nowNs()) * this.rate + this.#offsetMs);
  }

  jump(byMs: number): void {
    this.#offsetMs += byMs;
  }
}
