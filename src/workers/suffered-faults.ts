/**
 * The worker's side of its faults: it stands still, or lets its `Date` jump.
 *
 * @module
 */
import { SteppedDate } from '../model/stepped-date.js';
import { systemClock } from '../model/time.js';
import type { FaultOrder, FaultWord } from './worker-faults.js';

/** Lets the thread that made it suffer. */
export class SufferedFaults {
  readonly #tell: (word: FaultWord) => void;
  /** Once it is first set aside: a worker that suffers nothing keeps the `Date` that it has. */
  #date: SteppedDate | undefined;

  constructor(tell: (word: FaultWord) => void) {
    this.#tell = tell;
  }

  obey(order: FaultOrder): void {
    if (order.kind === 'set-date') {
      this.#date ??= new SteppedDate(globalThis);
      this.#tell({ kind: 'date-set', jumpedMs: this.#date.step(order.byMs) });
      return;
    }
    // Sent before the thread stops: its port needs no turn of this event loop.
    this.#tell({ kind: 'blocking', fromNs: systemClock.nowNs() });
    Atomics.wait(new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT)), 0, 0, order.forMs);
    this.#tell({ kind: 'blocked', untilNs: systemClock.nowNs() });
  }
}
