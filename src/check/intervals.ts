/**
 * The interval checker: mutual exclusion, judged from what the holders told afterwards.
 *
 * A hold was granted no later than its `grantedNs` and released no earlier than its `releaseInvokedNs`, so it surely
 * lasted in between: that is its core. Two cores overlap when each begins before the other ends. Equal stamps are no
 * overlap, since a monotonic clock may return one value twice.
 *
 * Theorem: a mutex without re-entry can have produced a history exactly if no two cores of one key overlap.
 *
 * - If two overlap, then, wherever in their calls the grants and releases took effect, each grant did so before the other
 *   hold's release. So the later of the two grants was given while the other hold lasted. No mutex does that.
 * - If none overlap, let every grant take effect where its core begins, and every release where it ends. Put the cores in
 *   order of their starts, those with equal starts in order of their ends. Each then ends no later than the next begins,
 *   so the holds follow one another. What was refused or never answered holds nothing and contradicts nothing.
 *
 * A lease is a mutex whose hold ends by itself with its promise, unless it was released before. So the same is true of
 * promised cores, which end at the earlier of `releaseInvokedNs` and `validUntilNs`; a promise that had ended before the
 * grant leaves none.
 *
 * The literature names what is counted here: a CONTRACT_OVERLAP (`contractCount`) is an overlap of two promised cores, a
 * GRANTED_EXPIRED (`grantedExpired`) a grant whose promise had ended before it, and a BELIEF_OVERLAP_AFTER_EXPIRY
 * (`overruns`) an overlap of two cores of which one went on after its promise.
 *
 * This needs stamps of one clock, taken while the lock was held. Then no lock is accused wrongly. An overlap that lasted
 * no longer than the stamping is not in the history, so it is not seen.
 *
 * @module
 */
import { MOST_LISTED_OVERLAPS, type Overlap } from '../model/result.js';
import type { Ns } from '../model/time.js';
import type { Hold } from './hold.js';
import { HoldQueue } from './hold-queue.js';
import { KeptPromises, type KeptPromise } from './kept-promises.js';

/**
 * What becomes of a hold: it is checked; it is checked although its source had said that it would not come; or it counts
 * as unchecked, because it makes no sense (its stamps, its key) or because too many wait already.
 */
export type AddOutcome = 'accepted' | 'late' | 'refused';

/** What was found since the last report, to be summed. A hold counts in `held` or in `unchecked`, never in both. */
export interface OverlapReport {
  /** Holds that were checked. */
  readonly held: number;
  /** Of these, the ones whose promised core overlaps that of a hold of their key that was checked before. */
  readonly contractCount: number;
  /** Of the rest, the ones that were held while such a hold was: one of the two went on after its promise. */
  readonly overruns: number;
  /** Holds whose promise had ended before they were granted. */
  readonly grantedExpired: number;
  /** Holds that were refused, or that overran from a time of which too little is kept. */
  readonly unchecked: number;
  /** At most 100. Of the two, `holder` was granted first. */
  readonly contract: readonly Overlap[];
}

export interface IntervalOptions {
  /** How many report holds; each is waited for until it ends. */
  readonly sources: number;
  readonly keys: number;
  /** Names a holder, when an overlap is listed. */
  readonly describeHolder: (holder: number) => string;
  /** Holds that may wait for a source that has not passed their release yet. */
  readonly mostWaiting?: number;
  /** Promises kept in order to judge holders that overran; at least 1. */
  readonly mostKept?: number;
}

const MOST_WAITING = 1_000_000;
const MOST_KEPT = 1_000_000;

/**
 * Checks holds while they are being reported, in memory that does not grow: some 50 bytes for each of `mostWaiting`,
 * `mostKept` and `keys`, of which the host gives what is used.
 *
 * A hold waits until every source has passed its release. Then the holds are checked in order of release, whatever the
 * order in which they came: each is compared with all holds of its key before it, and counted at most once, not once for
 * every pair. Of two that overlap, one comes second. So a history that holds a contract overlap has a `contractCount` of
 * at least 1, or something `unchecked`; one that holds none has 0. Nothing is `unchecked` but what was refused, and
 * holders that overran by longer than `mostKept` promises reach back, or 10,000 of their key: `KeptPromises` says why.
 */
export class IntervalChecker {
  readonly #describeHolder: (holder: number) => string;
  readonly #waiting: HoldQueue;
  readonly #promises: KeptPromises;
  /** For each key, when the last of the holds checked so far was released. */
  readonly #lastReleasesNs: Float64Array;
  readonly #watermarksNs: Float64Array;
  /** The least of the watermarks: every hold that was released before it has been checked. */
  #watermarkNs: Ns = -Infinity;
  #epochNs: Ns = 0;
  #found = nothingFound();

