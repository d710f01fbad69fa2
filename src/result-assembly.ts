/**
 * What a run gathers, and the result that it adds up to.
 *
 * @module
 */
import { runExitCode } from './check/exit-code.js';
import { judgeHealth } from './check/health.js';
import type { CheckedHistory } from './check/history-check.js';
import { concludeHistory } from './check/history-judgement.js';
import { judgeSafety } from './check/safety.js';
import { evaluateThreshold, type Threshold } from './check/thresholds.js';
import { measuredWindow, type Window } from './load/shard.js';
import { InFlightTotals, IntervalMerger, Totals } from './load/totals.js';
import { isLocalUrl } from './model/endpoint.js';
import { UsageError } from './model/errors.js';
import { isMomentary, type FaultReceipt } from './model/fault.js';
import type { IntervalReport, WatchedReport } from './model/interval.js';
import type {
  Health,
  HistoryFindings,
  Manifest,
  MasterResult,
  Overlap,
  RunResult,
  Safety,
  SeriesPoint,
  ThresholdResult,
} from './model/result.js';
import { msToS, nsToMs, nsToS, systemClock, usToNs, usToS, type Ns } from './model/time.js';
import { otherCpuSeconds, readMachineCpu } from './servers/machine-cpu.js';
import type { ServerAccount } from './servers/server-watch.js';
import type { IntervalRecord, ShardResult } from './workers/protocol.js';

/** Everything that is known about a run, gathered while it goes on. */
export class RunEvidence {
  /** Complete once every worker is ready: a driver process names its lock when it greets. */
  manifest: Manifest;
  readonly totals: Totals;
  readonly inFlight = new InFlightTotals();
  readonly series: SeriesPoint[] = [];
  readonly incidents: string[] = [];
  readonly contract: Overlap[] = [];
  contractCount = 0;
  overruns = 0;
  witnessed = 0;
  grantedExpired = 0;
  unchecked = 0;
  history: HistoryFindings | undefined;
  faults: readonly FaultReceipt[] = [];
  deadWorkers = 0;
  leakedKeys: number | undefined;
  keysWithoutTtl: number | undefined;
  killedWorkers = 0;
  results: readonly ShardResult[] = [];
  accounts: readonly ServerAccount[] = [];
  generatorCpuSeconds = 0;
  /** Of processes that this one did not start; null where it cannot be read. */
  strangersCpuSeconds: number | null = null;
  window: Window = { startNs: 0, endNs: 0 };
  /** When the run was stopped; Infinity unless it was. */
  stoppedNs: Ns = Infinity;
  /** From the mark to the last reading of the CPU: the window, and the drain after it. */
  cpuSpanSeconds = 0;
  readonly #merger: IntervalMerger;
  #cpuAtMark = process.cpuUsage();
  #machineAtMark = readMachineCpu();
  #markNs: Ns = 0;

