/**
 * How many operations are under way: an integral over time, counted apart from every latency.
 *
 * @module
 */
import type { Ns } from '../model/time.js';
import type { Window } from './shard.js';

/** What was under way since the last snapshot, within the measured window. */
export interface InFlightSnapshot {
  /** The number of operations, integrated over time: nanoseconds of operations. */
  readonly areaNs: number;
  readonly max: number;
}

/** Where the numbers stand that change with every operation: one array, so that none of them is ever boxed. */
const COUNT = 0;
const LAST_NS = 1;
const AREA_NS = 2;
const MAX = 3;

/** Counts the operations of one worker. Instants should not go back. */
export class InFlightCount {
  readonly #state = new Float64Array(4);
  #startNs: Ns = Infinity;
  #endNs: Ns = Infinity;

  openWindow({ startNs, endNs }: Window): void {
    this.#startNs = startNs;
    this.#endNs = endNs;
  }

  began(atNs: Ns): void {
    this.#change(atNs, 1);
  }

  ended(atNs: Ns): void {
    this.#change(atNs, -1);
  }

  /** Takes what was under way up to an instant. What still is counts in the next snapshot too, whatever happens in it. */
  snapshot(atNs: Ns): InFlightSnapshot {
    this.#advance(atNs);
    const state = this.#state;
    const { [AREA_NS]: areaNs = 0, [MAX]: max = 0 } = state;
    state[AREA_NS] = 0;
    state[MAX] = 0;
    return { areaNs, max };
  }

  #change(atNs: Ns, by: 1 | -1): void {
    this.#advance(atNs);
    this.#state[COUNT] = (this.#state[COUNT] ?? 0) + by;
  }

  /** Counts what has been under way since the last instant, within the window. */
  #advance(atNs: Ns): void {
    const state = this.#state;
    const count = state[COUNT] ?? 0;
    const lastNs = state[LAST_NS] ?? 0;
    const fromNs = Math.max(lastNs, this.#startNs);
    const untilNs = Math.min(atNs, this.#endNs);
    if (untilNs > fromNs) {
      state[AREA_NS] = (state[AREA_NS] ?? 0) + count * (untilNs - fromNs);
      if (count > (state[MAX] ?? 0)) state[MAX] = count;
    }
    // What ended just before a snapshot may be told just after it: that time is counted.
    state[LAST_NS] = Math.max(lastNs, atNs);
  }
}
