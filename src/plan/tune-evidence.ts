/**
 * What a point of a tuning keeps of its runs besides what a comparison would keep.
 *
 * @module
 */
import { formatScheduledFault } from '../model/fault-text.js';
import { Histogram, type LatencySummary, type QuantitySummary } from '../model/histogram.js';
import type { RunResult, SeriesPoint } from '../model/result.js';
import { nsToMs, type Ns } from '../model/time.js';
import type { CountedOf } from '../model/tuning.js';
import { wilson } from './proportion.js';
import { sampleQuantile } from './sample-quantile.js';

/** Gathered while the runs are made; runs that do not count must not be added. */
export class PointEvidence {
  readonly validityMs = new Histogram();
  /** In microseconds, as histograms of times are. */
  readonly hold = new Histogram();
  /** Of each master. */
  readonly roundTrips: readonly Histogram[];
  readonly #near: ReadonlySet<number>;
  /** Median responses of whole seconds. */
  readonly #whileNearIsOutNs: Ns[] = [];
  readonly #whileAllAreInNs: Ns[] = [];
  lostReleases = 0;
  releases = 0;
  unprovenFaults = 0;

  /** @param near the masters of the fastest quorum, counted from 1 */
  constructor(masters: number, near: readonly number[]) {
    this.roundTrips = Array.from({ length: masters }, () => new Histogram());
    this.#near = new Set(near);
  }

  add(result: RunResult): void {
    absorb(this.validityMs, result.validityMs);
    absorb(this.hold, result.hold);
    for (const [place, { roundTrip }] of result.masters.entries()) {
      const histogram = this.roundTrips[place];
      if (histogram !== undefined) absorb(histogram, roundTrip);
    }
    const { counts } = result.release;
    this.lostReleases += counts.lost;
    this.releases += Object.values(counts).reduce((sum, count) => sum + count, 0);
    this.unprovenFaults += result.faults.filter(({ status }) => status !== 'effective').length;
    const outages = findOutages(result);
    for (const second of result.series) {
      if (second.counts.acquired < LEAST_ACQUIRED) continue;
      const during = outages.filter((outage) => overlaps(outage, second));
      if (during.length === 0) this.#whileAllAreInNs.push(second.responseP50Ns);
      else if (during.some((outage) => this.#near.has(outage.master) && covers(outage, second))) {
        this.#whileNearIsOutNs.push(second.responseP50Ns);
      }
    }
  }

  /**
   * What an acquisition takes longer while a near master is out of reach: the median of the seconds' medians then, minus
   * that of the seconds in which all masters were in reach. Null where no whole second is of one of the two kinds.
   */
  failedMasterCostNs(): Ns | null {
    if (this.#whileNearIsOutNs.length === 0 || this.#whileAllAreInNs.length === 0) return null;
    return sampleQuantile(this.#whileNearIsOutNs, 0.5) - sampleQuantile(this.#whileAllAreInNs, 0.5);
  }

  /**
   * Of all holds, those that outlived their validity: holds longer than the median validity, which scatters by
   * milliseconds; or, if these are more, releases that found their key gone. Null when nothing was held.
   */
  outlived(): CountedOf | null {
    const validityUs = this.validityMs.quantile(0.5) * US_PER_MS;
    const { count } = this.hold;
    const beyond = count === 0 ? 0 : Math.round((1 - spectrumOf(this.hold).shareBy(validityUs)) * count);
    const shares = [
      { of: count, outlasted: beyond },
      { of: this.releases, outlasted: this.lostReleases },
    ]
      .filter(({ of }) => of > 0)
      .map(({ of, outlasted }) => ({ ...wilson(outlasted, of), of }));
    return shares.toSorted((a, b) => b.share - a.share)[0] ?? null;
  }
}

/** Fewer make no median. */
const LEAST_ACQUIRED = 10;
const US_PER_MS = 1_000;

interface Outage {
  readonly master: number;
  readonly startMs: number;
  readonly endMs: number;
}

/** The spans in which a master was put out of reach: what was injected, whether its effect was proven or not. */
function findOutages({ scenario, faults }: RunResult): Outage[] {
  return scenario.faults.flatMap((scheduled): Outage[] => {
    const { fault, atMs, forMs = 0 } = scheduled;
    if (fault.kind !== 'blackhole') return [];
    const text = formatScheduledFault(scheduled);
    const receipt = faults.find((each) => each.fault === text);
    if (receipt === undefined || receipt.status === 'not-run') return [];
    return [
      {
        master: fault.master,
        startMs: nsToMs(receipt.appliedNs),
        endMs: Math.max(atMs, nsToMs(receipt.appliedNs)) + forMs,
      },
    ];
  });
}

/** Injection and heal come a few milliseconds late; a median does not mind that much of a second. */
const TOLERANCE_MS = 50;

function overlaps({ startMs, endMs }: Outage, { atMs, lengthMs }: SeriesPoint): boolean {
  return startMs < atMs + lengthMs - TOLERANCE_MS && endMs > atMs + TOLERANCE_MS;
}

function covers({ startMs, endMs }: Outage, { atMs, lengthMs }: SeriesPoint): boolean {
  return startMs <= atMs + TOLERANCE_MS && endMs >= atMs + lengthMs - TOLERANCE_MS;
}

function absorb(histogram: Histogram, { hdr, count }: LatencySummary | QuantitySummary): void {
  if (count > 0) histogram.absorbEncoded(hdr);
}

/** A distribution function that was read from a histogram. */
export interface Spectrum {
  /** The share of the records that are this or less, to a thousandth, and to 1/10,000 in the last hundredth. */
  shareBy(value: number): number;
}

/** Reads a histogram once, because asking it for a quantile walks through all its buckets. Of an empty one nothing ever comes. */
export function spectrumOf(histogram: Histogram): Spectrum {
  if (histogram.count === 0) return { shareBy: () => 0 };
  const values = SHARES.map((share) => histogram.quantile(share));
  return {
    shareBy: (value) => {
      // The first share whose quantile lies beyond the value has not come by then; the one before it has.
      let low = 0;
      let high = values.length;
      while (low < high) {
        const middle = (low + high) >> 1;
        if ((values[middle] ?? Infinity) <= value) low = middle + 1;
        else high = middle;
      }
      return low === 0 ? 0 : (SHARES[low - 1] ?? 1);
    },
  };
}

const COARSE = 0.001;
const FINE = 0.0001;
const TAIL = 0.99;

const SHARES = [
  ...Array.from({ length: Math.round(TAIL / COARSE) }, (_, step) => (step + 1) * COARSE),
  ...Array.from({ length: Math.round((1 - TAIL) / FINE) - 1 }, (_, step) => TAIL + (step + 1) * FINE),
  1,
];
