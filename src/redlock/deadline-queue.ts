/**
 * One timer for the deadlines of every fan-out.
 *
 * @module
 */
import { nsToMs, type Clock, type Ns } from '../model/time.js';

/** Something that is over at an instant, unless it is complete before. */
export interface Expiring {
  readonly deadlineNs: Ns;
  readonly isComplete: boolean;
  expire(): void;
}

/**
 * Holds what expires in the order of its deadlines, which is the order of its arrival: all fan-outs of a client have
 * the same timeout. So the head is always the next one due, and one timer serves any number of them.
 *
 * The timer is unref'd. Whoever waits for a vote waits for a socket, which keeps the process alive; when the socket
 * goes, its votes fail and nothing waits any more.
 */
export class DeadlineQueue {
  readonly #clock: Clock;
  readonly #entries: Expiring[] = [];
  #head = 0;
  #timer: NodeJS.Timeout | undefined;
  readonly #onTimer = (): void => {
    this.#timer = undefined;
    // Timers run before sockets are read. If this thread was blocked, replies that came in time may still lie in the
    // socket: let the loop read them once before anything is ruled to be missing.
    setImmediate(this.#onRead);
  };
  readonly #onRead = (): void => {
    this.#expireDue();
  };

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get size(): number {
    return this.#entries.length - this.#head;
  }

  /** Adds an entry, whose deadline must not be before those already here. */
  push(entry: Expiring): void {
    this.#dropComplete();
    this.#entries.push(entry);
    // A running timer belongs to an earlier deadline; when it fires it is set again for the head of that time.
    this.#timer ??= this.#start(entry.deadlineNs);
  }

  #expireDue(): void {
    const nowNs = this.#clock.nowNs();
    for (;;) {
      this.#dropComplete();
      const entry = this.#entries[this.#head];
      if (entry === undefined) return;
      if (entry.deadlineNs > nowNs) {
        this.#timer ??= this.#start(entry.deadlineNs);
        return;
      }
      entry.expire();
    }
  }

  /** Completed entries at the head are let go; one behind a silent master waits there for at most its timeout. */
  #dropComplete(): void {
    while (this.#entries[this.#head]?.isComplete === true) this.#head++;
    if (this.#head === this.#entries.length) {
      this.#entries.length = 0;
      this.#head = 0;
    } else if (this.#head > 1_024 && this.#head * 2 > this.#entries.length) {
      this.#entries.splice(0, this.#head);
      this.#head = 0;
    }
  }

  #start(deadlineNs: Ns): NodeJS.Timeout {
    const waitMs = Math.max(1, Math.ceil(nsToMs(deadlineNs - this.#clock.nowNs())));
    return setTimeout(this.#onTimer, waitMs).unref();
  }
}
