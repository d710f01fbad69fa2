/**
 * The loop of one shard: starts operations, carries each through acquire, hold and release, and accounts for all.
 *
 * @module
 */
import { setMaxListeners } from 'node:events';
import type { AcquireOutcome, HeldLock, LockClient, LockRequest } from '../locks/lock-client.js';
import { toError } from '../model/errors.js';
import { blankOperation, type Operation, type ReleaseStatus, type ReusedOperation } from '../model/operation.js';
import type { Random } from '../model/random.js';
import type { Scenario } from '../model/scenario.js';
import { msToNs, type Clock, type Ns } from '../model/time.js';
import { FLUSH_MS, type HistoryWriter } from './history-writer.js';
import { Holds } from './hold.js';
import type { Pacer } from './pacer.js';
import type { Recorder } from './recorder.js';
import { keyName, type Shard, type Window } from './shard.js';
import { runStartLoop, sleepUntil, type SpinMeter, type StartLoop } from './start-loop.js';
import type { Witness } from './witness.js';
import type { Workload } from './workload.js';

/** Operations after which a client that never had to wait gives the event loop a turn. */
const OPERATIONS_PER_TURN = 1_000;
/** How long operations may still finish by themselves after the end, at the least. */
const LEAST_GRACE_MS = 100;
/** How long aborted operations may take to come back before they are given up. */
const ABANDON_MS = 2_000;
/** Every way in which an acquisition ends without a lock. */
const ACQUIRE_FAILURES: ReadonlySet<string> = new Set(['held', 'expired', 'aborted', 'indeterminate']);

const graceMs = (nodeTimeoutMs: number): number => Math.max(LEAST_GRACE_MS, 2 * nodeTimeoutMs);
const abandonMs = (nodeTimeoutMs: number): number => ABANDON_MS + 2 * nodeTimeoutMs;

/** How long `drive` may go on after the end of the load, at the most. */
export function longestDrainMs({ nodeTimeoutMs }: Scenario): number {
  return graceMs(nodeTimeoutMs) + abandonMs(nodeTimeoutMs);
}

export interface DriverParts {
  readonly shard: Shard;
  readonly window: Window;
  /** The open loop's schedule; undefined = closed loop. */
  readonly pacer: Pacer | undefined;
  readonly workload: Workload;
  readonly client: LockClient;
  readonly recorder: Recorder;
  readonly witness: Witness;
  readonly clock: Clock;
  /** Rounds hold times to timer ticks. */
  readonly random: Random;
  readonly meter: SpinMeter;
  /** Gets every operation, warm-up included; the driver flushes it and whoever made it ends it. */
  readonly history?: HistoryWriter | undefined;
}

/**
 * Runs one shard from the barrier to the end of its window, or until `interrupt`.
 *
 * @returns the first exception that the adapter threw, which it must not do; undefined otherwise
 */
export async function drive(parts: DriverParts, barrierNs: Ns, interrupt: AbortSignal): Promise<Error | undefined> {
  return new Driver(parts, interrupt).run(barrierNs);
}

class Driver {
  readonly #parts: DriverParts;
  readonly #scenario: Scenario;
  readonly #interrupt: AbortSignal;
  readonly #holds: Holds;
  /** Ends the waiting of every acquisition once the grace after the end is over. */
  readonly #waiting = new AbortController();
  /** One of each slot, which has one at a time; a recorder must copy what it wants to keep. */
  readonly #operations: ReusedOperation[];
  /** 1 for each slot whose operation was begun and not yet recorded. */
  readonly #isUnderWay: Uint8Array;
  readonly #requests: (LockRequest | undefined)[] = [];
  #busySlots = 0;
  #whenIdle: (() => void) | undefined;
  #isOver = false;
  #isAbandoned = false;
  #sinceTurn = 0;
  #startLoop: StartLoop | undefined;
  #adapterError: Error | undefined;

