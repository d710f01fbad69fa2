/**
 * What a search for capacity leaves: the shape of `capacity.json`.
 *
 * @module
 */
import type { HealthVerdict, SafetyVerdict, ThresholdResult } from './result.js';
import type { Transport } from './scenario.js';
import type { SearchReport } from './search-report.js';
import type { Ns } from './time.js';

export const CAPACITY_SCHEMA_VERSION = 1;

/** Why a step was run. Confirmations repeat the two ends of the bracket, in shuffled order. */
export type StepPurpose = 'growth' | 'bisection' | 'confirmation';

/**
 * `met`: valid, settled, and within the SLO. `missed`: valid, and beyond it, or dropping starts, or its waits grow without
 * end. `invalid`: something else than the masters shaped it, so it says nothing of them. `unsettled`: it still drifted, was
 * discarded and run again for longer.
 */
export type StepVerdict = 'met' | 'missed' | 'invalid' | 'unsettled';

/**
 * What shaped an invalid step. `generator`: its workers were busy. `others`: processes that are not of the run had the
 * cores. `held-up`: it was late although its workers were idle and nobody else was seen. `no-data`: no rule of the SLO
 * failed but for having nothing to measure.
 */
export type StepCause = 'generator' | 'others' | 'held-up' | 'no-data';

/** One run at one rate. */
export interface CapacityStep {
  /** From 1, in the order in which they ran. */
  readonly number: number;
  readonly purpose: StepPurpose;
  /** Intended starts per second. */
  readonly ratePerSecond: number;
  readonly workers: number;
  readonly transport: Transport;
  readonly warmupMs: number;
  readonly durationMs: number;
  /** Folder of the run, relative to that of the search; null when it was not kept. */
  readonly directory: string | null;
  readonly runId: string;
  readonly seed: number;
  readonly verdict: StepVerdict;
  /** Of an invalid step; null otherwise. */
  readonly cause: StepCause | null;
  /** Why, one sentence each; empty for a step that met the SLO. */
  readonly reasons: readonly string[];
  readonly health: HealthVerdict;
  readonly safety: SafetyVerdict;
  readonly contractCount: number;
  readonly slo: readonly ThresholdResult[];
  readonly acquiredPerSecond: number;
  readonly successRatio: number;
  readonly dropped: number;
  readonly unfinished: number;
  readonly response: Percentiles;
  readonly service: Percentiles;
  readonly scheduleDelayP99Ns: Ns;
  /** What the p50 response rises by in each second of the step, by the Theil-Sen slope; null with too few seconds. */
  readonly drift: { readonly nsPerSecond: number; readonly pValue: number } | null;
  /** Each master's CPU as a share of one core; null where it could not be asked. */
  readonly masterCpu: readonly (number | null)[];
  /** Cores that the generator, and processes that are not of the run, used. */
  readonly generatorCores: number;
  readonly otherCores: number | null;
  readonly eventLoopUtilization: number;
  /**
   * Operations under way on average (null where nobody counted), and what Little's law makes of rate and times: rate ×
   * (service + hold + release), with the time of those that gave up.
   */
  readonly inFlightMean: number | null;
  readonly inFlightByLittle: number;
}

/** Of a distribution of times. */
export interface Percentiles {
  readonly count: number;
  readonly p50Ns: Ns;
  readonly p90Ns: Ns;
  readonly p99Ns: Ns;
  readonly p999Ns: Ns;
  readonly maxNs: Ns;
}

/** How many of the repetitions of an end agreed with it, of how many. */
export interface Agreement {
  readonly agreed: number;
  readonly of: number;
}

/** What was found. Rates are operations per second; of a bracket, the capacity lies between the two. */
export type CapacityAnswer =
  | {
      readonly kind: 'bracket';
      readonly meetsPerSecond: number;
      readonly missesPerSecond: number;
      readonly confirmed: { readonly meets: Agreement; readonly misses: Agreement };
    }
  | {
      /** The search ended before the masters did: by what shaped the step beyond, or by the highest rate that was allowed. */
      readonly kind: 'at-least';
      readonly meetsPerSecond: number;
      readonly confirmed: { readonly meets: Agreement };
      readonly limit: StepCause | 'highest-rate' | 'interrupted';
      readonly evidence: string;
    }
  | {
      readonly kind: 'below';
      readonly missesPerSecond: number;
      /** What kept lower rates from being tried; null where they missed as well. */
      readonly evidence: string | null;
    }
  | { readonly kind: 'unknown'; readonly reason: string };

