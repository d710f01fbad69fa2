/**
 * What cannot be true of what a driver reports: lies, floods and stalls.
 *
 * @module
 */
import type { Shard, Window } from '../load/shard.js';
import { keyCount } from '../load/workload.js';
import type { ReusedOperation } from '../model/operation.js';
import type { Scenario } from '../model/scenario.js';
import { formatNs, nsToS, sToNs, type Clock, type Ns } from '../model/time.js';
import type { OperationBatch } from './driver-frames.js';

/** What a driver may do before it is stopped. */
export interface DriverLimits {
  /** For the hello, and again for getting ready. */
  readonly answerMs: number;
  /** Without any report while the load runs. */
  readonly silenceMs: number;
  /** Between a signal and a stronger one, and for ending after the last report. */
  readonly graceMs: number;
  /** To report everything once it has drained. */
  readonly overtimeMs: number;
  readonly bytesPerSecond: number;
}

export const DRIVER_LIMITS: DriverLimits = {
  answerMs: 10_000,
  silenceMs: 5_000,
  graceMs: 2_000,
  overtimeMs: 10_000,
  // A million operations a second.
  bytesPerSecond: 64 << 20,
};

/** A release that takes longer than this is not waited for: it is reported as indeterminate. */
const LONGEST_RELEASE_NS = sToNs(60);
const SECOND_NS = sToNs(1);
/** What the number of arrivals of an honest Poisson schedule is away from its mean, at most, in standard deviations. */
const MOST_DEVIATIONS = 6;

/**
 * Checks every operation of one driver against what its shard and our clock allow.
 *
 * The driver reads the same clock as we do (CLOCK_MONOTONIC), so an instant that we have not reached yet is a lie. What
 * is checked is what the numbers rest on; a driver that invents a consistent history is not found out by this.
 */
export class OperationAudit {
  readonly #scenario: Scenario;
  readonly #slots: number;
  readonly #firstKey: number;
  readonly #endKey: number;
  readonly #isClosedLoop: boolean;
  readonly #barrierNs: Ns;
  readonly #endNs: Ns;
  /** When each client's last operation ended: a client has one at a time. */
  readonly #clientFreeNs: Float64Array;
  #watermarkNs: Ns;
  #cpuNs: Ns = 0;
  /** Operations so far, dropped ones included. */
  #starts = 0;
  #isStopped = false;
  /** When the last batch came, and for how long of our own hearing the watermark has not moved. */
  #heardNs: Ns;
  #unmovedNs: Ns = 0;

  constructor({ scenario, slots, firstSlot }: Shard, barrierNs: Ns, window: Window) {
    const isOwnKey = scenario.keys.kind === 'uncontended';
    this.#scenario = scenario;
    this.#slots = slots;
    this.#firstKey = isOwnKey ? firstSlot : 0;
    this.#endKey = isOwnKey ? firstSlot + slots : keyCount(scenario);
    this.#isClosedLoop = scenario.ratePerSecond === undefined;
    // What the driver was told is whole.
    this.#barrierNs = Math.floor(barrierNs);
    this.#endNs = window.endNs;
    this.#clientFreeNs = new Float64Array(slots);
    this.#watermarkNs = this.#barrierNs;
    this.#heardNs = this.#barrierNs;
  }

  /** The run is stopped before its end: neither is the schedule complete then, nor need the barrier have passed. */
  stop(): void {
    this.#isStopped = true;
  }

