/**
 * What is compared: a lock client, ours or a peer's, behind one interface.
 *
 * @module
 */

/** A client with its connections open. What it calls a held lock is its own business. */
export interface OpenClient<Held = unknown> {
  /** Resolves to undefined or rejects when the client gave up, by its own defaults. */
  acquire(key: string, ttlMs: number): Promise<Held | undefined>;
  /** Rejects when the client takes the outcome for an error. */
  release(held: Held): Promise<unknown>;
  /** Ours only: keeps the lock alive; the signal is aborted when it is lost. */
  keepAlive?(held: Held): AbortSignal;
  /** Waits for what is under way, and disconnects. */
  close(): Promise<void>;
}

/** A library in one configuration. */
export interface Contender {
  /** Short, for tables. */
  readonly name: string;
  readonly isOurs: boolean;
  /** What it was given beside the masters, in words: the fine print of the table. */
  readonly given: string;
  /** Connects to every master. @param urls `redis://127.0.0.1:port` */
  open(urls: readonly string[]): Promise<OpenClient>;
}