/** What limits, with the figures that say so. */
export interface Bottleneck {
  readonly kind: 'master-cpu' | 'machine' | 'key' | 'round-trip' | 'masters-rate' | 'generator' | 'others' | 'unknown';
  /** Counted from 1; null unless it is one master's. */
  readonly master: number | null;
  readonly explanation: string;
  /** What was at its limit, too, one sentence each, with figures. */
  readonly alsoAtLimit: readonly string[];
  /** What was looked at and ruled out, likewise. */
  readonly ruledOut: readonly string[];
}

/** Where the latency begins to rise faster than the load: no SLO involved. */
export interface Knee {
  readonly method: 'power';
  readonly ratePerSecond: number;
  readonly responseP50Ns: Ns;
}

/** A point of the closed loop that the scalability law is fitted to. */
export interface ScalingPoint {
  readonly clients: number;
  readonly round: number;
  readonly ratePerSecond: number;
  readonly health: HealthVerdict;
  readonly workers: number;
  /** What the rate is that of, besides the masters; null where nothing was seen. Others', and invalid ones, are not fitted. */
  readonly limitedBy: 'generator' | 'machine' | 'others' | null;
}

/** An estimate with the ends of its 95 % interval. */
export interface Estimate {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** The Universal Scalability Law, X(n) = λ n / (1 + σ (n − 1) + κ n (n − 1)). */
export interface ScalingFit {
  /** Operations per second of one client. */
  readonly lambda: Estimate;
  /** Contention: the share that is done one after the other. */
  readonly sigma: Estimate;
  /** Coherency: what every pair of clients costs. */
  readonly kappa: Estimate;
  /** Clients at the peak of the curve and the rate there; null when the data have no peak. */
  readonly peak: { readonly clients: Estimate; readonly ratePerSecond: Estimate } | null;
  /** Share of the variance that the curve explains. */
  readonly r2: number;
}

export interface Scaling {
  readonly points: readonly ScalingPoint[];
  /** Null when it was refused. */
  readonly fit: ScalingFit | null;
  /** Why there is no fit, or no peak; null when there are both. */
  readonly refusal: string | null;
}

/** How often one key can change hands, 1 / (acquire + hold + release + handoff), against the most that was measured. */
export interface KeyCeiling {
  readonly acquireNs: Ns;
  readonly holdNs: Ns;
  readonly releaseNs: Ns;
  readonly handoffNs: Ns;
  readonly predictedPerSecond: number;
  /**
   * The most that the key was acquired: measured where all operations want it; otherwise computed from its share and the
   * steps that met the SLO, null without one.
   */
  readonly measuredPerSecond: number | null;
  /** Share of the operations that want that key. */
  readonly keyShare: number;
}

/** What is left at the rate that the user expects. */
export interface Headroom {
  readonly expectedPerSecond: number;
  /** Capacity (lower end) over the expected rate, minus 1; null where it cannot be told, or nothing met the SLO. */
  readonly share: number | null;
  readonly sentence: string;
}

export interface CapacityReport extends SearchReport {
  readonly schemaVersion: typeof CAPACITY_SCHEMA_VERSION;
  readonly kind: 'capacity';
  /** The SLO, as it was written. */
  readonly slo: readonly string[];
  /** The bracket is as narrow as this: 0.05 is 5 %. */
  readonly precision: number;
  readonly steps: readonly CapacityStep[];
  readonly answer: CapacityAnswer;
  readonly bottleneck: Bottleneck;
  readonly knee: Knee | null;
  readonly scaling: Scaling | null;
  readonly keyCeiling: KeyCeiling | null;
  readonly headroom: Headroom | null;
  /** The largest disagreement between counted and computed operations under way, as a share, over valid steps. */
  readonly littleDeviation: number | null;
  /**
   * What was changed on the way so that the generator kept up (`2 workers instead of 1 from step 7 on`), and at last what
   * was tried to no effect.
   */
  readonly escalations: readonly string[];
}