  constructor(parts: DriverParts, interrupt: AbortSignal) {
    this.#parts = parts;
    this.#scenario = parts.shard.scenario;
    this.#interrupt = interrupt;
    this.#holds = new Holds(parts.clock, parts.random);
    const { slots, worker } = parts.shard;
    this.#operations = Array.from({ length: slots }, (_, slot) => blankOperation(worker, slot));
    this.#isUnderWay = new Uint8Array(slots);
    // Every slot waits on it; Node would warn of a leak from the eleventh on.
    setMaxListeners(0, this.#waiting.signal);
  }

  async run(barrierNs: Ns): Promise<Error | undefined> {
    const { clock, pacer, history } = this.#parts;
    const interrupted = new Promise<void>((resolve) => {
      if (this.#interrupt.aborted) resolve();
      this.#interrupt.addEventListener(
        'abort',
        () => {
          resolve();
        },
        { once: true },
      );
    });
    await Promise.race([sleepUntil(clock, barrierNs), interrupted]);
    const flushes = history === undefined ? undefined : setInterval(this.#flush.bind(this, history), FLUSH_MS);
    const load = pacer === undefined ? this.#closedLoop() : this.#openLoop(pacer);
    await Promise.race([load, interrupted]);
    this.#isOver = true;
    this.#startLoop?.stop();
    await this.#drain();
    clearInterval(flushes);
    return this.#adapterError;
  }

  /** Every client slot works without pause; what the servers cannot take, nobody offers. */
  async #closedLoop(): Promise<void> {
    const { shard, clock, window } = this.#parts;
    for (let slot = 0; slot < shard.slots; slot++) void this.#runClient(slot);
    await sleepUntil(clock, window.endNs);
  }

  async #runClient(slot: number): Promise<void> {
    const { clock, window } = this.#parts;
    this.#busySlots++;
    while (!this.#isOver) {
      const nowNs = clock.nowNs();
      if (nowNs >= window.endNs) break;
      const isAcquired = await this.#operate(slot, nowNs, nowNs);
      // A lock that answers without I/O would otherwise keep timers and sockets from ever running.
      if (!isAcquired || ++this.#sinceTurn >= OPERATIONS_PER_TURN) {
        this.#sinceTurn = 0;
        await new Promise(setImmediate);
      }
    }
    this.#idle();
  }

