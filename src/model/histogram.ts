/**
 * High dynamic range histograms: what a run keeps of its latencies. They merge; percentiles are never averaged.
 *
 * @module
 */
import {
  decodeFromCompressedBase64,
  encodeIntoCompressedBase64,
  Int32Histogram,
  JsHistogram,
  type Histogram as HdrHistogram,
} from 'hdr-histogram-js';
import { nsToUs, usToNs, type Ns } from './time.js';

/** 10 minutes in microseconds. Longer waits are counted as exceeded and kept at this value. */
const HIGHEST_VALUE = 600_000_000;
const SIGNIFICANT_DIGITS = 3;

/** The part of a histogram that changed, small enough to send every second; its buffer can be transferred. */
export interface HistogramSnapshot {
  readonly count: number;
  readonly sum: number;
  readonly min: number;
  readonly max: number;
  readonly exceeded: number;
  /** Index of the first bucket in `counts`. */
  readonly firstBucket: number;
  readonly counts: Int32Array;
}

/** A distribution of times. Percentiles are accurate to three digits, `minNs`, `meanNs` and `maxNs` to the microsecond. */
export interface LatencySummary {
  readonly count: number;
  readonly minNs: Ns;
  readonly meanNs: Ns;
  readonly p50Ns: Ns;
  readonly p90Ns: Ns;
  readonly p99Ns: Ns;
  readonly p999Ns: Ns;
  readonly maxNs: Ns;
  /** How many were longer than 10 minutes and stand at 10 minutes in the percentiles. */
  readonly exceeded: number;
  /** The whole distribution in microseconds: compressed HdrHistogram V2, base64. */
  readonly hdr: string;
}

/** A distribution of whole numbers, in the unit that its name in the result states. */
export interface QuantitySummary {
  readonly count: number;
  readonly min: number;
  readonly mean: number;
  readonly p1: number;
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly p999: number;
  readonly max: number;
  readonly exceeded: number;
  readonly hdr: string;
}

/** The parts of the JavaScript histogram that its type keeps private: the snapshot needs raw buckets. */
interface RawBuckets {
  _counts: Int32Array;
  valueFromIndex(index: number): number;
}

/**
 * A histogram of whole numbers from 0 to 600,000,000 (microseconds: 10 minutes), three significant digits.
 *
 * JavaScript Int32 counts without resizing: measured the fastest variant of hdr-histogram-js whose text output is
 * right. Recording allocates nothing. Values are guarded because the library would count NaN and throw on overflow.
 */
export class Histogram {
  readonly #hdr = new Int32Histogram(1, HIGHEST_VALUE, SIGNIFICANT_DIGITS);
  #sum = 0;
  #min = Infinity;
  #max = 0;
  #exceeded = 0;

  get count(): number {
    return this.#hdr.totalCount;
  }

  get exceeded(): number {
    return this.#exceeded;
  }

  /** Records a time; kept in whole microseconds. */
  recordNs(ns: Ns): void {
    this.record(nsToUs(ns));
  }

  /**
   * Records a number, floored; negative ones count as 0, because equal clocks may be read in either order.
   *
   * @throws RangeError for NaN, which would silently poison every percentile
   */
  record(value: number): void {
    if (Number.isNaN(value)) throw new RangeError('histogram value: expected a number, got NaN');
    const whole = value < 0 ? 0 : Math.floor(value);
    const kept = whole > HIGHEST_VALUE ? HIGHEST_VALUE : whole;
    if (kept !== whole) this.#exceeded++;
    this.#hdr.recordValue(kept);
    this.#sum += whole;
    if (whole < this.#min) this.#min = whole;
    if (whole > this.#max) this.#max = whole;
  }

  /** Takes everything recorded so far out of the histogram. */
  drain(): HistogramSnapshot {
    const { _counts: counts } = this.#raw();
    let first = 0;
    let end = counts.length;
    while (first < end && counts[first] === 0) first++;
    while (end > first && counts[end - 1] === 0) end--;
    const snapshot: HistogramSnapshot = {
      count: this.count,
      sum: this.#sum,
      min: this.#min,
      max: this.#max,
      exceeded: this.#exceeded,
      firstBucket: first,
      counts: counts.slice(first, end),
    };
    this.#hdr.reset();
    this.#sum = 0;
    this.#min = Infinity;
    this.#max = 0;
    this.#exceeded = 0;
    return snapshot;
  }

  /** Adds a snapshot of another histogram. */
  absorb(snapshot: HistogramSnapshot): void {
    const raw = this.#raw();
    snapshot.counts.forEach((count, offset) => {
      if (count > 0) this.#hdr.recordValueWithCount(raw.valueFromIndex(snapshot.firstBucket + offset), count);
    });
    this.#sum += snapshot.sum;
    this.#min = Math.min(this.#min, snapshot.min);
    this.#max = Math.max(this.#max, snapshot.max);
    this.#exceeded += snapshot.exceeded;
  }

  /**
   * Adds an encoded histogram, as an interval log holds it. The smallest, the mean and the largest value are then known
   * to three digits only, and how many values were exceeded is lost.
   *
   * @throws Error when the text is no encoded histogram
   */
  absorbEncoded(hdr: string): void {
    const other = decodeHistogram(hdr);
    if (other.totalCount === 0) return;
    // Without WebAssembly every histogram of the library is one of its JavaScript class.
    if (other instanceof JsHistogram) this.#hdr.add(other);
    this.#sum += other.mean * other.totalCount;
    this.#min = Math.min(this.#min, other.getValueAtPercentile(0));
    this.#max = Math.max(this.#max, Math.min(other.maxValue, HIGHEST_VALUE));
  }

  /** The value below or at which this share (0 to 1) of the records lies; 0 when there are none. */
  quantile(share: number): number {
    if (this.count === 0) return 0;
    // A bucket's upper edge can lie above the largest record; the record is exact, so it wins.
    return Math.min(this.#hdr.getValueAtPercentile(share * 100), this.#max);
  }

  /** The summary of a histogram of microseconds. */
  summarizeLatency(): LatencySummary {
    const quantity = this.summarizeQuantity();
    return {
      count: quantity.count,
      minNs: usToNs(quantity.min),
      meanNs: usToNs(quantity.mean),
      p50Ns: usToNs(quantity.p50),
      p90Ns: usToNs(quantity.p90),
      p99Ns: usToNs(quantity.p99),
      p999Ns: usToNs(quantity.p999),
      maxNs: usToNs(quantity.max),
      exceeded: quantity.exceeded,
      hdr: quantity.hdr,
    };
  }

  summarizeQuantity(): QuantitySummary {
    const { count } = this;
    return {
      count,
      min: count === 0 ? 0 : this.#min,
      mean: count === 0 ? 0 : this.#sum / count,
      p1: this.quantile(0.01),
      p50: this.quantile(0.5),
      p90: this.quantile(0.9),
      p99: this.quantile(0.99),
      p999: this.quantile(0.999),
      max: this.#max,
      exceeded: this.#exceeded,
      hdr: encodeIntoCompressedBase64(this.#hdr),
    };
  }

  /** The underlying histogram, for the writers of `.hgrm` and `.hlog`. Read it; do not record into it. */
  get hdr(): HdrHistogram {
    return this.#hdr;
  }

  #raw(): RawBuckets {
    return this.#hdr as unknown as RawBuckets;
  }
}

/** Reads the `hdr` key of a result back into a histogram of the library, for charts and text spectra. */
export function decodeHistogram(hdr: string): HdrHistogram {
  return decodeFromCompressedBase64(hdr, 32, false);
}
