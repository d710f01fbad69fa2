/**
 * A wall clock that can be stepped, for everything in this process that asks `Date`.
 *
 * @module
 */

/** The `Date` of a process, shifted; monotonic clocks and timers are left alone. One for each process. */
export class SteppedWallClock {
  readonly #date: DateConstructor;
  readonly #realNowMs: () => number;
  #byMs = 0;

  /** Takes over `Date` of the global object; it goes on telling the true time until it is stepped. */
  constructor(globals: { Date: DateConstructor }) {
    this.#date = globals.Date;
    this.#realNowMs = globals.Date.now.bind(globals.Date);
    const nowMs = (): number => this.#realNowMs() + this.#byMs;
    // On the object itself as well, for who has kept a reference to the old `Date`.
    this.#date.now = nowMs;
    globals.Date = new Proxy(this.#date, {
      construct: (date, args: unknown[], newTarget) =>
        Reflect.construct(date, args.length === 0 ? [nowMs()] : args, newTarget) as Date,
      apply: (date) => new date(nowMs()).toString(),
    });
  }

  /** Shows another time from now on: the true one and so much; 0 heals. */
  step(byMs: number): void {
    this.#byMs = byMs;
  }
}
