/**
 * What a driver reported, second by second: each operation in the second in which it ended, whenever its frame came.
 *
 * @module
 */
import { createRecorder, type Recorder } from '../load/recorder.js';
import { INTERVAL_MS, type Shard, type Window } from '../load/shard.js';
import type { Operation } from '../model/operation.js';
import { msToNs, nsToMs, type Ns } from '../model/time.js';
import type { IntervalRecord } from './protocol.js';

/** A second whose operations are still not all reported is closed this long after its end; what comes later counts in the next. */
const LATENESS_NS = msToNs(2_000);
const INTERVAL_NS = msToNs(INTERVAL_MS);

/** An interval without what the checker saw in it. */
export type RecordedInterval = Omit<IntervalRecord, 'witnessed' | 'grantedExpired' | 'unchecked'>;

/** Two recorders take turns: while the frames of one second are still coming in, the next has begun. */
export class DriverIntervals {
  readonly #recorders: readonly [Recorder, Recorder];
  #window: Window;
  #index = 0;

  constructor({ masters, slots, scenario }: Shard, window: Window) {
    const make = (): Recorder => createRecorder(masters.length, slots, scenario.ratePerSecond === undefined);
    this.#recorders = [make(), make()];
    this.#window = window;
    this.#openWindow(window);
  }

  /** The run is stopped: the second under way is the last one. */
  stop(nowNs: Ns): void {
    this.#openWindow({ ...this.#window, endNs: Math.min(this.#window.endNs, nowNs) });
  }

  record(operation: Operation): void {
    const { returnedNs, releaseInvokedNs, releasedNs } = operation;
    this.#at(releasedNs ?? releaseInvokedNs ?? returnedNs).record(operation);
    if (operation.status === 'acquired') this.#at(returnedNs).granted(returnedNs);
  }

  /** Takes the next second that is over, but never the last one; undefined when there is none. */
  takeDue(watermarkNs: Ns, nowNs: Ns): RecordedInterval | undefined {
    const endNs = this.#window.startNs + (this.#index + 1) * INTERVAL_NS;
    const isOver = watermarkNs >= endNs || nowNs >= endNs + LATENESS_NS;
    if (!isOver || this.#index >= this.#plannedLast) return undefined;
    return this.#take();
  }

  /** Takes what is left, at the end: every second up to the one in which the driver ended. */
  takeRest(nowNs: Ns): RecordedInterval[] {
    this.stop(nowNs);
    const rest = [this.#take()];
    while (this.#index <= this.#plannedLast) rest.push(this.#take());
    return rest;
  }

  /** Acquisitions of each client in the measured window. */
  acquiredPerSlot(): readonly number[] {
    const [even, odd] = this.#recorders.map((recorder) => recorder.acquiredPerSlot());
    return (even ?? []).map((acquired, slot) => acquired + (odd?.[slot] ?? 0));
  }

  get #plannedLast(): number {
    return Math.ceil((this.#window.endNs - this.#window.startNs) / INTERVAL_NS) - 1;
  }

  #at(instantNs: Ns): Recorder {
    const second = Math.floor((instantNs - this.#window.startNs) / INTERVAL_NS);
    const isNext = second > this.#index && this.#index < this.#plannedLast;
    return this.#recorders[(this.#index + (isNext ? 1 : 0)) % 2 === 0 ? 0 : 1];
  }

  #take(): RecordedInterval {
    const index = this.#index;
    const leftMs = nsToMs(this.#window.endNs - this.#window.startNs) - index * INTERVAL_MS;
    const recorder = this.#recorders[index % 2 === 0 ? 0 : 1];
    const lengthMs = Math.min(INTERVAL_MS, Math.max(0, leftMs));
    this.#index++;
    // A driver tells of an operation when it is over: how many were under way meanwhile is not counted by anybody.
    return { index, lengthMs, recorded: { ...recorder.snapshot(this.#window.endNs), inFlight: null } };
  }

  #openWindow(window: Window): void {
    this.#window = window;
    for (const recorder of this.#recorders) recorder.openWindow(window);
  }
}
