/**
 * What all workers recorded, merged: histograms and counts add, percentiles are read only afterwards.
 *
 * @module
 */
import { Histogram } from '../model/histogram.js';
import { keyed } from '../model/keyed.js';
import {
  HISTOGRAM_TAGS,
  type HistogramTag,
  type IntervalReport,
  type LateStarts,
  type WatchedSecond,
} from '../model/interval.js';
import { OPERATION_STATUSES, RELEASE_STATUSES, type OperationStatus, type ReleaseStatus } from '../model/operation.js';
import type { InFlight, SeriesPoint } from '../model/result.js';
import { msToNs, msToS, usToNs, type Ns } from '../model/time.js';
import type { InFlightSnapshot } from './in-flight-count.js';
import type { RecorderSnapshot } from './recorder.js';
import { INTERVAL_MS } from './shard.js';

/** What a run, or one second of it, saw of a master. */
export interface MasterTotals {
  readonly roundTrip: Histogram;
  timeouts: number;
  errors: number;
}

/** The sum of snapshots: of one interval, or of a whole run. */
export class Totals {
  readonly counts: Record<OperationStatus, number>;
  readonly releases: Record<ReleaseStatus, number>;
  readonly histograms: Readonly<Record<HistogramTag, Histogram>>;
  readonly perAcquisition = new Histogram();
  readonly validityMs = new Histogram();
  readonly masters: readonly MasterTotals[];
  readonly grantsByVotes: number[];
  grantedInWindow = 0;
  attempts = 0;
  splitVotes = 0;
  wakeUps = 0;
  oldestUnfinishedNs: Ns = 0;

  constructor(masterCount: number) {
    this.counts = keyed(OPERATION_STATUSES, () => 0);
    this.releases = keyed(RELEASE_STATUSES, () => 0);
    this.histograms = keyed(HISTOGRAM_TAGS, () => new Histogram());
    this.grantsByVotes = new Array<number>(masterCount + 1).fill(0);
    this.masters = Array.from({ length: masterCount }, () => ({ roundTrip: new Histogram(), timeouts: 0, errors: 0 }));
  }

  absorb(snapshot: RecorderSnapshot): void {
    for (const status of OPERATION_STATUSES) this.counts[status] += snapshot.counts[status];
    for (const status of RELEASE_STATUSES) this.releases[status] += snapshot.releases[status];
    for (const tag of HISTOGRAM_TAGS) this.histograms[tag].absorb(snapshot.histograms[tag]);
    this.perAcquisition.absorb(snapshot.perAcquisition);
    this.validityMs.absorb(snapshot.validityMs);
    snapshot.masters.forEach(({ roundTrip, timeouts, errors }, index) => {
      const master = this.masters[index];
      if (master === undefined) return;
      master.roundTrip.absorb(roundTrip);
      master.timeouts += timeouts;
      master.errors += errors;
    });
    snapshot.grantsByVotes.forEach((count, votes) => {
      this.grantsByVotes[votes] = (this.grantsByVotes[votes] ?? 0) + count;
    });
    this.grantedInWindow += snapshot.grantedInWindow;
    this.attempts += snapshot.attempts;
    this.splitVotes += snapshot.splitVotes;
    this.wakeUps += snapshot.wakeUps;
    this.oldestUnfinishedNs = Math.max(this.oldestUnfinishedNs, snapshot.oldestUnfinishedNs);
  }

  /** Everything that was intended, however it ended. */
  get intended(): number {
    return OPERATION_STATUSES.reduce((sum, status) => sum + this.counts[status], 0);
  }
}

/**
 * The p99 of the schedule delay; of fewer than a hundred starts the p90, because their p99 is nothing but the worst of
 * them, and one late start of a dozen does not shape a result.
 */
export function lateStartsOf({ histograms }: Totals): LateStarts {
  const delays = histograms['acquire.scheduleDelay'];
  const quantile = delays.count < 100 ? 0.9 : 0.99;
  return { starts: delays.count, quantile, delayNs: usToNs(delays.quantile(quantile)) };
}

/** The operations under way in all workers together. */
export class InFlightTotals {
  #areaNs = 0;
  /** Of each second, the sum of the workers' maxima, which need not have been at the same instant. */
  readonly #maxima: number[] = [];
  #isCounted = true;

  /** @param index of the second, counted from 0 */
  absorb(index: number, snapshot: InFlightSnapshot | null): void {
    if (snapshot === null) this.#isCounted = false;
    this.#areaNs += snapshot?.areaNs ?? 0;
    this.#maxima[index] = (this.#maxima[index] ?? 0) + (snapshot?.max ?? 0);
  }

