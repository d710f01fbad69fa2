/**
 * What can be done to the way between clients and a master, and what a proxy counts about it.
 *
 * @module
 */
import type { LinkFaultKind } from '../model/fault.js';

/** What a proxy does to its link, on top of the link's plan, until the next one replaces it; `pass` heals. */
export type Impairment =
  | { readonly kind: 'pass' }
  /** Added each way: uniform in `delayMs ± jitterMs`, except where order holds bytes back. */
  | { readonly kind: 'latency'; readonly delayMs: number; readonly jitterMs: number }
  /** Limits each direction of each connection. */
  | { readonly kind: 'bandwidth'; readonly bytesPerSecond: number }
  | { readonly kind: LinkFaultKind };

/** What a proxy has seen on one link since it opened. */
export interface LinkCounters {
  /** Open now, at the clients' side. */
  connections: number;
  /** Taken, those that were refused not included. */
  accepted: number;
  /** Reset as soon as they came, by `cut`. */
  refused: number;
  /** Open connections that an impairment, or its end, reset. A master that resets one is not counted. */
  resets: number;
  /** Handed to the kernel at the master's side. */
  requestBytes: number;
  /** Handed to the kernel at the clients' side. */
  replyBytes: number;
  /** Of both directions, kept now. */
  heldBytes: number;
  /** Of both directions, read and never delivered. */
  lostBytes: number;
}
