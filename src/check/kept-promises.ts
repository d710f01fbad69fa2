/**
 * The promises that a lock gave, as far back as they are kept.
 *
 * @module
 */
import type { Ns } from '../model/time.js';
import type { Hold } from './hold.js';

/** A search looks at no more cores than this: a source must not be able to make every hold of its key a walk over all. */
const MOST_SEARCHED = 10_000;

/** What is known of a hold whose promise is kept. */
export type KeptPromise = Omit<Hold, 'releaseInvokedNs'>;

/**
 * The promised cores of all keys: the last `mostKept` in a ring and, for each key, F: of those that the ring has
 * forgotten, the one that ended last.
 *
 * The cores of a key are chained from the newest to the oldest, and each knows the latest end among itself and all before
 * it. A search stops where that end is no later than the start of the core in question: nothing before it can overlap. For
 * a lock that excludes, that is the first one; only for a holder that overran it passes those that ended meanwhile.
 *
 * To forget is harmless for a core that does not end before F does: if it began before F ended, it overlaps F; if not, it
 * overlaps nothing that is forgotten. Where cores come in order of release, each that lasted until its release is such a
 * one. So a core is unknown only if its promise ended before F began, and its holder overran since; or if its holder
 * overran past 10,000 cores of its key, where the search gives up.
 */
export class KeptPromises {
  readonly #mostKept: number;
  /** Rows: the ring, and behind it F of each key. */
  readonly #grantedNs: Float64Array;
  readonly #endNs: Float64Array;
  readonly #validUntilNs: Float64Array;
  readonly #holders: Float64Array;
  /** Rows: the ring. The latest end among this core and all before it. */
  readonly #latestEndNs: Float64Array;
  readonly #keyIndexes: Int32Array;
  /** Rows: the ring. The number of the core before it; −1 for the first of its key. */
  readonly #previous: Float64Array;
  /** Rows: the keys. The number of the newest core; −1 before the first. */
  readonly #newest: Float64Array;
  /** Cores are numbered from 0, over all keys; the number modulo `mostKept` is the row. */
  #count = 0;

  /** @param mostKept at least 1 */
  constructor(keys: number, mostKept: number) {
    this.#mostKept = mostKept;
    this.#grantedNs = new Float64Array(mostKept + keys);
    this.#endNs = new Float64Array(mostKept + keys).fill(-Infinity, mostKept);
    this.#validUntilNs = new Float64Array(mostKept + keys);
    this.#holders = new Float64Array(mostKept + keys);
    this.#latestEndNs = new Float64Array(mostKept);
    this.#keyIndexes = new Int32Array(mostKept);
    this.#previous = new Float64Array(mostKept);
    this.#newest = new Float64Array(keys).fill(-1);
  }

  /**
   * Adds the promised core of a hold, which must have one.
   *
   * @returns a core of its key that it overlaps; `unknown` when it overlaps none that was looked at, but perhaps another
   */
  add(hold: Hold): KeptPromise | 'unknown' | undefined {
    const endNs = Math.min(hold.releaseInvokedNs, hold.validUntilNs);
    const overlapped = this.#find(hold.keyIndex, hold.grantedNs, endNs);
    this.#keep(hold, endNs);
    return overlapped;
  }

  #find(keyIndex: number, grantedNs: Ns, endNs: Ns): KeptPromise | 'unknown' | undefined {
    let number = this.#newest[keyIndex] ?? 0;
    for (let searched = 0; this.#isKept(number); searched++) {
      if (searched === MOST_SEARCHED) return 'unknown';
      const row = number % this.#mostKept;
      if ((this.#latestEndNs[row] ?? 0) <= grantedNs) return undefined;
      if (this.#isOverlapped(row, grantedNs, endNs)) return this.#core(keyIndex, row);
      number = this.#previous[row] ?? 0;
    }
    const forgotten = this.#mostKept + keyIndex;
    if ((this.#endNs[forgotten] ?? 0) <= grantedNs) return undefined;
    return this.#isOverlapped(forgotten, grantedNs, endNs) ? this.#core(keyIndex, forgotten) : 'unknown';
  }

  #keep({ keyIndex, grantedNs, validUntilNs, holder }: Hold, endNs: Ns): void {
    const row = this.#count % this.#mostKept;
    if (this.#count >= this.#mostKept) this.#forget(row);
    // Numbered before the one before it is looked at, which may just have been forgotten.
    const number = this.#count++;
    const previous = this.#newest[keyIndex] ?? 0;
    const latestEndNs = this.#isKept(previous)
      ? (this.#latestEndNs[previous % this.#mostKept] ?? 0)
      : (this.#endNs[this.#mostKept + keyIndex] ?? 0);
    this.#grantedNs[row] = grantedNs;
    this.#endNs[row] = endNs;
    this.#validUntilNs[row] = validUntilNs;
    this.#holders[row] = holder;
    this.#latestEndNs[row] = Math.max(latestEndNs, endNs);
    this.#keyIndexes[row] = keyIndex;
    this.#previous[row] = previous;
    this.#newest[keyIndex] = number;
  }

  #isKept(number: number): boolean {
    return number >= 0 && number >= this.#count - this.#mostKept;
  }

  #forget(row: number): void {
    // Those before it are forgotten already: if one of them ended later, that one stays F.
    if ((this.#endNs[row] ?? 0) < (this.#latestEndNs[row] ?? 0)) return;
    const forgotten = this.#mostKept + (this.#keyIndexes[row] ?? 0);
    this.#grantedNs[forgotten] = this.#grantedNs[row] ?? 0;
    this.#endNs[forgotten] = this.#endNs[row] ?? 0;
    this.#validUntilNs[forgotten] = this.#validUntilNs[row] ?? 0;
    this.#holders[forgotten] = this.#holders[row] ?? 0;
  }

  #isOverlapped(row: number, grantedNs: Ns, endNs: Ns): boolean {
    return (this.#grantedNs[row] ?? 0) < endNs && grantedNs < (this.#endNs[row] ?? 0);
  }

  #core(keyIndex: number, row: number): KeptPromise {
    return {
      keyIndex,
      holder: this.#holders[row] ?? 0,
      grantedNs: this.#grantedNs[row] ?? 0,
      validUntilNs: this.#validUntilNs[row] ?? 0,
    };
  }
}
