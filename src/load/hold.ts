/**
 * Holding a lock for a while.
 *
 * @module
 */
import { msToNs, type Clock } from '../model/time.js';
import type { Random } from '../model/random.js';

/** The holds of one shard that are under way; all of them can be cut short at the end of a run. */
export class Holds {
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #cutters = new Set<() => void>();
  #isCut = false;

  constructor(clock: Clock, random: Random) {
    this.#clock = clock;
    this.#random = random;
  }

  /**
   * Waits for a hold time.
   *
   * Timers know whole milliseconds only, so a fraction is rounded up or down by chance, in proportion: the mean stays
   * what was asked for. Below a millisecond the event loop turns until the time has passed. The hold that really
   * happened is measured and reported; a timer adds a tenth of a millisecond or so.
   *
   * @returns false when the hold was cut short
   */
  async wait(holdMs: number): Promise<boolean> {
    if (!this.#isCut) {
      if (holdMs < 1) await this.#turnFor(holdMs);
      else await this.#sleep(Math.floor(holdMs + this.#random.next()));
    }
    return !this.#isCut;
  }

  /** Ends every hold now, and every later one at once. */
  cut(): void {
    this.#isCut = true;
    for (const cutter of this.#cutters) cutter();
  }

  async #turnFor(holdMs: number): Promise<void> {
    const endNs = this.#clock.nowNs() + msToNs(holdMs);
    while (this.#clock.nowNs() < endNs && !this.#isCut) await new Promise(setImmediate);
  }

  #sleep(wholeMs: number): Promise<void> {
    return new Promise((resolve) => {
      const end = (): void => {
        clearTimeout(timer);
        this.#cutters.delete(end);
        resolve();
      };
      const timer = setTimeout(end, wholeMs);
      this.#cutters.add(end);
    });
  }
}
