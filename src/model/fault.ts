/**
 * Faults: what can be done to masters, to the ways to them and to clients, and what proves that it was done.
 *
 * @module
 */
import type { Ns } from './time.js';

/** A fault whose masters are named by `Master`. Masters and clients count from 1, as people type them. */
export type FaultOn<Master> =
  /** SIGKILL; healed by a restart with what its persistence had kept. */
  | { readonly kind: 'kill'; readonly master: Master }
  /** SIGTERM, so that the server may save; healed by a restart. */
  | { readonly kind: 'shutdown'; readonly master: Master }
  /** SIGKILL, and the append-only file cut back to what was surely on the disk; healed by a restart. */
  | { readonly kind: 'power-loss'; readonly master: Master }
  /** SIGSTOP; healed by SIGCONT. */
  | { readonly kind: 'pause'; readonly master: Master }
  /** The server executes nothing (CLIENT PAUSE ALL), though its process runs; ends by itself. */
  | { readonly kind: 'stall'; readonly master: Master }
  /** Its memory is full and its policy evicts: keys with a ttl go first. Healed by the old settings. */
  | { readonly kind: 'evict'; readonly master: Master }
  /** An administrator empties it. */
  | { readonly kind: 'flush'; readonly master: Master }
  /** Its wall clock jumps by this much; healed by jumping back. Needs the shim, and so a C compiler. */
  | { readonly kind: 'clock'; readonly master: Master; readonly byMs: number }
  /** Delay on the way to and from it, for all clients or one. */
  | {
      readonly kind: 'latency';
      readonly master: Master;
      readonly client: number | undefined;
      readonly delayMs: number;
      readonly jitterMs: number;
    }
  | {
      readonly kind: 'bandwidth';
      readonly master: Master;
      readonly client: number | undefined;
      readonly bytesPerSecond: number;
    }
  /**
   * `hold`: bytes of both directions are kept and delivered on heal. `hold-requests`, `hold-replies`: those of one.
   * `blackhole`: bytes of both directions are lost, and the connections are reset on heal. `half-open`: the same for the
   * replies alone, so that the requests arrive. `cut`: connections are reset and new ones refused. `reset`: the
   * connections are reset, once. `reset-after-request`: of each connection that is open when it begins, the next request
   * is delivered, and the connection reset in stead of its reply; until it heals. New connections pass.
   */
  | { readonly kind: LinkFaultKind; readonly master: Master; readonly client: number | undefined }
  /** The client's event loop stands still; ends by itself. */
  | { readonly kind: 'block'; readonly client: number }
  /** The client's `Date` jumps by this much; healed by jumping back. */
  | { readonly kind: 'client-clock'; readonly client: number; readonly byMs: number };

export const LINK_FAULT_KINDS = [
  'cut',
  'reset',
  'reset-after-request',
  'blackhole',
  'half-open',
  'hold',
  'hold-requests',
  'hold-replies',
] as const;

export type LinkFaultKind = (typeof LINK_FAULT_KINDS)[number];

export type Fault = FaultOn<number>;

export type FaultKind = Fault['kind'];

/** What is done to a server, to the way to it, or to a client. */
export type ServerFault = Extract<Fault, { kind: ServerFaultKind }>;
export type LinkFault = Extract<Fault, { kind: 'latency' | 'bandwidth' | LinkFaultKind }>;
export type ClientFault = Extract<Fault, { kind: 'block' | 'client-clock' }>;

type ServerFaultKind = 'kill' | 'shutdown' | 'power-loss' | 'pause' | 'stall' | 'evict' | 'flush' | 'clock';

/** Of each kind whether it lasts until it is healed. */
const LASTING: Readonly<Record<FaultKind, boolean>> = {
  kill: true,
  shutdown: true,
  'power-loss': true,
  pause: true,
  stall: true,
  evict: true,
  flush: false,
  clock: true,
  latency: true,
  bandwidth: true,
  cut: true,
  reset: false,
  'reset-after-request': false,
  blackhole: true,
  'half-open': true,
  hold: true,
  'hold-requests': true,
  'hold-replies': true,
  block: true,
  'client-clock': true,
};

/**
 * Whether a kind is over at once, so that it has no end to be seen. What is no fault by its name is an act of an
 * administrator, such as `rename`, and all of these are.
 */
export function isMomentary(kind: string): boolean {
  return (LASTING as Readonly<Record<string, boolean | undefined>>)[kind] !== true;
}

export function isClientFault(fault: Fault): fault is ClientFault {
  return fault.kind === 'block' || fault.kind === 'client-clock';
}

export function isLinkFault(fault: Fault): fault is LinkFault {
  return fault.kind === 'latency' || fault.kind === 'bandwidth' || LINK_FAULT_KINDS.some((each) => each === fault.kind);
}

/** A fault and its time, both from the beginning of the measured window. */
export interface Scheduled<Injected> {
  readonly fault: Injected;
  readonly atMs: number;
  /** How long it lasts; undefined for what is over at once. */
  readonly forMs: number | undefined;
}

export type ScheduledFault = Scheduled<Fault>;

/** What may be asked for: a fault of one master, or the same of every master that the scenario will have. */
export type AskedFault = Scheduled<FaultOn<number | 'all'>>;

/** Makes a fault of each of `masters` masters out of one of all. */
export function expandFaults(asked: readonly AskedFault[], masters: number): readonly ScheduledFault[] {
  return asked.flatMap(({ fault, ...time }) => {
    if (!('master' in fault)) return [{ ...time, fault }];
    const { master } = fault;
    const all = master === 'all' ? Array.from({ length: masters }, (_, index) => index + 1) : [master];
    return all.map((each): ScheduledFault => ({ ...time, fault: { ...fault, master: each } }));
  });
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