  /** Operations begin when the schedule says so; a start that finds every slot taken is dropped and counted. */
  async #openLoop(pacer: Pacer): Promise<void> {
    const { shard, clock, window } = this.#parts;
    const freeSlots = Array.from({ length: shard.slots }, (_, index) => shard.slots - 1 - index);
    const start = (intendedNs: Ns): void => {
      const slot = freeSlots.pop();
      if (slot === undefined) {
        this.#drop(intendedNs);
        return;
      }
      this.#busySlots++;
      void this.#operate(slot, intendedNs, clock.nowNs()).then(() => {
        freeSlots.push(slot);
        this.#idle();
      });
    };
    const loop = runStartLoop(pacer, clock, start, this.#parts.meter);
    this.#startLoop = loop;
    await Promise.race([loop.done, sleepUntil(clock, window.endNs + msToNs(LEAST_GRACE_MS))]);
    // A generator that is still behind will not catch up: the rest of the schedule was offered and never started.
    let restNs = loop.stop();
    for (; restNs !== undefined && !this.#interrupt.aborted; restNs = pacer.next()) this.#drop(restNs);
    // The schedule may end before the window does; the rate's denominator is the window.
    await sleepUntil(clock, window.endNs);
  }

  /** One operation, top to bottom. Never rejects. Tells whether the lock was acquired. */
  async #operate(slot: number, intendedNs: Ns, invokedNs: Ns): Promise<boolean> {
    const { client, clock, workload, shard } = this.#parts;
    const { keyIndex, holdMs } = workload.next(shard.firstSlot + slot);
    const operation = this.#begin(slot, keyIndex, intendedNs, invokedNs);
    let outcome: AcquireOutcome;
    try {
      outcome = requireOutcome(await client.acquire(this.#request(keyIndex), this.#waiting.signal));
    } catch (thrown) {
      this.#adapterError ??= toError(thrown);
      outcome = { status: 'indeterminate', attempts: 1, cause: toError(thrown) };
    }
    if (this.#isAbandoned) {
      // It was given up and recorded as that; nobody would know of the hold.
      if (outcome.status === 'acquired') await this.#release(outcome.lock);
      return false;
    }
    operation.returnedNs = clock.nowNs();
    operation.attempts = outcome.attempts;
    if (outcome.status === 'acquired') {
      await this.#hold(operation, holdMs, outcome.lock);
      return true;
    }
    const isCutOff = outcome.status === 'aborted' && this.#waiting.signal.aborted;
    operation.status = isCutOff ? 'unfinished' : outcome.status;
    this.#record(operation);
    return false;
  }

  /** Stands in the witness for the hold, then releases; the order is what makes an overlap provable. */
  async #hold(operation: ReusedOperation, holdMs: number, lock: HeldLock): Promise<void> {
    const { clock, shard, witness, recorder, window, history } = this.#parts;
    const { slot, keyIndex, intendedNs, invokedNs, returnedNs } = operation;
    // It goes in all the same: an overlap after the end of a promise is an overrun, and breaks none.
    if (lock.validUntilNs !== undefined && lock.validUntilNs <= returnedNs) recorder.grantedExpired();
    const promisedUntilNs = lock.validUntilNs ?? invokedNs + msToNs(this.#scenario.ttlMs);
    const mark = witness.enter(keyIndex, shard.firstSlot + slot, promisedUntilNs);
    if (history !== undefined) operation.enteredNs = clock.nowNs();
    const predecessorNs = witness.lastReleaseNs(keyIndex);
    if (invokedNs < predecessorNs && intendedNs >= window.startNs) recorder.handoff(returnedNs - predecessorNs);
    operation.status = 'acquired';
    operation.validUntilNs = lock.validUntilNs;
    recorder.granted(returnedNs);
    if (holdMs > 0) operation.isHoldCut = !(await this.#holds.wait(holdMs));
    operation.releaseInvokedNs = clock.nowNs();
    witness.leave(keyIndex, mark, operation.releaseInvokedNs);
    if (history !== undefined) operation.leftNs = clock.nowNs();
    operation.releaseStatus = await this.#release(lock);
    operation.releasedNs = clock.nowNs();
    this.#record(operation);
  }

  async #release(lock: HeldLock): Promise<ReleaseStatus> {
    try {
      return (await this.#parts.client.release(lock)).status;
    } catch (thrown) {
      this.#adapterError ??= toError(thrown);
      return 'indeterminate';
    }
  }

  /** Lets what is under way finish for a while, then ends the waiting and the holding, then gives up. */
  async #drain(): Promise<void> {
    await this.#idleWithin(graceMs(this.#scenario.nodeTimeoutMs));
    this.#waiting.abort();
    this.#holds.cut();
    await this.#idleWithin(abandonMs(this.#scenario.nodeTimeoutMs));
    this.#isAbandoned = true;
    const nowNs = this.#parts.clock.nowNs();
    for (const operation of this.#operations) {
      if (this.#isUnderWay[operation.slot] === 0) continue;
      // Whoever got the lock did get it; what is not known is whether it was ever released.
      if (operation.status === 'acquired') {
        operation.releaseInvokedNs ??= nowNs;
        operation.releaseStatus = 'indeterminate';
      } else operation.returnedNs = nowNs;
      this.#parts.recorder.ended(nowNs);
      this.#tell(operation);
    }
  }

  #flush(history: HistoryWriter): void {
    const underWay = this.#operations.filter(({ slot }) => this.#isUnderWay[slot] === 1);
    history.flush(this.#parts.clock.nowNs(), underWay);
  }

  async #idleWithin(limitMs: number): Promise<void> {
    if (this.#busySlots === 0) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, limitMs);
      this.#whenIdle = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#whenIdle = undefined;
  }

  #idle(): void {
    this.#busySlots--;
    if (this.#busySlots === 0) this.#whenIdle?.();
  }

  #drop(intendedNs: Ns): void {
    const nowNs = this.#parts.clock.nowNs();
    const never = blankOperation(this.#parts.shard.worker);
    this.#tell({ ...never, intendedNs, invokedNs: nowNs, returnedNs: nowNs });
  }

  #begin(slot: number, keyIndex: number, intendedNs: Ns, invokedNs: Ns): ReusedOperation {
    const operation = this.#operations[slot];
    if (operation === undefined) throw new RangeError(`slot: expected one of the shard's, got ${String(slot)}`);
    this.#isUnderWay[slot] = 1;
    this.#parts.recorder.began(invokedNs);
    operation.keyIndex = keyIndex;
    operation.status = 'unfinished';
    operation.intendedNs = intendedNs;
    operation.invokedNs = invokedNs;
    operation.attempts = 1;
    operation.enteredNs = undefined;
    operation.leftNs = undefined;
    operation.validUntilNs = undefined;
    operation.releaseInvokedNs = undefined;
    operation.releasedNs = undefined;
    operation.releaseStatus = undefined;
    operation.isHoldCut = false;
    return operation;
  }

  #record(operation: ReusedOperation): void {
    // What comes back after it was given up was recorded then.
    if (this.#isAbandoned) return;
    this.#isUnderWay[operation.slot] = 0;
    this.#parts.recorder.ended(operation.releasedNs ?? operation.returnedNs);
    this.#tell(operation);
  }

  #tell(operation: Operation): void {
    this.#parts.recorder.record(operation);
    this.#parts.history?.record(operation);
  }

  /** The request for a key is the same every time, so it is made once. */
  #request(keyIndex: number): LockRequest {
    return (this.#requests[keyIndex] ??= {
      resources: [keyName(this.#parts.shard.runId, keyIndex)],
      ttlMs: this.#scenario.ttlMs,
      mode: 'exclusive',
    });
  }
}

/**
 * Refuses an answer that no count could be made of: a lock from outside is not held to its types by a compiler.
 *
 * @throws TypeError which becomes an incident of the run
 */
function requireOutcome(outcome: AcquireOutcome): AcquireOutcome {
  const isKnown = outcome.status === 'acquired' || ACQUIRE_FAILURES.has(outcome.status);
  if (!isKnown) throw new TypeError(`outcome.status: expected a known one, got ${outcome.status}`);
  if (!Number.isInteger(outcome.attempts) || outcome.attempts < 0) {
    throw new TypeError(`outcome.attempts: expected a whole number, got ${String(outcome.attempts)}`);
  }
  if (outcome.status === 'acquired' && Number.isNaN(outcome.lock.validUntilNs)) {
    throw new TypeError('outcome.lock.validUntilNs: expected an instant, Infinity or undefined, got NaN');
  }
  return outcome;
}
