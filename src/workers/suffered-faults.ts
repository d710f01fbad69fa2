/**
 * The worker's side of its faults: it stands still, or lets its `Date` jump.
 *
 * @module
 */
import { systemClock } from '../model/time.js';
import type { FaultOrder, FaultWord } from './fault-words.js';

/** Lets the thread that made it suffer. */
export class SufferedFaults {
  readonly #tell: (word: FaultWord) => void;
  readonly #date = new JumpingDate();

  constructor(tell: (word: FaultWord) => void) {
    this.#tell = tell;
  }

  obey(order: FaultOrder): void {
    if (order.kind === 'set-date') {
      this.#tell({ kind: 'date-set', jumpedMs: this.#date.setAside(order.byMs) });
      return;
    }
    // Sent before the thread stops: its port needs no turn of this event loop.
    this.#tell({ kind: 'blocking', fromNs: systemClock.nowNs() });
    Atomics.wait(new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT)), 0, 0, order.forMs);
    this.#tell({ kind: 'blocked', untilNs: systemClock.nowNs() });
  }
}

/** Stands in for the global `Date` of its thread once it is first set aside, and tells the time beside the true one. */
class JumpingDate {
  readonly #true = globalThis.Date;
  #byMs = 0;

  /** Lets `Date` be so much beside the true time. @returns how far it jumped */
  setAside(byMs: number): number {
    if (globalThis.Date === this.#true) globalThis.Date = this.#standIn();
    const before = globalThis.Date;
    const beforeMs = before.now();
    this.#byMs = byMs;
    return before.now() - beforeMs;
  }

  #standIn(): DateConstructor {
    const now = (): number => this.#true.now() + this.#byMs;
    return new Proxy(this.#true, {
      // Only what reads the clock is changed: no argument, or no `new`, which gives a text.
      construct: (target, given: unknown[], called) =>
        Reflect.construct(target, given.length === 0 ? [now()] : given, called) as object,
      apply: (target) => new target(now()).toString(),
      get: (target, property) => (property === 'now' ? now : (Reflect.get(target, property) as unknown)),
    });
  }
}
