/**
 * The result that the evidence of a run adds up to.
 *
 * @module
 */
import { runExitCode } from './check/exit-code.js';
import { judgeHealth } from './check/health.js';
import { judgeSafety } from './check/safety.js';
import { evaluateThreshold, type Threshold } from './check/thresholds.js';
import { lateStartsOf, type Totals } from './load/totals.js';
import { isLocalUrl } from './model/endpoint.js';
import { UsageError } from './model/errors.js';
import type { Health, Manifest, MasterResult, RunResult, ThresholdResult } from './model/result.js';
import { msToS, usToNs } from './model/time.js';
import type { RunEvidence } from './run-evidence.js';

/** Adds the evidence up. */
export function assembleResult(evidence: RunEvidence, thresholds: readonly Threshold[]): RunResult {
  const judged = judge(evidence);
  const evaluated = thresholds.map((threshold): ThresholdResult => {
    const outcome = evaluateThreshold(threshold, judged);
    return 'passed' in outcome ? outcome : { expression: threshold.expression, value: null, passed: false };
  });
  return { ...judged, thresholds: evaluated, exitCode: runExitCode({ ...judged, thresholds: evaluated }) };
}

/**
 * Evaluates thresholds on the empty result, so that a misspelt metric fails before the run and not after it.
 *
 * @throws UsageError with all of them
 */
export function refuseUnknownMetrics(evidence: RunEvidence, thresholds: readonly Threshold[]): void {
  const empty = judge(evidence);
  const problems = thresholds.flatMap((threshold) => {
    const evaluated = evaluateThreshold(threshold, empty);
    return 'problem' in evaluated ? [evaluated.problem] : [];
  });
  if (problems.length > 0) throw new UsageError(problems);
}

type JudgedRun = Omit<RunResult, 'thresholds' | 'exitCode'>;

function judge(evidence: RunEvidence): JudgedRun {
  const { manifest, totals, incidents, series, deadWorkers } = evidence;
  const measuredMs = evidence.measuredMs();
  return {
    ...manifest,
    status: evidence.isInterrupted ? 'interrupted' : deadWorkers > 0 ? 'crashed' : 'complete',
    incidents,
    masters: manifest.masters.map((identity, index) => describeMaster(identity, evidence, index)),
    measuredMs,
    acquire: describeAcquire(totals, measuredMs),
    release: { ...totals.histograms.release.summarizeLatency(), counts: totals.releases },
    hold: totals.histograms.hold.summarizeLatency(),
    handoff: totals.histograms.handoff.summarizeLatency(),
    validityMs: totals.validityMs.summarizeQuantity(),
    attempts: {
      total: totals.attempts,
      perAcquisition: totals.perAcquisition.summarizeQuantity(),
      splitVotes: totals.splitVotes,
      wakeUps: totals.wakeUps,
      margins: describeMargins(totals, manifest.masters.length),
    },
    // What a worker had under way in the second in which it ended was not told.
    inFlight: deadWorkers + evidence.killedWorkers > 0 ? null : evidence.inFlight.describe(measuredMs),
    fairness: describeFairness(evidence),
    health: describeHealth(evidence),
    safety: judgeSafety(evidence),
    series,
    faults: evidence.faults,
  };
}

function describeMaster(identity: Manifest['masters'][number], evidence: RunEvidence, index: number): MasterResult {
  const seen = evidence.totals.masters[index];
  const account = evidence.accounts[index];
  if (seen === undefined) throw new RangeError(`master ${String(index)}: expected one of the run's, got none`);
  return {
    ...identity,
    roundTrip: seen.roundTrip.summarizeLatency(),
    timeouts: seen.timeouts,
    errors: seen.errors,
    cpuSeconds: account?.cpuSeconds ?? 0,
    commands: account?.commands ?? {},
    peakMemoryBytes: account?.peakMemoryBytes ?? 0,
    reachableAtEnd: account?.reachableAtEnd ?? false,
  };
}

function describeAcquire(totals: Totals, measuredMs: number): RunResult['acquire'] {
  const { counts, histograms, intended } = totals;
  return {
    counts,
    successRatio: intended === 0 ? 0 : counts.acquired / intended,
    ratePerSecond: measuredMs === 0 ? 0 : totals.grantedInWindow / msToS(measuredMs),
    response: histograms['acquire.response'].summarizeLatency(),
    service: histograms['acquire.service'].summarizeLatency(),
    scheduleDelay: histograms['acquire.scheduleDelay'].summarizeLatency(),
    gaveUp: histograms['acquire.gaveUp'].summarizeLatency(),
    unfinished: { count: counts.unfinished, oldestNs: totals.oldestUnfinishedNs },
  };
}

/** From grants by their votes to grants by their margin, k − (N − Q). */
function describeMargins({ grantsByVotes }: Totals, masters: number): readonly number[] | null {
  if (grantsByVotes.every((count) => count === 0)) return null;
  const spare = Math.ceil(masters / 2) - 1;
  return grantsByVotes.slice(spare);
}

/** Jain's index, (Σx)² / (n Σx²): 1 when every client acquired as often, 1/n when one had everything. */
function describeFairness({ manifest, results }: RunEvidence): RunResult['fairness'] {
  const perClient = results.flatMap((result) => result.acquiredPerSlot);
  if (manifest.scenario.concurrency === undefined || perClient.length === 0) return null;
  const sum = perClient.reduce((total, acquired) => total + acquired, 0);
  const squares = perClient.reduce((total, acquired) => total + acquired ** 2, 0);
  return {
    jain: squares === 0 ? 0 : sum ** 2 / (perClient.length * squares),
    minPerClient: perClient.reduce((least, acquired) => Math.min(least, acquired), Infinity),
    maxPerClient: perClient.reduce((most, acquired) => Math.max(most, acquired), 0),
  };
}

function describeHealth(evidence: RunEvidence): Health {
  const { manifest, totals, results, accounts } = evidence;
  return judgeHealth({
    isOpenLoop: manifest.scenario.ratePerSecond !== undefined,
    workers: manifest.scenario.workers,
    killed: evidence.killedWorkers,
    perWorker: results.map((result) => result.self),
    scheduleDelayP99Ns: lateStartsOf(totals).delayNs,
    responseP99Ns: usToNs(totals.histograms['acquire.response'].quantile(0.99)),
    intended: totals.intended,
    dropped: totals.counts.dropped,
    generatorCpuSeconds: evidence.generatorCpuSeconds,
    serverCpuSeconds: accounts.reduce((sum, account) => sum + account.cpuSeconds, 0),
    otherCpuSeconds: describeOthers(evidence),
    cpuSpanSeconds: evidence.cpuSpanSeconds,
    adapterThrew: results.some((result) => result.adapterError !== undefined),
    cores: manifest.environment.cores,
    serversAreLocal: manifest.masters.every(({ endpoint }) => isLocalUrl(endpoint)),
  });
}

/** Masters of somebody else that run on this machine are strangers to this process, but not to the run. */
function describeOthers({ strangersCpuSeconds, manifest, accounts }: RunEvidence): number | null {
  if (strangersCpuSeconds === null) return null;
  const mastersSeconds = accounts.reduce((sum, { cpuSeconds }, index) => {
    const master = manifest.masters[index];
    return master === undefined || master.spawned || !isLocalUrl(master.endpoint) ? sum : sum + cpuSeconds;
  }, 0);
  return Math.max(0, strangersCpuSeconds - mastersSeconds);
}
