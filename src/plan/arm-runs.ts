/**
 * The runs of an arm, reduced to what they are compared by, and merged for pictures.
 *
 * @module
 */
import { otherCoresOf, usedCoresOf } from '../check/other-processes.js';
import { overlapsOf } from '../check/safety.js';
import type { Arm, ArmRun } from '../model/comparison.js';
import { Histogram, type LatencySummary } from '../model/histogram.js';
import { nameLock } from '../model/measured-lock.js';
import type { RunResult } from '../model/result.js';
import type { Scenario } from '../model/scenario.js';
import { measureRun } from './metrics.js';

/** A run with its place in the comparison. */
export interface PlacedRun {
  readonly round: number | null;
  readonly directory: string | null;
  readonly result: RunResult;
}

/** What an arm is called and what it was. */
export type ArmIdentity = Pick<Arm, 'name' | 'levels'> & { readonly scenario: Scenario };

/** Gathers the runs of one arm while they are made; keeps figures and merged histograms, not whole results. */
export class ArmRecord {
  readonly identity: ArmIdentity;
  readonly runs: ArmRun[] = [];
  /** Of each run that is in, from the actual start to the grant: what order statistics are applied to. */
  readonly services: LatencySummary[] = [];
  readonly #response = new Histogram();
  readonly #gaveUp = new Histogram();
  /** As the first run wrote it down: with its seed, and without passwords. */
  #first: Pick<RunResult, 'lock' | 'scenario'> | undefined;

  constructor(identity: ArmIdentity) {
    this.identity = identity;
  }

  add({ round, directory, result }: PlacedRun): void {
    const run = describeRun(result, round, directory);
    this.runs.push(run);
    this.#first ??= { lock: result.lock, scenario: result.scenario };
    if (run.leftOut !== null) return;
    absorb(this.#response, result.acquire.response);
    absorb(this.#gaveUp, result.acquire.gaveUp);
    this.services.push(result.acquire.service);
  }

  summarize(): Arm {
    const { lock, scenario } = this.#first ?? { lock: undefined, scenario: withoutSecrets(this.identity.scenario) };
    return {
      ...this.identity,
      scenario,
      lock: lock === undefined ? scenario.lock : nameLock(lock),
      isUnsafe: lock?.isUnsafe ?? false,
      flaw: lock?.flaw ?? null,
      runs: this.runs,
      response: this.#response.summarizeLatency(),
      gaveUp: this.#gaveUp.summarizeLatency(),
    };
  }
}

function describeRun(result: RunResult, round: number | null, directory: string | null): ArmRun {
  const { acquire, attempts, fairness, health, safety, scenario } = result;
  return {
    round,
    directory,
    runId: result.runId,
    seed: scenario.seed,
    health: health.verdict,
    isRateLowerBound: isLowerBound(result),
    safety: safety.verdict,
    exitCode: result.exitCode,
    leftOut: reasonToLeaveOut(result),
    acquired: acquire.counts.acquired,
    intended: Object.values(acquire.counts).reduce((sum, count) => sum + count, 0),
    contractCount: overlapsOf(safety),
    overruns: safety.overruns,
    leakedKeys: safety.leakedKeys,
    attempts: attempts.total,
    splitVotes: attempts.splitVotes,
    unfinished: acquire.counts.unfinished,
    minPerClient: fairness?.minPerClient ?? null,
    maxPerClient: fairness?.maxPerClient ?? null,
    measuredMs: result.measuredMs,
    otherCores: otherCoresOf(health, result.measuredMs),
    usedCores: usedCoresOf(result),
    crossed: result.thresholds.filter(({ passed }) => !passed).map(({ expression }) => expression),
    metrics: measureRun(result),
  };
}

/** A build that does not say so marked such runs as suspect, and others too. */
function isLowerBound({ health, scenario }: RunResult): boolean {
  const { isRateLowerBound } = health as Partial<RunResult['health']>;
  return isRateLowerBound ?? (health.verdict === 'suspect' && scenario.ratePerSecond === undefined);
}

/** A run that was cut short, or whose generator shaped the numbers, says nothing about its lock. */
export function reasonToLeaveOut({ status, incidents, health }: RunResult): string | null {
  if (status !== 'complete') return [`the run was ${status}`, ...incidents.slice(0, 1)].join(': ');
  return health.verdict === 'invalid' ? 'the generator shaped the numbers (invalid)' : null;
}

/** How many runs of these arms say anything: those that got beyond their warm-up, or broke in it. */
export function countMeasured(arms: readonly { readonly runs: readonly ArmRun[] }[]): number {
  return arms.flatMap(({ runs }) => runs).filter((run) => run.measuredMs > 0 || run.safety === 'violation').length;
}

/** Endpoints may carry passwords; how many there are is all that is needed of masters that were never asked. */
export function withoutSecrets(scenario: Scenario): Scenario {
  return { ...scenario, endpoints: scenario.endpoints.map(() => 'not connected') };
}

function absorb(histogram: Histogram, { hdr, count }: LatencySummary): void {
  if (count > 0) histogram.absorbEncoded(hdr);
}
