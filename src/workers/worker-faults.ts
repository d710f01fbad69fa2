/**
 * What the runner tells a worker to suffer, and what the worker says of it.
 *
 * @module
 */
import type { Ns } from '../model/time.js';

/** Runner to worker. */
export type FaultOrder =
  /** Stand still for so long, and do nothing at all. */
  | { readonly kind: 'block'; readonly forMs: number }
  /** Let `Date` be so much beside the true time; 0 puts it right. */
  | { readonly kind: 'set-date'; readonly byMs: number };

/** Worker to runner. */
export type FaultWord =
  | { readonly kind: 'blocking'; readonly fromNs: Ns }
  | { readonly kind: 'blocked'; readonly untilNs: Ns }
  | { readonly kind: 'date-set'; readonly jumpedMs: number };

export function isFaultWord(message: { readonly kind: string }): message is FaultWord {
  return message.kind === 'blocking' || message.kind === 'blocked' || message.kind === 'date-set';
}

/** Asks workers to suffer, and waits for their words: one fault of each worker at a time. */
export class WorkerFaults {
  readonly #order: (worker: number, order: FaultOrder) => void;
  readonly #waiting = new Map<string, (word: FaultWord) => void>();
  readonly #ended = new Set<number>();

  /** @param order workers count from 0 */
  constructor(order: (worker: number, order: FaultOrder) => void) {
    this.#order = order;
  }

  /** A worker, counted from 0, has said something. */
  hear(worker: number, word: FaultWord): void {
    this.#waiting.get(keyOf(worker, word.kind))?.(word);
  }

  /** A worker, counted from 0, will say no more. */
  bury(worker: number): void {
    this.#ended.add(worker);
  }

  /** Whether the client, counted from 1, has ended. */
  hasEnded(client: number): boolean {
    return this.#ended.has(client - 1);
  }

  /** Resolves when the client, counted from 1, is about to stand still. */
  async block(client: number, forMs: number): Promise<{ readonly fromNs: Ns; readonly untilNs: Promise<Ns> }> {
    const began = this.#next(client, 'blocking');
    const untilNs = this.#next(client, 'blocked').then((word) => word.untilNs);
    this.#order(client - 1, { kind: 'block', forMs });
    const { fromNs } = await began;
    return { fromNs, untilNs };
  }

  /** Resolves with how far the client's `Date` jumped. */
  async setDate(client: number, byMs: number): Promise<{ readonly jumpedMs: number }> {
    const set = this.#next(client, 'date-set');
    this.#order(client - 1, { kind: 'set-date', byMs });
    return await set;
  }

  #next<Kind extends FaultWord['kind']>(client: number, kind: Kind): Promise<Extract<FaultWord, { kind: Kind }>> {
    return new Promise((resolve) => {
      this.#waiting.set(keyOf(client - 1, kind), (word) => {
        resolve(word as Extract<FaultWord, { kind: Kind }>);
      });
    });
  }
}

function keyOf(worker: number, kind: FaultWord['kind']): string {
  return `${String(worker)} ${kind}`;
}
