/**
 * Holds that wait for their turn: first in order of release, however they come.
 *
 * @module
 */
import type { Ns } from '../model/time.js';
import type { Hold } from './hold.js';

/**
 * A binary heap in columns of numbers, so that a hold costs no object. It takes a fixed number of them.
 *
 * Its order is total but for equal holds, so what it gives does not depend on the order in which it was given: by the
 * release, then the grant, then the end of the promise, the holder and the key.
 */
export class HoldQueue {
  readonly #releaseInvokedNs: Float64Array;
  readonly #grantedNs: Float64Array;
  readonly #validUntilNs: Float64Array;
  readonly #holders: Float64Array;
  readonly #keyIndexes: Float64Array;
  readonly #tieBreakers: readonly Float64Array[];
  /** The rows of the columns: first those of the heap, as a heap, then the free ones. */
  readonly #rows: Int32Array;
  #size = 0;
  /** How many rows have ever been used. The others are not written to, so the host need not give their memory. */
  #known = 0;
  readonly #taken = { keyIndex: 0, holder: 0, grantedNs: 0, releaseInvokedNs: 0, validUntilNs: 0 };

  constructor(capacity: number) {
    this.#releaseInvokedNs = new Float64Array(capacity);
    this.#grantedNs = new Float64Array(capacity);
    this.#validUntilNs = new Float64Array(capacity);
    this.#holders = new Float64Array(capacity);
    this.#keyIndexes = new Float64Array(capacity);
    this.#tieBreakers = [this.#grantedNs, this.#validUntilNs, this.#holders, this.#keyIndexes];
    this.#rows = new Int32Array(capacity);
  }

  /** The release of the next hold; Infinity when none waits. */
  get nextReleaseNs(): Ns {
    return this.#size === 0 ? Infinity : (this.#releaseInvokedNs[this.#rows[0] ?? 0] ?? 0);
  }

  /** Copies a hold. Returns false, and takes nothing, when there is no room. */
  add(hold: Hold): boolean {
    if (this.#size === this.#rows.length) return false;
    if (this.#size === this.#known) this.#rows[this.#known] = this.#known++;
    const row = this.#rows[this.#size] ?? 0;
    this.#releaseInvokedNs[row] = hold.releaseInvokedNs;
    this.#grantedNs[row] = hold.grantedNs;
    this.#validUntilNs[row] = hold.validUntilNs;
    this.#holders[row] = hold.holder;
    this.#keyIndexes[row] = hold.keyIndex;
    this.#rise(row, this.#size++);
    return true;
  }

  /** Takes the next hold out; there must be one. The object is reused: read it before the next call. */
  take(): Hold {
    const row = this.#rows[0] ?? 0;
    const last = this.#rows[--this.#size] ?? 0;
    this.#sink(last);
    this.#rows[this.#size] = row;
    const taken = this.#taken;
    taken.releaseInvokedNs = this.#releaseInvokedNs[row] ?? 0;
    taken.grantedNs = this.#grantedNs[row] ?? 0;
    taken.validUntilNs = this.#validUntilNs[row] ?? 0;
    taken.holder = this.#holders[row] ?? 0;
    taken.keyIndex = this.#keyIndexes[row] ?? 0;
    return taken;
  }

  /** Puts a row where it belongs between `place`, a leaf, and the root. */
  #rise(row: number, place: number): void {
    while (place > 0) {
      const parent = (place - 1) >> 1;
      const above = this.#rows[parent] ?? 0;
      if (!this.#isBefore(row, above)) break;
      this.#rows[place] = above;
      place = parent;
    }
    this.#rows[place] = row;
  }

  /** Puts a row where it belongs between the root, which is vacant, and a leaf. */
  #sink(row: number): void {
    let place = 0;
    for (;;) {
      let child = 2 * place + 1;
      if (child >= this.#size) break;
      if (child + 1 < this.#size && this.#isBefore(this.#rows[child + 1] ?? 0, this.#rows[child] ?? 0)) child++;
      const below = this.#rows[child] ?? 0;
      if (!this.#isBefore(below, row)) break;
      this.#rows[place] = below;
      place = child;
    }
    this.#rows[place] = row;
  }

  #isBefore(one: number, other: number): boolean {
    const oneNs = this.#releaseInvokedNs[one] ?? 0;
    const otherNs = this.#releaseInvokedNs[other] ?? 0;
    return oneNs === otherNs ? this.#isBeforeAmongEqual(one, other) : oneNs < otherNs;
  }

  #isBeforeAmongEqual(one: number, other: number): boolean {
    for (const column of this.#tieBreakers) {
      const difference = compare(column[one] ?? 0, column[other] ?? 0);
      if (difference !== 0) return difference < 0;
    }
    return false;
  }
}

/** Not a difference: two endless promises are equal, and Infinity − Infinity is not 0. */
function compare(a: number, b: number): number {
  return a < b ? -1 : Number(a > b);
}
