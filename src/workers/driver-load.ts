/**
 * What one driver process reports from the barrier on: audited, recorded, compared, and told on second by second.
 *
 * @module
 */
import { type HistoryWriter, startHistory } from '../load/history-writer.js';
import { measuredWindow, type Shard } from '../load/shard.js';
import { numberHolder } from '../model/holder.js';
import { blankOperation, type ReusedOperation } from '../model/operation.js';
import { formatNs, msToNs, systemClock, type Ns } from '../model/time.js';
import type { HoldChecker } from './driver-checker.js';
import { CpuMeter } from './driver-cpu.js';
import type { OperationBatch } from './driver-frames.js';
import { DriverIntervals, type RecordedInterval } from './driver-intervals.js';
import { OperationAudit } from './driver-watch.js';
import type { IntervalRecord, Progress } from './protocol.js';

export class DriverLoad {
  readonly #shard: Shard;
  readonly #checker: HoldChecker;
  readonly #tell: (progress: Progress) => void;
  readonly #audit: OperationAudit;
  readonly #intervals: DriverIntervals;
  readonly #cpu: CpuMeter;
  /** Written for the driver, from what it reports: nobody witnessed that. */
  readonly #history: HistoryWriter | undefined;
  #endNs: Ns;
  /** Both are used again and again; whoever keeps something of them copies it. */
  readonly #operation: ReusedOperation;
  readonly #hold = { keyIndex: 0, holder: 0, grantedNs: 0, releaseInvokedNs: 0, validUntilNs: 0 };

  /** @param parallelism how many cores the driver's clients can use */
  constructor(
    shard: Shard,
    barrierNs: Ns,
    parallelism: number,
    checker: HoldChecker,
    tell: (progress: Progress) => void,
  ) {
    const window = measuredWindow(shard.scenario, barrierNs);
    this.#shard = shard;
    this.#checker = checker;
    this.#tell = tell;
    this.#audit = new OperationAudit(shard, barrierNs, window);
    this.#intervals = new DriverIntervals(shard, window);
    // The driver was told whole nanoseconds.
    this.#endNs = Math.floor(window.endNs);
    this.#cpu = new CpuMeter(window, parallelism);
    this.#operation = blankOperation(shard.worker);
    this.#history = startHistory(shard, barrierNs);
    checker.startAt(barrierNs);
  }

  /** @throws Error that says what in the batch is a lie; the operations before it are recorded */
  absorb(batch: OperationBatch): void {
    const { worker } = this.#shard;
    const nowNs = systemClock.nowNs();
    for (let index = 0; index < batch.count; index++) {
      batch.read(index, this.#operation);
      refuse(this.#audit.check(this.#operation, nowNs));
      this.#intervals.record(this.#operation);
      this.#history?.record(this.#operation);
      if (this.#operation.status === 'acquired') this.#addHold(worker);
    }
    refuse(this.#audit.checkBatch(batch, nowNs));
    this.#checker.advance(worker, batch.watermarkNs);
    this.#history?.flush(batch.watermarkNs, []);
    this.#cpu.read(batch.cpuNs, nowNs);
    for (let due = this.#intervals.takeDue(batch.watermarkNs, nowNs); due !== undefined;) {
      this.#tell({ kind: 'interval', ...this.#compare(due) });
      due = this.#intervals.takeDue(batch.watermarkNs, nowNs);
    }
  }

  /** The run is stopped: what is granted from now on is not part of its rate. */
  stop(nowNs: Ns): void {
    if (nowNs < this.#endNs) this.#audit.stop();
    this.#endNs = Math.min(this.#endNs, nowNs);
    this.#intervals.stop(nowNs);
  }

  /** The driver will report no more, and did not say that it was done. */
  giveUp(): void {
    this.#history?.abandon();
    for (const interval of this.#takeRest()) this.#tell({ kind: 'interval', ...interval });
  }

  /**
   * The driver is done. `error` is the first exception that the lock threw in it, which it must not do.
   *
   * @throws Error when the load was not over, or not whole: what it left out would count as calm
   */
  finish(error: string | undefined): void {
    const leftNs = this.#endNs - systemClock.nowNs();
    refuse(leftNs > 0 ? `it finished ${formatNs(leftNs)} before the end` : this.#audit.checkEnd(this.#endNs));
    this.#history?.end();
    const rest = this.#takeRest();
    const last = rest.pop();
    for (const interval of rest) this.#tell({ kind: 'interval', ...interval });
    if (last === undefined) return;
    this.#tell({
      kind: 'finished',
      worker: this.#shard.worker,
      ...last,
      self: this.#cpu.report(),
      processCpuSeconds: this.#cpu.usedSeconds,
      acquiredPerSlot: this.#intervals.acquiredPerSlot(),
      adapterError: error,
      historyProblems: this.#history?.problems ?? [],
    });
  }

  #addHold(worker: number): void {
    const { slot, keyIndex, invokedNs, returnedNs, releaseInvokedNs, validUntilNs } = this.#operation;
    this.#hold.keyIndex = keyIndex;
    this.#hold.holder = numberHolder(worker, slot);
    this.#hold.grantedNs = returnedNs;
    this.#hold.releaseInvokedNs = releaseInvokedNs ?? returnedNs;
    this.#hold.validUntilNs = validUntilNs ?? invokedNs + msToNs(this.#shard.scenario.ttlMs);
    this.#checker.add(worker, this.#hold);
  }

  #takeRest(): IntervalRecord[] {
    this.#checker.end(this.#shard.worker);
    return this.#intervals.takeRest(systemClock.nowNs()).map((interval) => this.#compare(interval));
  }

  /** With what the checker has found since the last interval, of whichever driver. */
  #compare(interval: RecordedInterval): IntervalRecord {
    const { held, grantedExpired, contractCount, overruns, contract, unchecked } = this.#checker.drain();
    const witnessed = { witnessed: held - grantedExpired, contractCount, overruns, contract };
    return { ...interval, witnessed, grantedExpired, unchecked };
  }
}

function refuse(lie: string | undefined): void {
  if (lie !== undefined) throw new Error(`lied: ${lie}`);
}
