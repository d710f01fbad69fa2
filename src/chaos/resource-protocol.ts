/**
 * What contenders and the guarded resource say to each other: a JSON text on a line for each request and reply.
 *
 * @module
 */
import type { LedgerHold } from '../check/fencing-ledger.js';
import type { Ns } from '../model/time.js';

/** Where the guarded resource, or a proxy in front of it, listens. */
export type ResourceAddress =
  | { readonly kind: 'unix'; readonly path: string }
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number };

/**
 * A hold is named `c1.3`: the contender's third. Its name is unique among all. Holds of a connection that breaks are no
 * longer present.
 */
export type ResourceRequest =
  | ({ readonly kind: 'enter' } & LedgerHold)
  | { readonly kind: 'leave'; readonly keyIndex: number; readonly hold: string }
  | { readonly kind: 'read'; readonly hold: string }
  | {
      readonly kind: 'write';
      readonly hold: string;
      readonly update: string;
      readonly plain: number;
      readonly fenced: number | undefined;
    };

export type NumberedRequest = ResourceRequest & { readonly id: number };

/** The answer to the request of this number; those of one connection come in the order of the requests. */
export type ResourceReply =
  | { readonly id: number; readonly kind: 'done' }
  | {
      readonly id: number;
      readonly kind: 'read';
      readonly plain: number;
      readonly fenced: number | undefined;
      readonly isRefused: boolean;
    }
  | { readonly id: number; readonly kind: 'written'; readonly isRefused: boolean }
  | { readonly id: number; readonly kind: 'failed'; readonly reason: string };

/** Two at once in the cell of a key. */
export interface WitnessedOverlap {
  readonly keyIndex: number;
  /** The name of the hold that was present, and of the one that entered. */
  readonly holder: string;
  readonly intruder: string;
  /** On the host's monotonic clock, read in the resource. */
  readonly atNs: Ns;
}

/** Cuts what arrives into lines; the unfinished last one waits for its rest. */
export class LineReader {
  #rest = '';

  read(text: string): string[] {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop() ?? '';
    return lines;
  }
}
