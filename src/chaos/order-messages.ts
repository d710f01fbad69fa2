/**
 * The envelope of orders to a child process and of its answers.
 *
 * @module
 */
import type { Ns } from '../model/time.js';

export interface NumberedOrder {
  readonly id: number;
  readonly order: unknown;
}

/** Either the answer to the order of this number, its value or why there is none; or a note that nobody asked for. */
export interface ChildMessage {
  readonly id?: number;
  readonly value?: unknown;
  readonly failure?: string;
  readonly note?: object;
  /** The child was alive then. */
  readonly sentNs: Ns;
}
