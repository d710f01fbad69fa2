/**
 * Where contenders wait between their attempts.
 *
 * @module
 */

/** What a timer of Node can wait: 2³¹−1 ms, 24 days. Who waits longer looks again then. */
export const LONGEST_TIMER_MS = 2_147_483_647;

interface SignalWatch {
  readonly waits: Set<Wait>;
  readonly onAbort: () => void;
}

/** One wait: over when its time is, or when someone ends it. */
export class Wait {
  /** Resolves when the wait is over; never rejects. */
  readonly over: Promise<void>;
  readonly #leave: (wait: Wait) => void;
  readonly #resolve: () => void;
  #timer: NodeJS.Timeout | undefined;
  #isOver = false;
  readonly #onTimer = (): void => {
    this.end();
  };

  constructor(waitMs: number, leave: (wait: Wait) => void) {
    const { promise, resolve } = openPromise();
    this.over = promise;
    this.#resolve = resolve;
    this.#leave = leave;
    this.last(waitMs);
  }

  /** Lets the wait last so long from now, unless it is over. */
  last(waitMs: number): void {
    if (this.#isOver) return;
    clearTimeout(this.#timer);
    // Rounded up, so that a wait that was cut to end at the acquire timeout does not end before it.
    this.#timer = setTimeout(this.#onTimer, Math.min(Math.ceil(waitMs), LONGEST_TIMER_MS));
  }

  end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    clearTimeout(this.#timer);
    this.#leave(this);
    this.#resolve();
  }
}

/**
 * Holds waits that end with their time, with their caller's signal, or when the room is closed.
 *
 * However many wait on one signal, it carries one listener: Node warns of a leak beyond ten. The listener goes with
 * the last of them.
 */
export class WaitingRoom {
  readonly #waits = new Set<Wait>();
  readonly #watches = new Map<AbortSignal, SignalWatch>();

  get size(): number {
    return this.#waits.size;
  }

  /** Begins a wait of `waitMs` that also ends when the signal aborts or the room is emptied. */
  enter(waitMs: number, signal: AbortSignal | undefined): Wait {
    const wait = new Wait(waitMs, (over) => {
      this.#waits.delete(over);
      if (signal !== undefined) this.#unwatch(signal, over);
    });
    this.#waits.add(wait);
    if (signal !== undefined) this.#watch(signal, wait);
    return wait;
  }

  /** Ends every wait. */
  empty(): void {
    for (const wait of this.#waits) wait.end();
  }

  #watch(signal: AbortSignal, wait: Wait): void {
    const watch = this.#watches.get(signal) ?? this.#startWatch(signal);
    watch.waits.add(wait);
  }

  #startWatch(signal: AbortSignal): SignalWatch {
    const waits = new Set<Wait>();
    const onAbort = (): void => {
      for (const wait of waits) wait.end();
    };
    const watch = { waits, onAbort };
    this.#watches.set(signal, watch);
    signal.addEventListener('abort', onAbort);
    return watch;
  }

  #unwatch(signal: AbortSignal, wait: Wait): void {
    const watch = this.#watches.get(signal);
    if (watch === undefined) return;
    watch.waits.delete(wait);
    if (watch.waits.size > 0) return;
    signal.removeEventListener('abort', watch.onAbort);
    this.#watches.delete(signal);
  }
}

/** `Promise.withResolvers`, which Node 20 does not have. */
function openPromise(): { promise: Promise<void>; resolve: () => void } {
  let resolve: () => void = () => undefined;
  const promise = new Promise<void>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}
