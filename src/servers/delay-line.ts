/**
 * One direction of a proxied connection: what goes in at one socket comes out of the other later, in order.
 *
 * @module
 */
import type { Socket } from 'node:net';
import type { Random } from '../model/random.js';
import type { Clock, Ns } from '../model/time.js';
import { ArrivalSchedule, type LinePlan } from './arrival-schedule.js';
import { LineGate, sizeOf, type Parcel, type WayTally } from './line-gate.js';
import type { ReleaseQueue } from './release-queue.js';
import { ServedRequests, type ServiceStation } from './service-station.js';

/**
 * What one direction holds before it stops reading: more than a fast line carries within a long round trip, so that
 * only a receiver that does not read, a throttle or a fault ever reaches it.
 */
const MAX_HELD_BYTES = 4_194_304;

export interface LineOptions {
  readonly source: Socket;
  readonly sink: Socket;
  readonly plan: LinePlan;
  readonly queue: ReleaseQueue;
  readonly clock: Clock;
  readonly random: Random;
  readonly tally: WayTally;
  /** Where the line ends, if it carries requests that are served one after another. */
  readonly station?: ServiceStation | undefined;
}

/** One parcel on a detour, until it has come out of it. */
interface Passage {
  readonly parcel: Parcel;
  isOver: boolean;
}

/** A plan that replaces the line's own for a while, and what is on its way under it. */
interface Detour {
  readonly schedule: ArrivalSchedule;
  readonly passages: Passage[];
}

/**
 * Carries bytes, the end of a stream and resets from `source` to `sink`, each after the line's delay, through its station
 * if it has one, and through its gate: what a fault keeps or loses has been served by then. Both sockets must allow half-open connections: the end of one direction leaves the other open.
 */
export class DelayLine {
  readonly gate: LineGate;
  readonly #options: LineOptions;
  readonly #schedule: ArrivalSchedule;
  readonly #served: ServedRequests | undefined;
  #detour: Detour | undefined;
  /** Read from the source, and neither lost nor taken by the kernel at the sink. */
  #heldBytes = 0;

  constructor(options: LineOptions) {
    this.#options = options;
    this.#schedule = new ArrivalSchedule(options.plan, options.random);
    this.gate = new LineGate({ deliver: this.#deliver, drop: this.#drop }, options.tally);
    const { station, queue } = options;
    const exit = this.gate.arrive.bind(this.gate);
    this.#served = station === undefined ? undefined : new ServedRequests(station, queue, exit);
    this.#connect();
  }

  /**
   * Sends what comes from now on by another plan; undefined: by the line's own again. What is still on a detour starts
   * anew, so that nothing of a throttle is left when it has gone.
   */
  divert(plan: LinePlan | undefined): void {
    const stranded = this.#detour?.passages ?? [];
    this.#detour =
      plan === undefined
        ? undefined
        : { schedule: new ArrivalSchedule(plan, this.#options.random, this.#schedule.lastDueNs), passages: [] };
    for (const passage of stranded) {
      // Its entry in the queue stays, and does nothing.
      passage.isOver = true;
      this.#send(passage.parcel);
    }
  }

  #connect(): void {
    const { source, sink } = this.#options;
    let hasEnded = false;
    source.on('data', (chunk: Buffer) => {
      this.#heldBytes += chunk.length;
      if (this.#heldBytes > MAX_HELD_BYTES) source.pause();
      this.#send(chunk);
    });
    source.on('end', () => {
      hasEnded = true;
      this.#send('end');
    });
    // An error is followed by `close`, which tells the other side.
    source.on('error', () => undefined);
    source.on('close', (hadError) => {
      if (!hasEnded || hadError) this.#send('reset');
    });
    sink.on('close', () => {
      this.gate.close();
    });
  }

  #send(parcel: Parcel): void {
    const { queue, clock } = this.#options;
    if (this.#detour !== undefined) {
      this.#sendByDetour(parcel, this.#detour);
      return;
    }
    const dueNs = this.#schedule.dueNs(clock.nowNs(), sizeOf(parcel));
    queue.add(dueNs, () => {
      this.#arrive(parcel, dueNs);
    });
  }

  #arrive(parcel: Parcel, arrivedNs: Ns): void {
    if (this.#served === undefined) this.gate.arrive(parcel);
    else this.#served.arrive(parcel, arrivedNs);
  }

  #sendByDetour(parcel: Parcel, { schedule, passages }: Detour): void {
    const { queue, clock } = this.#options;
    const passage: Passage = { parcel, isOver: false };
    passages.push(passage);
    const dueNs = schedule.dueNs(clock.nowNs(), sizeOf(parcel));
    queue.add(dueNs, () => {
      if (passage.isOver) return;
      // Passages end in the order in which they began.
      passages.shift();
      this.#arrive(parcel, dueNs);
    });
  }

  readonly #deliver = (parcel: Parcel): void => {
    const { sink } = this.#options;
    if (parcel === 'end') sink.end();
    else if (parcel === 'reset') cut(sink);
    // The callback also runs for a sink that died, so that nothing stays held.
    else sink.write(parcel, () => this.#drop(parcel));
  };

  readonly #drop = (parcel: Parcel): void => {
    const { source } = this.#options;
    this.#heldBytes -= sizeOf(parcel);
    if (source.isPaused() && this.#heldBytes < MAX_HELD_BYTES / 2) source.resume();
  };
}

/** Ends a connection as a crash does: with a reset, where the kind of socket knows one. */
export function cut(socket: Socket): void {
  // A unix socket has no address family, and TLS hides the handle that would send the reset.
  if (socket.remoteFamily !== undefined && !('encrypted' in socket)) socket.resetAndDestroy();
  else socket.destroy();
}
