/**
 * What the client needs of one master: one FIFO connection that answers every command with one vote.
 *
 * @module
 */
import type { Script } from './scripts.js';

/**
 * One master's answer. `refused` is a definite no: another token holds the key (acquire), or the key does not hold
 * this token (extend, delete). A failure says how far the command got: `never` left this process, `maybe` reached the
 * master (its reply was lost), or was `answered` with an error.
 */
export type Vote =
  | { readonly kind: 'granted' }
  | { readonly kind: 'refused' }
  | { readonly kind: 'failed'; readonly reached: 'never' | 'maybe' | 'answered'; readonly cause: Error };

/** A vote that is none. */
export type Failure = Extract<Vote, { kind: 'failed' }>;

export const GRANTED: Vote = { kind: 'granted' };
export const REFUSED: Vote = { kind: 'refused' };

/** The failure of a command that never left this process. */
export function neverSent(reason: string): Failure {
  return { kind: 'failed', reached: 'never', cause: new Error(reason) };
}

/** The vote that a reply to the lock's own commands is. One that they never give leaves open what became of the key. */
export function readVote(reply: unknown): Vote {
  if (reply === 'OK' || reply === 1) return GRANTED;
  if (reply === null || reply === 0) return REFUSED;
  const cause = new Error(`expected OK, null, 1 or 0 as a reply, got ${JSON.stringify(reply).slice(0, 40)}`);
  return { kind: 'failed', reached: 'answered', cause };
}

/** What one master said; `open` = nothing yet, when the votes of others had decided; `timed out` = nothing in time. */
export interface MasterVote {
  readonly master: string;
  readonly vote: 'granted' | 'held' | 'failed' | 'timed out' | 'open';
  readonly cause?: Error;
}

/** Where a master puts its vote. An object instead of a callback, so that a fan-out needs no closure for each master. */
export interface Ballot {
  /** False once the other votes have decided: then an acquiring command that is not yet written must not be. */
  readonly isOpen: boolean;
  /** Called exactly once for each command, possibly before the command's method has returned. */
  vote(master: number, vote: Vote): void;
}

/** What a script returned, or why it did not: `never` sent, `maybe` run, or `answered` with an error; as in a vote. */
export type ScriptReply = number | string | null | readonly ScriptReply[] | Failure;

/**
 * One independent Redis server, reached over one connection.
 *
 * The commands never throw and never queue: without a ready connection the vote is `failed`, `never`, at once.
 * They are written in the tick in which they are called, all commands of a tick in one write to the socket, and the
 * master executes them in that order. A command is never sent twice for a lost reply.
 */
export interface Master {
  /** For messages: without its password. */
  readonly name: string;
  /**
   * Opens the connection and loads the scripts.
   *
   * @throws EnvironmentError when the master cannot be reached; it is still tried again in the background
   */
  connect(): Promise<void>;
  /** Ends the connection after what was written; unanswered commands fail. */
  close(): Promise<void>;
  /** Calls back whenever the connection is ready, the first time and after each reconnection. */
  onReady(listener: () => void): void;
  /** Calls back whenever a ready connection is lost, other than by `close`. */
  onLost(listener: (cause: Error) => void): void;
  /** Sets every resource to the token, or none when one of them exists. */
  setIfAbsent(resources: readonly string[], token: string, ttlMs: number, ballot: Ballot): void;
  /** Gives every resource a new ttl, or none unless all hold the token. Never creates a key. */
  compareAndExpire(resources: readonly string[], token: string, ttlMs: number, ballot: Ballot): void;
  /** Deletes the resources that hold the token; granted when all of them did. */
  compareAndDelete(resources: readonly string[], token: string, ballot: Ballot): void;
  /** Runs a script, by its SHA or else by its body. `onReply` is called exactly once, possibly before this returns. */
  evaluate(
    script: Script,
    keys: readonly string[],
    args: readonly (string | number)[],
    onReply: (reply: ScriptReply) => void,
  ): void;
  /** Publishes a message; 0 receivers also when that failed. */
  publish(channel: string, message: string, onReply: (receivers: number) => void): void;
  /** Subscribes to a channel, again after each reconnection; called once at most. A master that refuses stays silent. */
  subscribe(channel: string, onMessage: (message: string) => void): void;
  /** Whether this master would deliver a message for us now. */
  readonly isSubscribed: boolean;
}

/** Makes the master with this index; votes carry the index. */
export type MasterFactory = (index: number) => Master;
