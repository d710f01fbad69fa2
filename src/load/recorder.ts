/**
 * What one worker remembers of its operations: histograms and counters, drained every second.
 *
 * @module
 */
import type { LockObserver } from '../locks/lock-client.js';
import { Histogram, type HistogramSnapshot } from '../model/histogram.js';
import { keyed } from '../model/keyed.js';
import { HISTOGRAM_TAGS, type HistogramTag } from '../model/interval.js';
import {
  OPERATION_STATUSES,
  RELEASE_STATUSES,
  type Operation,
  type OperationStatus,
  type ReleaseStatus,
} from '../model/operation.js';
import { nsToMs, type Ns } from '../model/time.js';
import { InFlightCount, type InFlightSnapshot } from './in-flight-count.js';
import type { Window } from './shard.js';

/** What a worker has seen of one master since the last snapshot. */
export interface MasterSnapshot {
  readonly roundTrip: HistogramSnapshot;
  readonly timeouts: number;
  readonly errors: number;
}

/** Everything recorded since the last snapshot. Snapshots of several workers and seconds merge by addition. */
export interface RecorderSnapshot {
  readonly counts: Readonly<Record<OperationStatus, number>>;
  readonly releases: Readonly<Record<ReleaseStatus, number>>;
  /** Grants that fell into the measured window, whenever their operation began: the rate counts these. */
  readonly grantedInWindow: number;
  readonly attempts: number;
  readonly splitVotes: number;
  readonly wakeUps: number;
  readonly oldestUnfinishedNs: Ns;
  readonly histograms: Readonly<Record<HistogramTag, HistogramSnapshot>>;
  readonly perAcquisition: HistogramSnapshot;
  readonly validityMs: HistogramSnapshot;
  readonly masters: readonly MasterSnapshot[];
  /** Granted attempts by the masters that had granted when the last vote was in; the entry at k counts those with k. */
  readonly grantsByVotes: readonly number[];
  /** Locks whose promise had ended before they were handed out, warm-up included. */
  readonly grantedExpired: number;
  /** Null where operations are known only when they are over. */
  readonly inFlight: InFlightSnapshot | null;
}

/** Where the driver puts its operations. None is kept, because their objects are used again; recording allocates nothing. */
export interface Recorder extends LockObserver {
  /** Sets the measured window: before the first operation, and again when the run is stopped before its end. */
  openWindow(window: Window): void;
  /** An operation actually starts; together with `ended` it is counted as under way. Instants must not go back. */
  began(atNs: Ns): void;
  /** It is over, its release included, or given up. */
  ended(atNs: Ns): void;
  /**
   * An open loop's operation counts when it was intended in the window, so that what was offered is exactly the
   * schedule. A closed loop's counts when it ended after the window began, so that who has waited since the warm-up is
   * not forgotten.
   */
  record(operation: Operation): void;
  /** A lock was granted, whenever its operation began: the rate counts these, in the second in which they happen. */
  granted(atNs: Ns): void;
  /** The lock was handed out after the validity that it states had ended. */
  grantedExpired(): void;
  /** The lock was granted to a client that had been waiting when its predecessor released. */
  handoff(ns: Ns): void;
  /** Drops what the lock client reported of its inside during the warm-up. */
  forgetWarmUp(): void;
  /** Takes everything recorded since the last snapshot, and what was under way up to this instant. */
  snapshot(atNs: Ns): RecorderSnapshot;
  /** Acquisitions of each client slot of the shard, over the whole measured window. */
  acquiredPerSlot(): readonly number[];
}

/** Makes the recorder of one shard. */
export function createRecorder(masterCount: number, slots: number, isClosedLoop: boolean): Recorder {
  return new HistogramRecorder(masterCount, slots, isClosedLoop);
}

class HistogramRecorder implements Recorder {
  readonly #isClosedLoop: boolean;
  #window: Window = { startNs: Infinity, endNs: Infinity };
  readonly #histograms = keyed(HISTOGRAM_TAGS, () => new Histogram());
  readonly #perAcquisition = new Histogram();
  readonly #validityMs = new Histogram();
  readonly #roundTrips: Histogram[];
  readonly #timeouts: number[];
  readonly #errors: number[];
  readonly #acquiredPerSlot: number[];
  readonly #grantsByVotes: number[];
  readonly #inFlight = new InFlightCount();
  #counts = keyed(OPERATION_STATUSES, () => 0);
  #releases = keyed(RELEASE_STATUSES, () => 0);
  #grantedInWindow = 0;
  #grantedExpired = 0;
  #attempts = 0;
  #splitVotes = 0;
  #wakeUps = 0;
  #oldestUnfinishedNs = 0;

  constructor(masterCount: number, slots: number, isClosedLoop: boolean) {
    this.#isClosedLoop = isClosedLoop;
    this.#roundTrips = Array.from({ length: masterCount }, () => new Histogram());
    this.#timeouts = new Array<number>(masterCount).fill(0);
    this.#errors = new Array<number>(masterCount).fill(0);
    this.#grantsByVotes = new Array<number>(masterCount + 1).fill(0);
    this.#acquiredPerSlot = new Array<number>(slots).fill(0);
  }

