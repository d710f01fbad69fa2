/**
 * The witness: shared memory in which every holder stands while it holds, so that two at once cannot go unseen.
 *
 * @module
 */
import { MOST_LISTED_OVERLAPS, type Overlap } from '../model/result.js';
import type { Clock, Ns } from '../model/time.js';

/** Promises kept for each slot, so that one can still be read while the slot's next few holds write theirs. */
const PROMISES_PER_SLOT = 8;

/** The memory that all workers of a run share. */
export interface WitnessMemory {
  /** One Int32 for each key: 0 = nobody, else 1 + slot × PROMISES_PER_SLOT + the hold's place in the slot's ring. */
  readonly owners: SharedArrayBuffer;
  /** One Float64 for each slot and ring place: until when that hold's lock promised to exclude others. */
  readonly promisesNs: SharedArrayBuffer;
  /** One Float64 for each key: when its last holder began to release. */
  readonly releasesNs: SharedArrayBuffer;
}

/** Makes the memory for a run. */
export function allocateWitness(keys: number, slots: number): WitnessMemory {
  return {
    owners: new SharedArrayBuffer(keys * Int32Array.BYTES_PER_ELEMENT),
    promisesNs: new SharedArrayBuffer(slots * PROMISES_PER_SLOT * Float64Array.BYTES_PER_ELEMENT),
    releasesNs: new SharedArrayBuffer(keys * Float64Array.BYTES_PER_ELEMENT),
  };
}

/** What the witness saw, to be summed over workers. */
export interface WitnessReport {
  readonly witnessed: number;
  readonly contractCount: number;
  readonly overruns: number;
  readonly contract: readonly Overlap[];
}

/**
 * One worker's view of the witness.
 *
 * A holder enters by exchanging the cell for its own mark and leaves by putting back 0 if the mark is still there.
 * Atomics are sequentially consistent: finding another's mark proves that it had entered and not yet left, with no
 * clock involved. Only the class of the overlap needs one: the intruder reads the clock after it found the mark, so a
 * promise that has ended by then is never counted as broken.
 *
 * The holder writes its promise before it exchanges the cell, so whoever finds the mark also sees the promise. It
 * could be overwritten only by the same slot's eighth hold after that, and a slot has one hold at a time.
 *
 * Bias: silence. After an intruder left, the first holder's presence is forgotten; a third would not be noticed.
 */
export class Witness {
  readonly #owners: Int32Array;
  readonly #promisesNs: Float64Array;
  readonly #releasesNs: Float64Array;
  readonly #holds: Uint8Array;
  readonly #clock: Clock;
  readonly #describeSlot: (slot: number) => string;
  #epochNs: Ns = 0;
  #witnessed = 0;
  #contractCount = 0;
  #overruns = 0;
  #contract: Overlap[] = [];

  /** @param describeSlot names a slot, counted over all workers, as `worker.slot` */
  constructor(memory: WitnessMemory, clock: Clock, describeSlot: (slot: number) => string) {
    this.#owners = new Int32Array(memory.owners);
    this.#promisesNs = new Float64Array(memory.promisesNs);
    this.#releasesNs = new Float64Array(memory.releasesNs);
    this.#holds = new Uint8Array(this.#promisesNs.length / PROMISES_PER_SLOT);
    this.#clock = clock;
    this.#describeSlot = describeSlot;
  }

  /** Sets the instant from which overlaps are dated: the barrier. */
  startAt(epochNs: Ns): void {
    this.#epochNs = epochNs;
  }

  /**
   * A holder goes in. `promisedUntilNs` is the end of the validity that its lock promised.
   *
   * @returns the mark to leave with
   */
  enter(keyIndex: number, slot: number, promisedUntilNs: Ns): number {
    const hold = ((this.#holds[slot] ?? 0) + 1) % PROMISES_PER_SLOT;
    this.#holds[slot] = hold;
    const place = slot * PROMISES_PER_SLOT + hold;
    this.#promisesNs[place] = promisedUntilNs;
    const mark = place + 1;
    const found = Atomics.exchange(this.#owners, keyIndex, mark);
    this.#witnessed++;
    if (found !== 0) this.#overlap(keyIndex, found - 1, slot, promisedUntilNs);
    return mark;
  }

  /** When the key's last holder began to release; 0 before the first. Read it after `enter`. */
  lastReleaseNs(keyIndex: number): Ns {
    return this.#releasesNs[keyIndex] ?? 0;
  }

  /** The holder goes out and is about to release. */
  leave(keyIndex: number, mark: number, releaseNs: Ns): void {
    // Written before the cell is given up, so the next holder sees it once it has found the cell empty.
    this.#releasesNs[keyIndex] = releaseNs;
    Atomics.compareExchange(this.#owners, keyIndex, mark, 0);
  }

  /** Takes what was seen since the last call. */
  drain(): WitnessReport {
    const report: WitnessReport = {
      witnessed: this.#witnessed,
      contractCount: this.#contractCount,
      overruns: this.#overruns,
      contract: this.#contract,
    };
    this.#witnessed = 0;
    this.#contractCount = 0;
    this.#overruns = 0;
    this.#contract = [];
    return report;
  }

  #overlap(keyIndex: number, foundPlace: number, slot: number, intruderUntilNs: Ns): void {
    const promisedUntilNs = this.#promisesNs[foundPlace] ?? 0;
    const nowNs = this.#clock.nowNs();
    // A holder that was stalled between its grant and its entry may come in after its own lease: then it is the one
    // that overran, and the lock was right to give the key to the other.
    if (nowNs >= Math.min(promisedUntilNs, intruderUntilNs)) {
      this.#overruns++;
      return;
    }
    this.#contractCount++;
    if (this.#contract.length >= MOST_LISTED_OVERLAPS) return;
    this.#contract.push({
      keyIndex,
      holder: this.#describeSlot(Math.floor(foundPlace / PROMISES_PER_SLOT)),
      intruder: this.#describeSlot(slot),
      atNs: nowNs - this.#epochNs,
      promiseLeftNs: promisedUntilNs === Infinity ? Number.MAX_SAFE_INTEGER : promisedUntilNs - nowNs,
    });
  }
}

/** A slot that stands in the cell of a key. Its mark is of this hold; the slot's next few have others. */
export interface WitnessedHold {
  readonly keyIndex: number;
  readonly mark: number;
}

/** The holds of some slots that are in a cell at this moment. */
export function findHolds(memory: WitnessMemory, firstSlot: number, slots: number): WitnessedHold[] {
  const owners = new Int32Array(memory.owners);
  const firstMark = firstSlot * PROMISES_PER_SLOT + 1;
  const endMark = (firstSlot + slots) * PROMISES_PER_SLOT + 1;
  const holds: WitnessedHold[] = [];
  for (let keyIndex = 0; keyIndex < owners.length; keyIndex++) {
    const mark = Atomics.load(owners, keyIndex);
    if (mark >= firstMark && mark < endMark) holds.push({ keyIndex, mark });
  }
  return holds;
}

/**
 * Closes the cells of a dead worker's slots, so that whoever gets their locks later is not accused of its absence.
 *
 * @returns the keys that it held: a holder leaves its cell before it releases, so their locks were never released
 */
export function closeCells(memory: WitnessMemory, firstSlot: number, slots: number): number[] {
  const owners = new Int32Array(memory.owners);
  return findHolds(memory, firstSlot, slots)
    .filter(({ keyIndex, mark }) => Atomics.compareExchange(owners, keyIndex, mark, 0) === mark)
    .map(({ keyIndex }) => keyIndex);
}
