/**
 * Virtual time: instants pass as fast as their events can be played.
 *
 * @module
 */
import { msToNs, type Clock, type Ns } from '../model/time.js';
import { ARRIVALS, EventHeap, IMMEDIATES, TIMERS, type Phase, type VirtualEvent } from './event-heap.js';
import type { Host } from './host.js';

/** Taken before the globals are replaced. */
const { setImmediate: nextTurn } = globalThis;

/** The globals that tell time. */
const GLOBALS = [
  'setTimeout',
  'clearTimeout',
  'setInterval',
  'clearInterval',
  'setImmediate',
  'clearImmediate',
] as const;

/** No schedule has so many events, unless somebody does something over and over again. */
const MOST_EVENTS = 100_000;

/**
 * Plays events one after the other, each on the host that it belongs to, and stands in for the timers of this thread
 * while it does: nothing else may use timers there.
 *
 * It is deterministic. The order of events is total; and after each one that runs a client's code everything runs that
 * this code has made ready (promises, `process.nextTick`), since one real turn of the event loop is let pass: Node
 * empties both queues between any two immediates. What belongs to the world makes nothing ready, and needs no turn.
 */
export class VirtualTime implements Clock {
  #nowNs: Ns = 0;
  #host: Host | undefined;
  #order = 0;
  #played = 0;
  readonly #events = new EventHeap();

  nowNs(): Ns {
    return this.#nowNs;
  }

  /** The clock of a host. */
  clockOf(host: Host): Clock {
    return { nowNs: () => host.read(this.#nowNs) };
  }

  /** Something happens to the world. */
  inWorld(delayNs: Ns, act: () => void): void {
    this.#push(delayNs, ARRIVALS, undefined, act);
  }

  /** Something reaches a host; a paused one executes it afterwards. */
  onHost(host: Host, delayNs: Ns, act: () => void): void {
    this.#push(delayNs, ARRIVALS, host, act);
  }

  /**
   * Plays events until it is so, or none is left.
   *
   * @throws what an event throws; Error when there is no end to them
   */
  async play(isOver: () => boolean): Promise<void> {
    const restore = this.#install();
    try {
      await new Promise<void>((resolve, reject) => {
        const turn = (): void => {
          try {
            if (isOver() || !this.#playTurn()) resolve();
            else nextTurn(turn);
          } catch (error) {
            reject(error instanceof Error ? error : new Error(String(error)));
          }
        };
        turn();
      });
    } finally {
      this.#host = undefined;
      restore();
    }
  }

  /** Plays up to the next event of a host; false when none was left. */
  #playTurn(): boolean {
    for (;;) {
      const event = this.#events.pop();
      if (event === undefined) return false;
      const { act, host } = event;
      if (act === undefined) continue;
      if (host !== undefined && host.pausedUntilNs > event.atNs) {
        // What came first is played first, and all timers before all arrivals.
        event.atNs = host.pausedUntilNs;
        event.order = this.#order++;
        this.#events.push(event);
        continue;
      }
      if (++this.#played > MOST_EVENTS) throw new Error(`expected at most ${String(MOST_EVENTS)} events in a schedule`);
      this.#nowNs = event.atNs;
      this.#host = host;
      event.act = undefined;
      act();
      if (host !== undefined) return true;
    }
  }

  #push(delayNs: Ns, phase: Phase, host: Host | undefined, act: () => void): VirtualEvent {
    const event: VirtualEvent = { atNs: this.#nowNs + delayNs, phase, order: this.#order++, host, act };
    this.#events.push(event);
    return event;
  }

  /** Puts our timers in the place of Node's; returns what puts those back. */
  #install(): () => void {
    const real = GLOBALS.map((name) => globalThis[name]);
    const clear = (timer: VirtualTimer | undefined): void => timer?.cancel();
    const own = {
      setTimeout: (act: (...args: unknown[]) => void, ms = 1, ...args: unknown[]) =>
        this.#startTimer(() => {
          act(...args);
        }, ms),
      setInterval: () => {
        throw new Error('expected no interval in a simulation: nothing in the client uses one');
      },
      setImmediate: (act: (...args: unknown[]) => void, ...args: unknown[]) => {
        const run = (): void => {
          act(...args);
        };
        return new VirtualTimer(this.#push(0, IMMEDIATES, this.#host, run));
      },
      clearTimeout: clear,
      clearInterval: clear,
      clearImmediate: clear,
    };
    Object.assign(globalThis, own);
    return () => {
      GLOBALS.forEach((name, index) => Object.assign(globalThis, { [name]: real[index] }));
    };
  }

  /** As Node does, at least a millisecond from now, by the clock of whoever asks. */
  #startTimer(act: () => void, ms: number): VirtualTimer {
    const delayNs = msToNs(ms >= 1 ? ms : 1) / (this.#host?.clockRate ?? 1);
    return new VirtualTimer(this.#push(delayNs, TIMERS, this.#host, act));
  }
}

/** What a timer of Node is to those who start it. */
class VirtualTimer {
  readonly #event: VirtualEvent;

  constructor(event: VirtualEvent) {
    this.#event = event;
  }

  cancel(): void {
    this.#event.act = undefined;
  }

  ref(): this {
    return this;
  }

  /** Virtual time keeps no process alive. */
  unref(): this {
    return this;
  }
}
