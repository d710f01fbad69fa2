/**
 * What a run gathers while it goes on.
 *
 * @module
 */
import type { CheckedHistory } from './check/history-check.js';
import { concludeHistory } from './check/history-judgement.js';
import { measuredWindow, type Window } from './load/shard.js';
import { InFlightTotals, IntervalMerger, Totals } from './load/totals.js';
import { isMomentary, type FaultReceipt } from './model/fault.js';
import type { IntervalReport, WatchedReport } from './model/interval.js';
import type { HistoryFindings, Manifest, Overlap, SeriesPoint } from './model/result.js';
import { nsToMs, nsToS, systemClock, usToS, type Ns } from './model/time.js';
import { otherCpuSeconds, readMachineCpu } from './servers/machine-cpu.js';
import type { ServerAccount } from './servers/server-watch.js';
import type { IntervalRecord, ShardResult } from './workers/protocol.js';

/** How many keys of a killed worker are told by name. */
const MAX_NAMED_KEYS = 4;

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

/** Names a few keys, and counts the rest. */
function describeKeys(keys: readonly number[]): string {
  if (keys.length === 0) return 'no key';
  const named = keys.slice(0, MAX_NAMED_KEYS).map(String).join(', ');
  const more = keys.length > MAX_NAMED_KEYS ? ` and ${String(keys.length - MAX_NAMED_KEYS)} more` : '';
  return `key${keys.length === 1 ? '' : 's'} ${named}${more}`;
}
