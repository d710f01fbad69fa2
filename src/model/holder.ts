/**
 * A client slot of a run as one number, for checkers that keep millions of holds, and as the name that people read.
 *
 * @module
 */

/** More than a worker can have clients. */
const CLIENTS_PER_WORKER = 2 ** 20;

/** The number under which a checker knows a client. */
export function numberHolder(worker: number, slot: number): number {
  return worker * CLIENTS_PER_WORKER + slot;
}

/** Names a client as `worker.slot`. */
export function nameHolder(holder: number): string {
  return `${String(Math.floor(holder / CLIENTS_PER_WORKER))}.${String(holder % CLIENTS_PER_WORKER)}`;
}