  openWindow(window: Window): void {
    this.#window = window;
    this.#inFlight.openWindow(window);
  }

  began(atNs: Ns): void {
    this.#inFlight.began(atNs);
  }

  ended(atNs: Ns): void {
    this.#inFlight.ended(atNs);
  }

  record(operation: Operation): void {
    const { status, intendedNs, invokedNs, returnedNs } = operation;
    const { startNs } = this.#window;
    if ((this.#isClosedLoop ? returnedNs : intendedNs) < startNs) return;
    this.#counts[status]++;
    this.#attempts += operation.attempts;
    // A dropped start too: a generator that stalled has late starts whether or not there was room for them.
    this.#histograms['acquire.scheduleDelay'].recordNs(invokedNs - intendedNs);
    if (status === 'dropped') return;
    if (status === 'acquired') this.#recordHold(operation);
    else if (status === 'unfinished') {
      this.#oldestUnfinishedNs = Math.max(this.#oldestUnfinishedNs, returnedNs - intendedNs);
    } else this.#histograms['acquire.gaveUp'].recordNs(returnedNs - intendedNs);
  }

  #recordHold(operation: Operation): void {
    const { intendedNs, invokedNs, returnedNs, validUntilNs, releaseInvokedNs, releasedNs, releaseStatus } = operation;
    this.#histograms['acquire.response'].recordNs(returnedNs - intendedNs);
    this.#histograms['acquire.service'].recordNs(returnedNs - invokedNs);
    this.#perAcquisition.record(operation.attempts);
    this.#acquiredPerSlot[operation.slot] = (this.#acquiredPerSlot[operation.slot] ?? 0) + 1;
    if (validUntilNs !== undefined && validUntilNs !== Infinity) {
      this.#validityMs.record(nsToMs(validUntilNs - returnedNs));
    }
    if (releaseInvokedNs === undefined || releaseStatus === undefined) return;
    if (operation.isHoldCut !== true) this.#histograms.hold.recordNs(releaseInvokedNs - returnedNs);
    this.#releases[releaseStatus]++;
    if (releasedNs !== undefined) this.#histograms.release.recordNs(releasedNs - releaseInvokedNs);
  }

  granted(atNs: Ns): void {
    if (atNs >= this.#window.startNs && atNs < this.#window.endNs) this.#grantedInWindow++;
  }

  grantedExpired(): void {
    this.#grantedExpired++;
  }

  handoff(ns: Ns): void {
    this.#histograms.handoff.recordNs(ns);
  }

  roundTrip(master: number, ns: Ns): void {
    this.#roundTrips[master]?.recordNs(ns);
  }

  timedOut(master: number): void {
    this.#timeouts[master] = (this.#timeouts[master] ?? 0) + 1;
  }

  failed(master: number): void {
    this.#errors[master] = (this.#errors[master] ?? 0) + 1;
  }

  votes(granted: number): void {
    this.#grantsByVotes[granted] = (this.#grantsByVotes[granted] ?? 0) + 1;
  }

  splitVote(): void {
    this.#splitVotes++;
  }

  wokeUp(): void {
    this.#wakeUps++;
  }

  acquiredPerSlot(): readonly number[] {
    return this.#acquiredPerSlot;
  }

  forgetWarmUp(): void {
    this.#histograms.handoff.drain();
    for (const roundTrip of this.#roundTrips) roundTrip.drain();
    this.#forgetVotes();
  }

  snapshot(atNs: Ns): RecorderSnapshot {
    const snapshot: RecorderSnapshot = {
      counts: this.#counts,
      releases: this.#releases,
      grantedInWindow: this.#grantedInWindow,
      attempts: this.#attempts,
      splitVotes: this.#splitVotes,
      wakeUps: this.#wakeUps,
      oldestUnfinishedNs: this.#oldestUnfinishedNs,
      histograms: keyed(HISTOGRAM_TAGS, (tag) => this.#histograms[tag].drain()),
      perAcquisition: this.#perAcquisition.drain(),
      validityMs: this.#validityMs.drain(),
      masters: this.#roundTrips.map((roundTrip, master) => ({
        roundTrip: roundTrip.drain(),
        timeouts: this.#timeouts[master] ?? 0,
        errors: this.#errors[master] ?? 0,
      })),
      grantsByVotes: [...this.#grantsByVotes],
      grantedExpired: this.#grantedExpired,
      inFlight: this.#inFlight.snapshot(atNs),
    };
    this.#counts = keyed(OPERATION_STATUSES, () => 0);
    this.#releases = keyed(RELEASE_STATUSES, () => 0);
    this.#grantedInWindow = 0;
    this.#grantedExpired = 0;
    this.#attempts = 0;
    this.#oldestUnfinishedNs = 0;
    this.#forgetVotes();
    return snapshot;
  }

  #forgetVotes(): void {
    this.#splitVotes = 0;
    this.#wakeUps = 0;
    this.#timeouts.fill(0);
    this.#errors.fill(0);
    this.#grantsByVotes.fill(0);
  }
}
