/**
 * Faults: what can be done to masters, to the ways to them and to clients, and what proves that it was done.
 *
 * @module
 */
import type { Ns } from './time.js';

/** Masters and clients count from 1, as people type them. */
export type Fault =
  /** SIGKILL; healed by a restart with what its persistence had kept. */
  | { readonly kind: 'kill'; readonly master: number }
  /** SIGTERM, so that the server may save; healed by a restart. */
  | { readonly kind: 'shutdown'; readonly master: number }
  /** SIGKILL, and the append-only file cut back to what was surely on the disk; healed by a restart. */
  | { readonly kind: 'power-loss'; readonly master: number }
  /** SIGSTOP; healed by SIGCONT. */
  | { readonly kind: 'pause'; readonly master: number }
  /** The server executes nothing (CLIENT PAUSE ALL), though its process runs; ends by itself. */
  | { readonly kind: 'stall'; readonly master: number }
  /** Its memory is full and its policy evicts: keys with a ttl go first. Healed by the old settings. */
  | { readonly kind: 'evict'; readonly master: number }
  /** An administrator empties it. */
  | { readonly kind: 'flush'; readonly master: number }
  /** Its wall clock jumps by this much; healed by jumping back. Needs the shim, and so a C compiler. */
  | { readonly kind: 'clock'; readonly master: number; readonly byMs: number }
  /** Delay on the way to and from it, for all clients or one. */
  | {
      readonly kind: 'latency';
      readonly master: number;
      readonly client: number | undefined;
      readonly delayMs: number;
      readonly jitterMs: number;
    }
  | {
      readonly kind: 'bandwidth';
      readonly master: number;
      readonly client: number | undefined;
      readonly bytesPerSecond: number;
    }
  /**
   * `hold`: bytes of both directions are kept and delivered on heal. `hold-replies`: those of the replies.
   * `blackhole`: bytes of both directions are lost, and the connections are reset on heal. `half-open`: the same for the
   * replies alone, so that the requests arrive. `cut`: connections are reset and new ones refused. `reset`: the
   * connections are reset, once. `reset-after-request`: the next request is delivered, and the connection reset in
   * stead of its reply.
   */
  | { readonly kind: LinkFaultKind; readonly master: number; readonly client: number | undefined }
  /** The client's event loop stands still; ends by itself. */
  | { readonly kind: 'block'; readonly client: number }
  /** The client's `Date` jumps by this much; healed by jumping back. */
  | { readonly kind: 'client-clock'; readonly client: number; readonly byMs: number };

export type LinkFaultKind =
  'hold' | 'hold-replies' | 'blackhole' | 'half-open' | 'cut' | 'reset' | 'reset-after-request';

export type FaultKind = Fault['kind'];

/** A fault and its time, both from the beginning of the measured window. */
export interface ScheduledFault {
  readonly fault: Fault;
  readonly atMs: number;
  /** How long it lasts; undefined for what is over at once. */
  readonly forMs: number | undefined;
}

/** What proves that a fault took effect, and when it was over. Without it an experiment is `unknown`. */
export interface FaultReceipt {
  /** As it would be typed: `kill master=2 at=5s for=3s`. */
  readonly fault: string;
  readonly kind: string;
  /** `master 2`, `client 1`, `client 1 to master 2`. */
  readonly target: string;
  /** When the injection began, since the start of the measured window; in an experiment since its beginning. */
  readonly appliedNs: Ns;
  /** When a probe saw the effect; null: it never did. */
  readonly effectNs: Ns | null;
  /** When a probe saw that it was over; null: never, or it has no end. */
  readonly healedNs: Ns | null;
  /** What the probes saw, one sentence; for `not-run`, why. */
  readonly proof: string;
  readonly status: 'effective' | 'unproven' | 'not-run';
}
