/**
 * Runs actions at their instants, far more precisely than a timer would.
 *
 * @module
 */
import { nsToMs, type Clock, type Ns } from '../model/time.js';

/**
 * Node's timers count whole milliseconds and fire up to one late, more on a busy machine. They are trusted until this
 * long before an instant; the rest is spent spinning on the event loop, which serves its sockets meanwhile.
 */
const SPIN_MS = 2;

interface Entry {
  readonly dueNs: Ns;
  /** Equal instants keep the order in which they were added. */
  readonly sequence: number;
  readonly action: () => void;
}

/** Actions in the order of their instants. An empty queue neither spins nor keeps a timer. */
export class ReleaseQueue {
  readonly #clock: Clock;
  /** A binary heap: no entry is later than its children, at 2i + 1 and 2i + 2. */
  readonly #heap: Entry[] = [];
  #nextSequence = 0;
  #timer: NodeJS.Timeout | undefined;
  #immediate: NodeJS.Immediate | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get size(): number {
    return this.#heap.length;
  }

  /** Runs the action at or soon after `dueNs`, never before it and never within this call. */
  add(dueNs: Ns, action: () => void): void {
    const entry: Entry = { dueNs, sequence: this.#nextSequence++, action };
    this.#push(entry);
    // Whatever is armed already wakes up in time for any entry that is not the new head.
    if (this.#heap[0] === entry) this.#arm();
  }

  #arm(): void {
    const [head] = this.#heap;
    if (head === undefined || this.#immediate !== undefined) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const leftMs = nsToMs(head.dueNs - this.#clock.nowNs());
    if (leftMs > SPIN_MS) {
      this.#timer = setTimeout(this.#run, Math.max(1, Math.floor(leftMs - SPIN_MS)));
    } else {
      this.#immediate = setImmediate(this.#run);
    }
  }

  readonly #run = (): void => {
    this.#timer = undefined;
    this.#immediate = undefined;
    const nowNs = this.#clock.nowNs();
    for (let head = this.#heap[0]; head !== undefined && head.dueNs <= nowNs; head = this.#heap[0]) {
      this.#pop();
      head.action();
    }
    this.#arm();
  };

  #push(entry: Entry): void {
    const heap = this.#heap;
    let index = heap.length;
    while (index > 0) {
      const parentIndex = (index - 1) >> 1;
      const parent = heap[parentIndex];
      if (parent === undefined || isBefore(parent, entry)) break;
      heap[index] = parent;
      index = parentIndex;
    }
    heap[index] = entry;
  }

  /** Removes the head; the heap is not empty. */
  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let index = 0;
    for (;;) {
      const left = heap[2 * index + 1];
      const right = heap[2 * index + 2];
      if (left === undefined) break;
      const isRight = right !== undefined && isBefore(right, left);
      const child = isRight ? right : left;
      if (isBefore(last, child)) break;
      heap[index] = child;
      index = 2 * index + (isRight ? 2 : 1);
    }
    heap[index] = last;
  }
}

function isBefore(a: Entry, b: Entry): boolean {
  return a.dueNs < b.dueNs || (a.dueNs === b.dueNs && a.sequence < b.sequence);
}
