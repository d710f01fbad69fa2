/**
 * A worker's evidence about itself: whether its numbers describe the locks or its own event loop.
 *
 * @module
 */
import { monitorEventLoopDelay, performance, PerformanceObserver, type EventLoopUtilization } from 'node:perf_hooks';
import { msToNs, type Ns } from '../model/time.js';

/** What a worker says of itself over the measured window. */
export interface SelfReport {
  /** Share of the time that the event loop was busy, spinning for a start excluded. */
  readonly eventLoopUtilization: number;
  /** How much later than asked a timer fired. */
  readonly eventLoopDelay: { readonly p50Ns: Ns; readonly p99Ns: Ns; readonly maxNs: Ns };
  /** Share of the time spent collecting garbage. */
  readonly gcShare: number;
}

const RESOLUTION_MS = 5;

/** Watches the event loop of the thread that made it. */
export class SelfWatch {
  readonly #delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  readonly #collections: PerformanceObserver;
  #utilizationAtStart: EventLoopUtilization;
  #startMs: number;
  #collectingMs = 0;
  #glanced: EventLoopUtilization;
  #glancedSpunNs: Ns = 0;

  constructor() {
    this.#collections = new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) this.#collectingMs += entry.duration;
    });
    this.#collections.observe({ entryTypes: ['gc'] });
    this.#utilizationAtStart = performance.eventLoopUtilization();
    this.#glanced = this.#utilizationAtStart;
    this.#startMs = performance.now();
  }

  /** Forgets the warm-up. */
  begin(): void {
    this.#delay.enable();
    this.#delay.reset();
    this.#collectingMs = 0;
    this.#utilizationAtStart = performance.eventLoopUtilization();
    this.#startMs = performance.now();
  }

  /**
   * How busy the event loop was since the last glance, spinning excluded, from 0 to 1.
   *
   * @param spunNs time that the start loop has spent spinning in all
   */
  glance(spunNs: Ns): number {
    const now = performance.eventLoopUtilization();
    const { active, idle } = performance.eventLoopUtilization(now, this.#glanced);
    const busyNs = msToNs(active) - (spunNs - this.#glancedSpunNs);
    this.#glanced = now;
    this.#glancedSpunNs = spunNs;
    return active + idle === 0 ? 0 : Math.max(0, busyNs) / msToNs(active + idle);
  }

  /** @param spunNs time since `begin` that the start loop spent spinning, which is idleness and not work */
  end(spunNs: Ns): SelfReport {
    this.#delay.disable();
    this.#collections.disconnect();
    const elapsedMs = performance.now() - this.#startMs;
    const { active, idle } = performance.eventLoopUtilization(this.#utilizationAtStart);
    const totalNs = msToNs(active + idle);
    const busyNs = Math.max(0, msToNs(active) - spunNs);
    // The histogram holds whole intervals of the timer: the delay is what exceeds the interval that was asked for.
    const late = (ns: number): Ns => (Number.isFinite(ns) ? Math.max(0, ns - msToNs(RESOLUTION_MS)) : 0);
    return {
      eventLoopUtilization: totalNs === 0 ? 0 : busyNs / totalNs,
      eventLoopDelay: {
        p50Ns: late(this.#delay.percentile(50)),
        p99Ns: late(this.#delay.percentile(99)),
        maxNs: late(this.#delay.max),
      },
      gcShare: elapsedMs === 0 ? 0 : this.#collectingMs / elapsedMs,
    };
  }
}
