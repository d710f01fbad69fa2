/**
 * When a chunk of bytes comes out of an emulated line: the arithmetic of delay, jitter, bandwidth and order.
 *
 * @module
 */
import type { Random } from '../model/random.js';
import { msToNs, sToNs, type Ns } from '../model/time.js';

/** One direction of a connection. */
export interface LinePlan {
  /** Mean time on the way. */
  readonly delayMs: number;
  /** The delay of each chunk is uniform in `delayMs ± jitterMs`, except where order holds it back. */
  readonly jitterMs: number;
  /** Undefined: unlimited. */
  readonly bytesPerSecond: number | undefined;
}

/** Computes the departure of chunks that are announced in the order of their arrival. */
export class ArrivalSchedule {
  readonly #plan: LinePlan;
  readonly #random: Random;
  /** When the line has transmitted everything before. */
  #idleNs: Ns = 0;
  #lastDueNs: Ns;

  /** Nothing comes out before `notBeforeNs`: when a line had another plan before, its last bytes may be on their way. */
  constructor(plan: LinePlan, random: Random, notBeforeNs: Ns = 0) {
    this.#plan = plan;
    this.#random = random;
    this.#lastDueNs = notBeforeNs;
  }

  /** When everything that was announced so far has come out. */
  get lastDueNs(): Ns {
    return this.#lastDueNs;
  }

  /**
   * The instant at which a chunk that arrived at `arrivedNs` comes out; never before the chunk ahead of it. The last
   * byte decides: a chunk is transmitted whole, after those ahead of it, and then travels.
   */
  dueNs(arrivedNs: Ns, sizeBytes: number): Ns {
    const { delayMs, jitterMs, bytesPerSecond } = this.#plan;
    const transmissionNs = bytesPerSecond === undefined ? 0 : sToNs(sizeBytes / bytesPerSecond);
    this.#idleNs = Math.max(this.#idleNs, arrivedNs) + transmissionNs;
    const travelMs = jitterMs === 0 ? delayMs : delayMs + jitterMs * (2 * this.#random.next() - 1);
    this.#lastDueNs = Math.max(this.#lastDueNs, this.#idleNs + msToNs(travelMs));
    return this.#lastDueNs;
  }
}
