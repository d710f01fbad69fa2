/**
 * Kills workers in the middle of a run, because its scenario asks what becomes of their locks.
 *
 * @module
 */
import type { Shard, Window } from '../load/shard.js';
import { findHolds } from '../load/witness.js';
import type { WorkerDeath } from '../model/scenario.js';
import { nsToMs, sToNs, systemClock } from '../model/time.js';

/** How often the witness is asked whether a worker holds a key by now. */
const POLL_MS = 1;
/** Who has begun no new hold for so long may be killed in an old one. */
const PATIENCE_NS = sToNs(1);

/** What kills, and who hears of what could not be done. */
export interface Executor {
  kill(worker: number): void;
  /** The worker held no key from the middle of the window to its end. */
  spared(worker: number): void;
}

/** The deaths of one run. */
export class PlannedDeaths {
  readonly #window: Window;
  readonly #executor: Executor;
  readonly #timers = new Map<number, NodeJS.Timeout>();

  /** Arms the deaths of a scenario: each comes in the middle of the window, or soon after it. */
  constructor(deaths: readonly WorkerDeath[], shards: readonly Shard[], window: Window, executor: Executor) {
    this.#window = window;
    this.#executor = executor;
    const middleMs = nsToMs((window.startNs + window.endNs) / 2 - systemClock.nowNs());
    for (const death of deaths) {
      const shard = shards.find(({ worker }) => worker === death.worker - 1);
      if (shard === undefined) throw new RangeError(`worker ${String(death.worker)}: expected one of the run's`);
      this.#after(middleMs, shard.worker, () => {
        if (death.while === 'acquiring') executor.kill(shard.worker);
        else this.#killHolding(shard);
      });
    }
  }

  /** Forgets the deaths that have not come. */
  cancel(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
  }

  /** Waits for a hold that has just begun: one that was found in its middle could be over before its worker is. */
  #killHolding({ worker, witness, firstSlot, slots }: Shard): void {
    const patientUntilNs = systemClock.nowNs() + PATIENCE_NS;
    let known: ReadonlySet<number> | undefined;
    const poll = (): void => {
      const nowNs = systemClock.nowNs();
      if (nowNs >= this.#window.endNs) {
        this.#executor.spared(worker);
        return;
      }
      const marks = findHolds(witness, firstSlot, slots).map(({ mark }) => mark);
      const hasBegun = known !== undefined && marks.some((mark) => known?.has(mark) === false);
      if (hasBegun || (marks.length > 0 && nowNs >= patientUntilNs)) {
        this.#executor.kill(worker);
        return;
      }
      known = new Set(marks);
      this.#after(POLL_MS, worker, poll);
    };
    poll();
  }

  #after(ms: number, worker: number, act: () => void): void {
    this.#timers.set(worker, setTimeout(act, ms));
  }
}
