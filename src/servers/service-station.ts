/**
 * A server of a known speed: it serves requests one after another, each in the same time.
 *
 * @module
 */
import { sToNs, type Ns } from '../model/time.js';
import type { Parcel } from './line-gate.js';
import type { ReleaseQueue } from './release-queue.js';
import { RequestSplitter } from './request-splitter.js';

/** How fast a master serves, and which one it is: connections to the same station wait for each other. */
export interface ServicePlan {
  readonly station: number;
  readonly ratePerSecond: number;
}

/** The queue before one emulated server, over all its connections: first come, first served. */
export class ServiceStation {
  readonly #serviceNs: Ns;
  /** When everything that came so far has been served. */
  #idleNs: Ns = 0;

  constructor(ratePerSecond: number) {
    this.#serviceNs = sToNs(1) / ratePerSecond;
  }

  /**
   * The instant at which a request has been served that came at `arrivedNs`; requests must come in the order of their
   * arrival. Reckoned from instants alone: one that is let go late takes no time from those behind it.
   */
  serve(arrivedNs: Ns): Ns {
    this.#idleNs = Math.max(this.#idleNs, arrivedNs) + this.#serviceNs;
    return this.#idleNs;
  }
}

/** The requests of one connection on their way through a station; whatever a client says counts, its greeting as well. */
export class ServedRequests {
  readonly #station: ServiceStation;
  readonly #queue: ReleaseQueue;
  readonly #exit: (parcel: Parcel) => void;
  readonly #splitter = new RequestSplitter();
  /** When the last request of this connection has been served. */
  #lastDueNs: Ns = 0;

  /** @param exit gets every request whole, when it has been served, and then the end of the stream */
  constructor(station: ServiceStation, queue: ReleaseQueue, exit: (parcel: Parcel) => void) {
    this.#station = station;
    this.#queue = queue;
    this.#exit = exit;
  }

  arrive(parcel: Parcel, arrivedNs: Ns): void {
    const isBytes = typeof parcel !== 'string';
    for (const { bytes, endsRequest } of isBytes ? this.#splitter.push(parcel) : this.#splitter.rest()) {
      if (endsRequest) this.#lastDueNs = this.#station.serve(arrivedNs);
      this.#forward(bytes);
    }
    if (!isBytes) this.#forward(parcel);
  }

  /** What was added with the same instant before comes out before. */
  #forward(parcel: Parcel): void {
    this.#queue.add(this.#lastDueNs, () => {
      this.#exit(parcel);
    });
  }
}
