/**
 * The witness of several processes: who is present in the cell of each key, in the total order of one process.
 *
 * @module
 */
import type { Clock } from '../model/time.js';
import type { WitnessedOverlap } from './resource-protocol.js';

/** Overlaps that are listed one by one: a lock that excludes nobody must not fill the memory. */
const MOST_OVERLAPS = 100_000;

/** What the witness saw. */
export interface WitnessReport {
  /** Holds that entered. */
  readonly entered: number;
  /** At most 100,000. */
  readonly overlaps: readonly WitnessedOverlap[];
}

/**
 * The holders that are present, key by key.
 *
 * A holder enters after it was granted the lock and waits for the acknowledgement; it leaves, and waits again, before it
 * releases. All entries and leavings are handled by one thread, one after the other: finding another present proves
 * that it had entered and not yet left, with no clock involved. A third is noticed, too: it overlaps with both.
 *
 * Bias: silence. A hold that lasted shorter than the way to the witness may be missed, a false alarm is impossible.
 */
export class Presence {
  readonly #clock: Clock;
  readonly #present = new Map<number, Set<string>>();
  readonly #overlaps: WitnessedOverlap[] = [];
  #entered = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  enter(keyIndex: number, hold: string): void {
    let present = this.#present.get(keyIndex);
    if (present === undefined) {
      present = new Set();
      this.#present.set(keyIndex, present);
    }
    for (const holder of present) {
      if (this.#overlaps.length >= MOST_OVERLAPS) break;
      this.#overlaps.push({ keyIndex, holder, intruder: hold, atNs: this.#clock.nowNs() });
    }
    present.add(hold);
    this.#entered++;
  }

  /** Leaving twice is leaving once. */
  leave(keyIndex: number, hold: string): void {
    this.#present.get(keyIndex)?.delete(hold);
  }

  report(): WitnessReport {
    return { entered: this.#entered, overlaps: this.#overlaps };
  }
}
