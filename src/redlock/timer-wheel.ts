/**
 * One timer for any number of waits: a hashed timer wheel.
 *
 * After G. Varghese, T. Lauck, "Hashed and Hierarchical Timing Wheels" (1987), scheme 6.
 *
 * @module
 */
import { msToNs, nsToMs, type Clock, type Ns } from '../model/time.js';

/** What can wait in one wheel. */
export interface WheelEntry {
  /** Where it waits; written by the wheel alone, and undefined while it is in none. */
  wheelTick: number | undefined;
}

const TICK_NS = msToNs(1);
/** One round of the wheel is 16.4 s: the waits of the usual ttls end within it, and are looked at once. */
const SLOTS = 16_384;

/**
 * Calls back with the entries that are due: together, each once, and removed. Adding and removing cost the same however
 * many entries there are, and a tick looks at one slot only. An entry of a later round is passed over and stays.
 *
 * Its timer is unref'd, waits for the next slot that is not empty, and does not exist while the wheel is empty.
 */
export class TimerWheel<Entry extends WheelEntry> {
  readonly #clock: Clock;
  readonly #onDue: (due: Entry[], nowNs: Ns) => void;
  /** Made with the first entry: most clients never need them. */
  #slots: (Set<Entry> | undefined)[] = [];
  #size = 0;
  /** All slots up to this tick have been looked at. */
  #doneTick = 0;
  #timer: NodeJS.Timeout | undefined;
  #timerTick = Infinity;
  readonly #onTimer = (): void => {
    // Timers run before sockets are read. If this thread was blocked, what would have moved an entry may lie in a
    // socket: let the loop read it once before anything is ruled to be due.
    setImmediate(this.#onRead);
  };
  readonly #onRead = (): void => {
    // Emptied in between, and perhaps begun anew with a timer of its own.
    if (this.#timer === undefined) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#advance();
  };

  constructor(clock: Clock, onDue: (due: Entry[], nowNs: Ns) => void) {
    this.#clock = clock;
    this.#onDue = onDue;
  }

  get size(): number {
    return this.#size;
  }

  /** Lets an entry wait until `dueNs`, and at least for a tick; one that waits already is moved. Never early. */
  add(entry: Entry, dueNs: Ns): void {
    this.#take(entry);
    if (this.#size === 0) this.#begin();
    const tick = Math.max(Math.ceil(dueNs / TICK_NS), this.#doneTick + 1);
    const slot = tick % SLOTS;
    (this.#slots[slot] ??= new Set()).add(entry);
    entry.wheelTick = tick;
    this.#size++;
    if (tick < this.#timerTick) this.#arm(tick);
  }

  /** Takes an entry out; nothing happens when it does not wait. */
  remove(entry: Entry): void {
    this.#take(entry);
    if (this.#size === 0) this.#disarm();
  }

  /** Takes every entry out and returns them. */
  empty(): Entry[] {
    const all = this.#slots.flatMap((slot) => (slot === undefined ? [] : [...slot]));
    for (const entry of all) this.remove(entry);
    return all;
  }

  #begin(): void {
    if (this.#slots.length === 0) this.#slots = new Array<Set<Entry> | undefined>(SLOTS).fill(undefined);
    this.#doneTick = Math.floor(this.#clock.nowNs() / TICK_NS);
  }

  #take(entry: Entry): void {
    if (entry.wheelTick === undefined) return;
    const slot = entry.wheelTick % SLOTS;
    const waiting = this.#slots[slot];
    entry.wheelTick = undefined;
    if (waiting?.delete(entry) !== true) return;
    this.#size--;
    // So that the search for the next slot finds only those with somebody in them.
    if (waiting.size === 0) this.#slots[slot] = undefined;
  }

  /** Looks at the slots of all ticks that have passed; after a long block at each slot once, however many rounds it was. */
  #advance(): void {
    const nowNs = this.#clock.nowNs();
    const nowTick = Math.floor(nowNs / TICK_NS);
    const due: Entry[] = [];
    const firstTick = Math.max(this.#doneTick + 1, nowTick - SLOTS + 1);
    for (let tick = firstTick; tick <= nowTick; tick++) {
      const slot = this.#slots[tick % SLOTS];
      if (slot === undefined) continue;
      for (const entry of slot) {
        if (entry.wheelTick !== undefined && entry.wheelTick <= nowTick) due.push(entry);
      }
    }
    for (const entry of due) this.#take(entry);
    this.#doneTick = Math.max(this.#doneTick, nowTick);
    this.#timerTick = Infinity;
    if (this.#size > 0) this.#arm(this.#nextTick());
    if (due.length > 0) this.#onDue(due, nowNs);
  }

  /** The next tick whose slot is not empty: of this round or, if need be, only passed by in it. */
  #nextTick(): number {
    let tick = this.#doneTick + 1;
    while (this.#slots[tick % SLOTS] === undefined) tick++;
    return tick;
  }

  #arm(tick: number): void {
    clearTimeout(this.#timer);
    this.#timerTick = tick;
    const waitMs = Math.ceil(nsToMs(tick * TICK_NS - this.#clock.nowNs()));
    this.#timer = setTimeout(this.#onTimer, Math.max(1, waitMs)).unref();
  }

  #disarm(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#timerTick = Infinity;
  }
}