  constructor({ sources, keys, describeHolder, mostWaiting = MOST_WAITING, mostKept = MOST_KEPT }: IntervalOptions) {
    this.#describeHolder = describeHolder;
    this.#waiting = new HoldQueue(mostWaiting);
    this.#promises = new KeptPromises(keys, mostKept);
    this.#lastReleasesNs = new Float64Array(keys).fill(-Infinity);
    this.#watermarksNs = new Float64Array(sources).fill(-Infinity);
  }

  /** Sets the instant from which overlaps are dated: the barrier. */
  startAt(epochNs: Ns): void {
    this.#epochNs = epochNs;
  }

  /**
   * Takes a hold from a source. It is copied: the object may be reused.
   *
   * @throws RangeError for a source that is none
   */
  add(source: number, hold: Hold): AddOutcome {
    const isLate = hold.releaseInvokedNs < this.#watermarkOf(source);
    if (!this.#isSensible(hold)) return this.#refuse();
    if (hold.releaseInvokedNs < this.#watermarkNs) this.#check(hold, false);
    else if (!this.#waiting.add(hold)) return this.#refuse();
    return isLate ? 'late' : 'accepted';
  }

  /**
   * The source says: every hold whose release was invoked before this instant has been added.
   *
   * @throws RangeError for a source that is none
   */
  advance(source: number, watermarkNs: Ns): void {
    if (!(watermarkNs > this.#watermarkOf(source))) return;
    this.#watermarksNs[source] = watermarkNs;
    this.#watermarkNs = this.#watermarksNs.reduce((least, each) => Math.min(least, each), Infinity);
    // One released at the watermark itself waits on: others of that instant may still come, and would come out of order.
    while (this.#waiting.nextReleaseNs < this.#watermarkNs) this.#check(this.#waiting.take(), true);
  }

  /**
   * The source will add no more: it is done, or it died.
   *
   * @throws RangeError for a source that is none
   */
  end(source: number): void {
    this.advance(source, Infinity);
  }

  /** Takes what was found since the last call. Holds that still wait are in none yet. */
  drain(): OverlapReport {
    const found = this.#found;
    this.#found = nothingFound();
    return found;
  }

  /** `isInOrder`: no hold that was released later has been checked yet. */
  #check(hold: Hold, isInOrder: boolean): void {
    const { keyIndex, grantedNs, releaseInvokedNs, validUntilNs } = hold;
    const lastReleaseNs = this.#lastReleasesNs[keyIndex] ?? 0;
    if (releaseInvokedNs > lastReleaseNs) this.#lastReleasesNs[keyIndex] = releaseInvokedNs;
    const isPromised = grantedNs < validUntilNs;
    const other = isPromised ? this.#promises.add(hold) : undefined;
    if (other === 'unknown') {
      this.#found.unchecked++;
      return;
    }
    this.#found.held++;
    if (!isPromised) this.#found.grantedExpired++;
    if (other !== undefined) this.#report(other, hold);
    // In order of release, the hold that was released last had begun before this one ends; so whether it ended before
    // this one began decides alone. For a hold that is out of order it does not: that one is not accused.
    else if (isInOrder && grantedNs < lastReleaseNs) this.#found.overruns++;
  }

  #report(one: KeptPromise, other: KeptPromise): void {
    this.#found.contractCount++;
    if (this.#found.contract.length >= MOST_LISTED_OVERLAPS) return;
    const [holder, intruder] = one.grantedNs <= other.grantedNs ? [one, other] : [other, one];
    const { validUntilNs } = holder;
    this.#found.contract.push({
      keyIndex: other.keyIndex,
      holder: this.#describeHolder(holder.holder),
      intruder: this.#describeHolder(intruder.holder),
      atNs: intruder.grantedNs - this.#epochNs,
      promiseLeftNs: validUntilNs === Infinity ? Number.MAX_SAFE_INTEGER : validUntilNs - intruder.grantedNs,
    });
  }

  #refuse(): AddOutcome {
    this.#found.unchecked++;
    return 'refused';
  }

  #isSensible({ keyIndex, grantedNs, releaseInvokedNs, validUntilNs }: Hold): boolean {
    const isKey = Number.isInteger(keyIndex) && keyIndex >= 0 && keyIndex < this.#lastReleasesNs.length;
    const isInterval = Number.isFinite(grantedNs) && Number.isFinite(releaseInvokedNs) && grantedNs <= releaseInvokedNs;
    return isKey && isInterval && !Number.isNaN(validUntilNs);
  }

  #watermarkOf(source: number): Ns {
    const watermarkNs = this.#watermarksNs[source];
    if (watermarkNs !== undefined) return watermarkNs;
    const expected = `a whole number below ${String(this.#watermarksNs.length)}`;
    throw new RangeError(`source: expected ${expected}, got ${String(source)}`);
  }
}

interface Found extends OverlapReport {
  held: number;
  contractCount: number;
  overruns: number;
  grantedExpired: number;
  unchecked: number;
  readonly contract: Overlap[];
}

function nothingFound(): Found {
  return { held: 0, contractCount: 0, overruns: 0, grantedExpired: 0, unchecked: 0, contract: [] };
}