  /** @param measuredMs the length of the measured window */
  describe(measuredMs: number): InFlight | null {
    if (!this.#isCounted) return null;
    const mean = measuredMs === 0 ? 0 : this.#areaNs / msToNs(measuredMs);
    return { mean, max: this.#maxima.reduce((most, max) => Math.max(most, max), 0) };
  }
}

/** Puts the snapshots of many workers together, second by second, and hands out each second when all have told. */
export class IntervalMerger {
  readonly #masterCount: number;
  readonly #emit: (report: IntervalReport, watched: WatchedSecond) => void;
  readonly #pending = new Map<number, PendingInterval>();
  /** The next interval that each worker owes; a worker that ended owes none. */
  readonly #owed: number[];
  #next = 0;

  constructor(workers: number, masterCount: number, emit: (report: IntervalReport, watched: WatchedSecond) => void) {
    this.#masterCount = masterCount;
    this.#emit = emit;
    this.#owed = new Array<number>(workers).fill(0);
  }

  /**
   * @param lengthMs how long the interval lasted for this worker; the longest counts
   * @param loopShare how busy its event loop was, where it tells
   */
  absorb(worker: number, index: number, lengthMs: number, snapshot: RecorderSnapshot, loopShare?: number): void {
    const pending = this.#pending.get(index) ?? {
      totals: new Totals(this.#masterCount),
      inFlight: new InFlightTotals(),
      lengthMs: 0,
      busiestLoop: null,
    };
    pending.totals.absorb(snapshot);
    pending.inFlight.absorb(0, snapshot.inFlight);
    pending.lengthMs = Math.max(pending.lengthMs, lengthMs);
    if (loopShare !== undefined) pending.busiestLoop = Math.max(pending.busiestLoop ?? 0, loopShare);
    this.#pending.set(index, pending);
    this.#owed[worker] = index + 1;
    this.#emitComplete();
  }

  /** The worker will tell no more, because it finished or died. */
  end(worker: number): void {
    this.#owed[worker] = Infinity;
    this.#emitComplete();
  }

  #emitComplete(): void {
    const told = Math.min(...this.#owed);
    while (this.#next < told) {
      const pending = this.#pending.get(this.#next);
      if (pending === undefined) return;
      this.#pending.delete(this.#next);
      // What is watched first: to describe an interval drains its histograms.
      const watched = describeWatched(pending);
      this.#emit(describeInterval(pending.totals, this.#next, pending.lengthMs), watched);
      this.#next++;
    }
  }
}

/** One second of which not all workers have told yet. */
interface PendingInterval {
  readonly totals: Totals;
  readonly inFlight: InFlightTotals;
  lengthMs: number;
  busiestLoop: number | null;
}

function describeWatched({ totals, inFlight, lengthMs, busiestLoop }: PendingInterval): WatchedSecond {
  const { masters, histograms } = totals;
  return {
    masters: masters.map(({ timeouts, errors }) => ({ timeouts, errors })),
    inFlight: inFlight.describe(lengthMs),
    busiestLoop,
    lateStarts: lateStartsOf(totals),
    responseMaxNs: usToNs(histograms['acquire.response'].quantile(1)),
  };
}

function describeInterval(totals: Totals, index: number, lengthMs: number): IntervalReport {
  const { histograms, masters } = totals;
  const quantileNs = (tag: HistogramTag, share: number): Ns => usToNs(histograms[tag].quantile(share));
  const roundTripNs = (share: number): (Ns | null)[] =>
    masters.map(({ roundTrip }) => (roundTrip.count === 0 ? null : usToNs(roundTrip.quantile(share))));
  const point: SeriesPoint = {
    atMs: index * INTERVAL_MS,
    lengthMs,
    counts: { ...totals.counts },
    ratePerSecond: lengthMs === 0 ? 0 : totals.grantedInWindow / msToS(lengthMs),
    splitVotes: totals.splitVotes,
    responseP50Ns: quantileNs('acquire.response', 0.5),
    responseP99Ns: quantileNs('acquire.response', 0.99),
    serviceP50Ns: quantileNs('acquire.service', 0.5),
    serviceP99Ns: quantileNs('acquire.service', 0.99),
    roundTripP50Ns: roundTripNs(0.5),
    roundTripP99Ns: roundTripNs(0.99),
  };
  return { point, histograms: keyed(HISTOGRAM_TAGS, (tag) => histograms[tag].drain()) };
}
