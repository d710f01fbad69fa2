/**
 * How busy a driver process was, from the CPU time that it reports with every frame.
 *
 * @module
 */
import type { SelfReport } from '../load/self-watch.js';
import type { Window } from '../load/shard.js';
import { nsToS, type Ns } from '../model/time.js';

interface Reading {
  readonly cpuNs: Ns;
  readonly atNs: Ns;
}

/** Keeps the first and the last reading of the measured window. */
export class CpuMeter {
  readonly #window: Window;
  readonly #parallelism: number;
  #first: Reading | undefined;
  #last: Reading | undefined;

  /** @param parallelism how many cores its clients can use at once */
  constructor(window: Window, parallelism: number) {
    this.#window = window;
    this.#parallelism = parallelism;
  }

  /** Takes a reading that arrived at this instant. */
  read(cpuNs: Ns, atNs: Ns): void {
    const isAfter = this.#last !== undefined && this.#last.atNs >= this.#window.endNs;
    if (atNs < this.#window.startNs || isAfter) return;
    this.#last = { cpuNs, atNs };
    this.#first ??= this.#last;
  }

  get usedSeconds(): number {
    return nsToS((this.#last?.cpuNs ?? 0) - (this.#first?.cpuNs ?? 0));
  }

  /** Saturation in a worker's terms. Of a driver's event loop and its collector nothing is known. */
  report(): SelfReport {
    const spanSeconds = nsToS((this.#last?.atNs ?? 0) - (this.#first?.atNs ?? 0));
    const share = spanSeconds === 0 ? 0 : this.usedSeconds / (spanSeconds * this.#parallelism);
    return { eventLoopUtilization: Math.min(1, share), eventLoopDelay: { p50Ns: 0, p99Ns: 0, maxNs: 0 }, gcShare: 0 };
  }
}
