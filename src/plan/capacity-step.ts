/**
 * A run at one rate, reduced to the figures that a search for capacity goes by.
 *
 * @module
 */
import { otherCoresOf } from '../check/other-processes.js';
import { overlapsOf } from '../check/safety.js';
import type { CapacityStep, Percentiles, StepPurpose } from '../model/capacity.js';
import type { LatencySummary } from '../model/histogram.js';
import type { RunResult } from '../model/result.js';
import { msToS } from '../model/time.js';
import { coresOf, masterCoresOf } from './capacity-cpu.js';
import type { JudgedStep } from './capacity-verdict.js';
import { littleInFlight } from './queueing.js';

/** Where a step stands in the search. */
export interface PlacedStep {
  /** From 1. */
  readonly number: number;
  readonly purpose: StepPurpose;
  readonly ratePerSecond: number;
  /** Folder of the run, relative to that of the search. */
  readonly directory: string;
}

/** A step with the run that it was made of. */
export interface MeasuredStep {
  readonly step: CapacityStep;
  readonly result: RunResult;
}

/** Describes a run by its figures and its verdict. */
export function describeStep(placed: PlacedStep, result: RunResult, judged: JudgedStep): CapacityStep {
  const { acquire, health, safety, scenario, measuredMs, inFlight } = result;
  return {
    ...placed,
    ...judged,
    workers: scenario.workers,
    transport: scenario.transport,
    warmupMs: scenario.warmupMs,
    durationMs: scenario.durationMs,
    runId: result.runId,
    seed: scenario.seed,
    health: health.verdict,
    safety: safety.verdict,
    contractCount: overlapsOf(safety),
    slo: result.thresholds,
    acquiredPerSecond: acquire.ratePerSecond,
    successRatio: acquire.successRatio,
    dropped: acquire.counts.dropped,
    unfinished: acquire.counts.unfinished,
    response: percentilesOf(acquire.response),
    service: percentilesOf(acquire.service),
    scheduleDelayP99Ns: acquire.scheduleDelay.p99Ns,
    masterCpu: masterCoresOf(result),
    generatorCores: coresOf(result, health.generatorCpuSeconds),
    otherCores: otherCoresOf(health, measuredMs),
    eventLoopUtilization: health.eventLoopUtilization,
    inFlightMean: inFlight?.mean ?? null,
    inFlightByLittle: inFlightByLittle(result),
  };
}

/** Little's law: of each part of an operation, how many a second times how long. */
function inFlightByLittle({ acquire, hold, release, measuredMs }: RunResult): number {
  if (measuredMs === 0) return 0;
  const parts = [acquire.service, acquire.gaveUp, hold, release];
  return parts.reduce((sum, { count, meanNs }) => sum + littleInFlight(count / msToS(measuredMs), meanNs), 0);
}

function percentilesOf({ count, p50Ns, p90Ns, p99Ns, p999Ns, maxNs }: LatencySummary): Percentiles {
  return { count, p50Ns, p90Ns, p99Ns, p999Ns, maxNs };
}
