/**
 * The far end of one direction of a proxied connection: what comes out of the line passes, is kept, or is lost.
 *
 * @module
 */

/** What a line carries: bytes, or how the stream at its source ended. */
export type Parcel = Buffer | 'end' | 'reset';

/**
 * `pass`: everything goes on. `hold`: everything is kept, in order. `discard`: everything is lost. `once`: the next bytes
 * go on, and everything after them is lost.
 */
export type GateMode = 'pass' | 'hold' | 'discard' | 'once';

/** Bytes of one direction of a link, over all its connections. */
export interface WayTally {
  deliveredBytes: number;
  /** Kept now. */
  heldBytes: number;
  lostBytes: number;
}

/** What is behind a gate. Every parcel goes to exactly one of the two. */
export interface GateExit {
  deliver(parcel: Parcel): void;
  drop(parcel: Parcel): void;
}

/** Decides about each parcel in the order of their arrival; what was kept never falls behind what comes later. */
export class LineGate {
  readonly #exit: GateExit;
  readonly #tally: WayTally;
  #mode: GateMode = 'pass';
  /** Runs when the mode does what it waits for: `once` lets its bytes through, or `discard` loses a parcel. */
  #onTurn: (() => void) | undefined;
  #held: Parcel[] = [];
  #hasLost = false;
  #isClosed = false;

  constructor(exit: GateExit, tally: WayTally) {
    this.#exit = exit;
    this.#tally = tally;
  }

  /**
   * Whether somebody who is still there missed bytes or the end of the stream: then only a reset is honest. What comes
   * after `close` is missed by nobody.
   */
  get hasLost(): boolean {
    return this.#hasLost;
  }

  arrive(parcel: Parcel): void {
    if (this.#mode === 'pass') this.#deliver(parcel);
    else this.#judge(parcel);
  }

  /** Changes the mode, and applies it first to what was held, as if it came now. */
  become(mode: GateMode, onTurn?: () => void): void {
    if (this.#isClosed) return;
    this.#mode = mode;
    this.#onTurn = onTurn;
    if (mode === 'hold') return;
    for (const parcel of this.#takeHeld()) this.arrive(parcel);
  }

  /** There is nobody behind it any more: what is held is lost, and so is everything that still comes. */
  close(): void {
    this.#isClosed = true;
    this.#mode = 'discard';
    this.#onTurn = undefined;
    for (const parcel of this.#takeHeld()) this.arrive(parcel);
  }

  #judge(parcel: Parcel): void {
    if (this.#mode === 'hold') {
      this.#held.push(parcel);
      this.#tally.heldBytes += sizeOf(parcel);
    } else if (this.#mode === 'discard') {
      if (!this.#isClosed) this.#hasLost = true;
      this.#tally.lostBytes += sizeOf(parcel);
      this.#exit.drop(parcel);
      this.#onTurn?.();
    } else {
      this.#deliver(parcel);
      // A connection that ends before it sent anything ends as it would have.
      if (typeof parcel === 'string') return;
      this.#mode = 'discard';
      const onTurn = this.#onTurn;
      this.#onTurn = undefined;
      onTurn?.();
    }
  }

  #deliver(parcel: Parcel): void {
    this.#tally.deliveredBytes += sizeOf(parcel);
    this.#exit.deliver(parcel);
  }

  #takeHeld(): readonly Parcel[] {
    const held = this.#held;
    this.#held = [];
    for (const parcel of held) this.#tally.heldBytes -= sizeOf(parcel);
    return held;
  }
}

export function sizeOf(parcel: Parcel): number {
  return typeof parcel === 'string' ? 0 : parcel.length;
}