  /** @param emit hears of each second once all workers have told of it */
  constructor(manifest: Manifest, emit: (report: IntervalReport, watched: WatchedReport) => void) {
    this.manifest = manifest;
    const { scenario, masters } = manifest;
    this.totals = new Totals(masters.length);
    this.#merger = new IntervalMerger(scenario.workers, masters.length, (report, watched) => {
      this.series.push(report.point);
      const { witnessed: holds, contractCount, overruns } = this;
      emit(report, { ...watched, witnessed: { holds, contractCount, overruns } });
    });
  }

  /** The load begins. */
  begin(barrierNs: Ns): void {
    this.window = measuredWindow(this.manifest.scenario, barrierNs);
    this.markCpu();
  }

  /** CPU of the generator counts from here. */
  markCpu(): void {
    this.#cpuAtMark = process.cpuUsage();
    this.#machineAtMark = readMachineCpu();
    this.#markNs = systemClock.nowNs();
  }

  /** The run is stopped before its end. */
  stop(): void {
    this.stoppedNs = Math.min(this.stoppedNs, systemClock.nowNs());
  }

  get isInterrupted(): boolean {
    // Stopped after the window was over: nothing is missing.
    return this.stoppedNs < this.window.endNs;
  }

  absorb(worker: number, record: IntervalRecord): void {
    const { index, lengthMs, recorded, witnessed, grantedExpired = 0, unchecked = 0, loopShare } = record;
    this.totals.absorb(recorded);
    this.inFlight.absorb(index, recorded.inFlight);
    this.witnessed += witnessed.witnessed;
    this.grantedExpired += grantedExpired;
    this.unchecked += unchecked;
    this.contractCount += witnessed.contractCount;
    this.overruns += witnessed.overruns;
    this.contract.push(...witnessed.contract);
    this.#merger.absorb(worker, index, lengthMs, recorded, loopShare);
  }

  endWorker(worker: number): void {
    this.#merger.end(worker);
  }

  workerDied(worker: number, error: Error): void {
    this.deadWorkers++;
    this.incidents.push(`worker ${String(worker)} died: ${error.message}`);
  }

  /** The scenario had a worker killed; `keys` are those that it held. */
  workerKilled(worker: number, keys: readonly number[]): void {
    this.killedWorkers++;
    this.incidents.push(
      `${this.#nameWorker(worker)} was killed while it held ${describeKeys(keys)}, as the scenario asks; ` +
        'what it did in its last second is not in the figures',
    );
  }

  /** The scenario wanted a worker killed while it held a key, and it never did. */
  workerSpared(worker: number): void {
    this.incidents.push(
      `${this.#nameWorker(worker)} was not killed, as the scenario asks: from the middle of the run on it held no key`,
    );
  }

  /** The history was checked, after all workers had ended. */
  absorbHistory({ report, losses, problems }: CheckedHistory): void {
    const isCutShort = this.deadWorkers + this.killedWorkers > 0;
    const witnessOverlaps = this.contractCount + this.overruns;
    this.history = concludeHistory(report, losses, { witnessOverlaps, isCutShort });
    this.incidents.push(...problems);
    // The same overlaps; listed from here only where the witness has none to show.
    if (this.contract.length === 0) this.contract.push(...report.contract);
  }

  /** The nemesis has ended. What could not be proven is told; it makes no verdict. */
  absorbFaults(receipts: readonly FaultReceipt[]): void {
    this.faults = receipts;
    for (const { fault, kind, status, healedNs, proof } of receipts) {
      if (status === 'not-run' && !this.isInterrupted) this.incidents.push(`${fault} was not injected: ${proof}`);
      if (status === 'unproven') this.incidents.push(`${fault} is not proven to have had an effect: ${proof}`);
      if (status === 'effective' && healedNs === null && !isMomentary(kind)) {
        this.incidents.push(`${fault} is not proven to have ended: ${proof}`);
      }
    }
  }

  /** All workers have ended: CPU of the generator counts up to here. */
  readCpu(): void {
    const { user, system } = process.cpuUsage(this.#cpuAtMark);
    this.generatorCpuSeconds = usToS(user + system);
    this.strangersCpuSeconds = otherCpuSeconds(this.#machineAtMark, readMachineCpu());
    this.cpuSpanSeconds = nsToS(systemClock.nowNs() - this.#markNs);
  }

  /** The last word of the workers and the masters; the CPU was read before. */
  end(results: readonly ShardResult[], accounts: readonly ServerAccount[]): void {
    const driverSeconds = results.reduce((sum, { processCpuSeconds = 0 }) => sum + processCpuSeconds, 0);
    this.generatorCpuSeconds += driverSeconds;
    this.results = results;
    this.accounts = accounts;
    const adapterError = results.find((result) => result.adapterError !== undefined)?.adapterError;
    this.incidents.push(...results.flatMap(({ historyProblems = [] }) => historyProblems));
    if (adapterError !== undefined) this.incidents.push(`the lock threw, which it must not: ${adapterError}`);
  }

  /**
   * Evaluates thresholds on the empty result, so that a misspelt metric fails before the run and not after it.
   *
   * @throws UsageError with all of them
   */
  refuseUnknownMetrics(thresholds: readonly Threshold[]): void {
    const empty = judge(this);
    const problems = thresholds.flatMap((threshold) => {
      const evaluated = evaluateThreshold(threshold, empty);
      return 'problem' in evaluated ? [evaluated.problem] : [];
    });
    if (problems.length > 0) throw new UsageError(problems);
  }

  /** As in the scenario: counted from 1. */
  #nameWorker(worker: number): string {
    return `worker ${String(worker + 1)} of ${String(this.manifest.scenario.workers)}`;
  }

  /** How long the measured window lasted: as planned, or until the run was stopped. */
  measuredMs(): number {
    const { startNs, endNs } = this.window;
    return Math.max(0, nsToMs(Math.min(endNs, this.stoppedNs) - startNs));
  }
}

/** Adds the evidence up. */
export function assembleResult(evidence: RunEvidence, thresholds: readonly Threshold[]): RunResult {
  const judged = judge(evidence);
  const evaluated = thresholds.map((threshold): ThresholdResult => {
    const outcome = evaluateThreshold(threshold, judged);
    return 'passed' in outcome ? outcome : { expression: threshold.expression, value: null, passed: false };
  });
  return { ...judged, thresholds: evaluated, exitCode: runExitCode({ ...judged, thresholds: evaluated }) };
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
    safety: describeSafety(evidence),
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
    scheduleDelayP99Ns: lateStartsNs(totals),
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

/**
 * The p99 of the schedule delay; of fewer than a hundred starts the p90, because their p99 is nothing but the worst of
 * them, and one late start of a dozen does not shape a result.
 */
function lateStartsNs({ histograms }: Totals): Ns {
  const delays = histograms['acquire.scheduleDelay'];
  return usToNs(delays.quantile(delays.count < 100 ? 0.9 : 0.99));
}

function describeSafety(evidence: RunEvidence): Safety {
  return judgeSafety(evidence);
}

/** Names a few keys, and counts the rest. */
function describeKeys(keys: readonly number[]): string {
  if (keys.length === 0) return 'no key';
  const named = keys.slice(0, MAX_NAMED_KEYS).map(String).join(', ');
  const more = keys.length > MAX_NAMED_KEYS ? ` and ${String(keys.length - MAX_NAMED_KEYS)} more` : '';
  return `key${keys.length === 1 ? '' : 's'} ${named}${more}`;
}

const MAX_NAMED_KEYS = 4;
