/**
 * Where contenders wait between their attempts.
 *
 * @module
 */

/** Ends one wait. */
type Leave = () => void;

interface SignalWatch {
  readonly leavers: Set<Leave>;
  readonly onAbort: () => void;
}

/**
 * Holds waits that end with their time, with their caller's signal, or when the room is closed.
 *
 * However many wait on one signal, it carries one listener: Node warns of a leak beyond ten. The listener goes with
 * the last of them.
 */
export class WaitingRoom {
  readonly #leavers = new Set<Leave>();
  readonly #watches = new Map<AbortSignal, SignalWatch>();

  get size(): number {
    return this.#leavers.size;
  }

  /** Resolves after `waitMs`, or sooner when the signal aborts or the room is emptied; never rejects. */
  wait(waitMs: number, signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve) => {
      const leave = (): void => {
        clearTimeout(timer);
        this.#leavers.delete(leave);
        if (signal !== undefined) this.#unwatch(signal, leave);
        resolve();
      };
      // Rounded up, so that a wait that was cut to end at the acquire timeout does not end before it.
      const timer = setTimeout(leave, Math.ceil(waitMs));
      this.#leavers.add(leave);
      if (signal !== undefined) this.#watch(signal, leave);
    });
  }

  /** Ends every wait. */
  empty(): void {
    for (const leave of this.#leavers) leave();
  }

  #watch(signal: AbortSignal, leave: Leave): void {
    const watch = this.#watches.get(signal) ?? this.#startWatch(signal);
    watch.leavers.add(leave);
  }

  #startWatch(signal: AbortSignal): SignalWatch {
    const leavers = new Set<Leave>();
    const onAbort = (): void => {
      for (const leave of leavers) leave();
    };
    const watch = { leavers, onAbort };
    this.#watches.set(signal, watch);
    signal.addEventListener('abort', onAbort);
    return watch;
  }

  #unwatch(signal: AbortSignal, leave: Leave): void {
    const watch = this.#watches.get(signal);
    if (watch === undefined) return;
    watch.leavers.delete(leave);
    if (watch.leavers.size > 0) return;
    signal.removeEventListener('abort', watch.onAbort);
    this.#watches.delete(signal);
  }
}