  /** Call it after the operations of the batch. Says what is wrong with the batch itself. */
  checkBatch({ watermarkNs, cpuNs }: OperationBatch, nowNs: Ns): string | undefined {
    const previousNs = this.#watermarkNs;
    const isBeforeStart = this.#isStopped && previousNs === this.#barrierNs;
    this.#watermarkNs = isBeforeStart ? Math.max(watermarkNs, previousNs) : watermarkNs;
    this.#hear(this.#watermarkNs > previousNs, nowNs);
    if (watermarkNs > nowNs) return `its watermark was ${formatNs(watermarkNs - nowNs)} in the future`;
    if (watermarkNs < previousNs && !isBeforeStart)
      return `its watermark went back by ${formatNs(previousNs - watermarkNs)}, or lay before the start`;
    if (nowNs - watermarkNs > LONGEST_RELEASE_NS && this.#unmovedNs > LONGEST_RELEASE_NS) {
      return `its watermark was ${formatNs(nowNs - watermarkNs)} old; report a release that takes so long as indeterminate`;
    }
    if (cpuNs < this.#cpuNs) return `its CPU time went back by ${formatNs(this.#cpuNs - cpuNs)}`;
    this.#cpuNs = cpuNs;
    return undefined;
  }

  /**
   * Call it when the driver says that it is done. `endNs` is the end of the load: as planned, or when it was stopped.
   * Says what is missing.
   */
  checkEnd(endNs: Ns): string | undefined {
    if (this.#watermarkNs < endNs) {
      const end = this.#isStopped ? 'stop' : 'end';
      return `it finished with a watermark ${formatNs(endNs - this.#watermarkNs)} before the ${end}`;
    }
    return this.#isStopped || this.#isClosedLoop ? undefined : this.#checkSchedule();
  }

  /** Says what is wrong with an operation. */
  check(operation: ReusedOperation, nowNs: Ns): string | undefined {
    this.#starts++;
    const { status, slot, keyIndex, attempts, intendedNs, invokedNs, returnedNs } = operation;
    if (intendedNs < this.#barrierNs)
      return `an operation was intended ${formatNs(this.#barrierNs - intendedNs)} before the start`;
    if (invokedNs < intendedNs)
      return `an operation was invoked ${formatNs(intendedNs - invokedNs)} before it was intended`;
    if (returnedNs < invokedNs)
      return `an operation returned ${formatNs(invokedNs - returnedNs)} before it was invoked`;
    if (returnedNs > nowNs) return `an operation returned ${formatNs(returnedNs - nowNs)} in the future`;
    if (!this.#isClosedLoop && intendedNs >= this.#endNs)
      return 'an operation was intended after the end of the schedule';
    if (this.#isClosedLoop && intendedNs !== invokedNs)
      return 'an operation was intended before it was invoked, in a closed loop';
    if (status === 'dropped') return this.#checkDropped(operation);
    if (slot >= this.#slots)
      return `an operation was of client ${String(slot)}, of ${String(this.#slots)} counted from 0`;
    if (keyIndex < this.#firstKey || keyIndex >= this.#endKey) {
      return `an operation was on key ${String(keyIndex)}, expected ${String(this.#firstKey)} to ${String(this.#endKey - 1)}`;
    }
    if (invokedNs < (this.#clientFreeNs[slot] ?? 0)) return `client ${String(slot)} had two operations at once`;
    return status === 'acquired' ? this.#checkHold(operation, nowNs) : this.#checkFailure(operation, attempts);
  }

  /** An operation that is left out calms the load; one too many may be made up. */
  #checkSchedule(): string | undefined {
    const { ratePerSecond = 0, arrivals, burst, workers } = this.#scenario;
    const bursts = (ratePerSecond / burst) * nsToS(this.#endNs - this.#barrierNs);
    const expected = (bursts * burst) / workers;
    const slackBursts = arrivals === 'constant' ? 1 : MOST_DEVIATIONS * (Math.sqrt(bursts) + 1);
    if (Math.abs(this.#starts - expected) <= (burst * slackBursts) / workers + 1) return undefined;
    return `it reported ${String(this.#starts)} starts, the schedule has about ${String(Math.round(expected))}`;
  }

  /** A runner that was itself suspended has heard nothing meanwhile: of any silence, a second counts. */
  #hear(hasMoved: boolean, nowNs: Ns): void {
    const sinceNs = Math.min(SECOND_NS, nowNs - this.#heardNs);
    this.#heardNs = nowNs;
    this.#unmovedNs = hasMoved ? 0 : this.#unmovedNs + sinceNs;
  }

  #checkDropped({
    attempts,
    invokedNs,
    returnedNs,
    releaseInvokedNs,
    releasedNs,
    releaseStatus,
  }: ReusedOperation): string | undefined {
    if (this.#isClosedLoop) return 'it dropped an operation in a closed loop';
    if (attempts !== 0) return `an operation was dropped after ${String(attempts)} attempts`;
    if (returnedNs !== invokedNs) return 'an operation was dropped, and returned later than it was invoked';
    const isReleased = releaseInvokedNs !== undefined || releasedNs !== undefined || releaseStatus !== undefined;
    return isReleased ? 'an operation that was dropped was released' : undefined;
  }

  #checkFailure(operation: ReusedOperation, attempts: number): string | undefined {
    if (operation.releaseInvokedNs !== undefined || operation.releaseStatus !== undefined) {
      return `an operation that was ${operation.status} was released`;
    }
    if (attempts === 0 && operation.status !== 'unfinished')
      return `an operation was ${operation.status} after 0 attempts`;
    this.#clientFreeNs[operation.slot] = operation.returnedNs;
    return undefined;
  }

  #checkHold(
    {
      slot,
      attempts,
      invokedNs,
      returnedNs,
      releaseInvokedNs,
      releasedNs,
      releaseStatus,
      validUntilNs,
    }: ReusedOperation,
    nowNs: Ns,
  ): string | undefined {
    if (attempts === 0) return 'a lock was acquired after 0 attempts';
    if (validUntilNs !== undefined && validUntilNs < invokedNs)
      return `the promise of a lock ended ${formatNs(invokedNs - validUntilNs)} before it was asked for`;
    if (releaseInvokedNs === undefined || releaseStatus === undefined) return 'a lock was acquired and never released';
    if (releaseInvokedNs < returnedNs)
      return `a lock was released ${formatNs(returnedNs - releaseInvokedNs)} before it was acquired`;
    if (releaseInvokedNs > nowNs) return `a lock was released ${formatNs(releaseInvokedNs - nowNs)} in the future`;
    if (releaseInvokedNs < this.#watermarkNs) {
      return `a lock was released ${formatNs(this.#watermarkNs - releaseInvokedNs)} before the watermark of an earlier frame`;
    }
    if (releasedNs === undefined) {
      if (releaseStatus !== 'indeterminate') return `a release was ${releaseStatus}, but never ended`;
    } else if (releasedNs < releaseInvokedNs) {
      return `a release ended ${formatNs(releaseInvokedNs - releasedNs)} before it began`;
    } else if (releasedNs > nowNs) {
      return `a release ended ${formatNs(releasedNs - nowNs)} in the future`;
    }
    this.#clientFreeNs[slot] = releasedNs ?? releaseInvokedNs;
    return undefined;
  }
}

/** Counts bytes by the second: a driver that writes without end must not take the runner's CPU from the others. */
export class FloodGauge {
  readonly #bytesPerSecond: number;
  readonly #clock: Clock;
  #sinceNs: Ns = -Infinity;
  #bytes = 0;

  constructor(bytesPerSecond: number, clock: Clock) {
    this.#bytesPerSecond = bytesPerSecond;
    this.#clock = clock;
  }

  /** @throws Error when these bytes were too many for this second */
  measure(bytes: number): void {
    const nowNs = this.#clock.nowNs();
    if (nowNs - this.#sinceNs >= SECOND_NS) {
      this.#sinceNs = nowNs;
      this.#bytes = 0;
    }
    this.#bytes += bytes;
    if (this.#bytes <= this.#bytesPerSecond) return;
    throw new Error(`flooded: it wrote more than ${String(this.#bytesPerSecond)} bytes within a second`);
  }
}

/** Parts of the silence after which a driver is given up, so that a runner that was itself stopped does not count. */
const SILENCE_PARTS = 10;

/** Waits for signs of life. */
export class DriverSilence {
  readonly #timer: NodeJS.Timeout;
  #quietParts = 0;

  constructor(silenceMs: number, onSilence: () => void) {
    this.#timer = setInterval(() => {
      if (++this.#quietParts > SILENCE_PARTS) onSilence();
    }, silenceMs / SILENCE_PARTS);
  }

  heard(): void {
    this.#quietParts = 0;
  }

  end(): void {
    clearInterval(this.#timer);
  }
}
