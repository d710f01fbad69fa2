/**
 * What a client runs on: a process that can be paused, and a clock that may be wrong.
 *
 * @module
 */
import type { Ns } from '../model/time.js';

interface Sleep {
  readonly startNs: Ns;
  readonly endNs: Ns;
}

/** All instants without a clock's name are true ones, those of the world. */
export class Host {
  /** How fast its monotonic clock runs: 1 = as time does. */
  readonly clockRate: number;
  /** Until when its process executes nothing. */
  pausedUntilNs: Ns = 0;
  /** In which its clock stood still; in order, none overlapping. */
  readonly #sleeps: Sleep[] = [];

  constructor(clockRate: number) {
    this.clockRate = clockRate;
  }

  /** Its process executes nothing, while its clock goes on: a collection of garbage, SIGSTOP. */
  pause(startNs: Ns, lastsNs: Ns): void {
    this.pausedUntilNs = Math.max(this.pausedUntilNs, startNs + lastsNs);
  }

  /** Its clock stands still as well: a virtual machine that is moved. */
  sleep(startNs: Ns, lastsNs: Ns): void {
    this.pause(startNs, lastsNs);
    const endNs = startNs + lastsNs;
    const afterNs = Math.max(startNs, this.#sleeps.at(-1)?.endNs ?? 0);
    if (endNs > afterNs) this.#sleeps.push({ startNs: afterNs, endNs });
  }

  /** What its clock shows. */
  read(trueNs: Ns): Ns {
    let awakeNs = trueNs;
    for (const { startNs, endNs } of this.#sleeps) {
      if (startNs < trueNs) awakeNs -= Math.min(endNs, trueNs) - startNs;
    }
    return awakeNs * this.clockRate;
  }

  /** When its clock comes to show this; to be asked when all its sleeps are known. */
  trueInstant(clockNs: Ns): Ns {
    let trueNs = clockNs / this.clockRate;
    for (const { startNs, endNs } of this.#sleeps) if (startNs < trueNs) trueNs += endNs - startNs;
    return trueNs;
  }
}
