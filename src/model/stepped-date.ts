/**
 * A wall clock that can be stepped, for everything of a thread that asks `Date`.
 *
 * @module
 */

/** The `Date` of a thread, shifted; monotonic clocks and timers are left alone. One for each thread. */
export class SteppedDate {
  readonly #nowMs: () => number;
  #byMs = 0;

  /** Takes over `Date` of the global object; it goes on telling the true time until it is stepped. */
  constructor(globals: { Date: DateConstructor }) {
    const date = globals.Date;
    const trueNowMs = date.now.bind(date);
    const nowMs = (): number => trueNowMs() + this.#byMs;
    this.#nowMs = nowMs;
    // On the object itself as well, for who has kept a reference to the old `Date`.
    date.now = nowMs;
    globals.Date = new Proxy(date, {
      // Only what reads the clock is changed: no argument, or no `new`, which gives a text.
      construct: (target, given: unknown[], called) =>
        Reflect.construct(target, given.length === 0 ? [nowMs()] : given, called) as object,
      apply: (target) => new target(nowMs()).toString(),
    });
  }

  /**
   * Shows another time from now on: the true one and so much; 0 heals.
   *
   * @returns how far it jumped, in milliseconds, as whoever asks `Date` sees it
   */
  step(byMs: number): number {
    const beforeMs = this.#nowMs();
    this.#byMs = byMs;
    return this.#nowMs() - beforeMs;
  }
}
