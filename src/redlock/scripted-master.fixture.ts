/**
 * Masters that answer when a test says, for cases that turn on time. Everything above them is real.
 *
 * @module
 */
import { GRANTED, REFUSED, type Ballot, type Master, type ScriptReply, type Vote } from './master.js';
import type { Script } from './scripts.js';

export { GRANTED, REFUSED };

export const LOST_REPLY: Vote = { kind: 'failed', reached: 'maybe', cause: new Error('reply lost') };
export const NOT_CONNECTED: Vote = { kind: 'failed', reached: 'never', cause: new Error('not connected') };

/** A vote after `ms`; `at once` before the command's method returns; or never. */
export type Answer = { readonly afterMs: number | 'at once'; readonly vote: Vote } | 'never';

export const soon = (vote: Vote, afterMs = 1): Answer => ({ afterMs, vote });

export interface Call {
  readonly kind: 'set' | 'expire' | 'delete';
  readonly token: string;
  readonly ttlMs?: number;
}

export class ScriptedMaster implements Master {
  readonly name: string;
  readonly calls: Call[] = [];
  /** What the next commands are answered; the last answer is repeated. */
  set: Answer[] = [soon(GRANTED)];
  expire: Answer[] = [soon(GRANTED)];
  delete: Answer[] = [soon(GRANTED)];
  readonly #index: number;
  readonly #onReady: (() => void)[] = [];

  constructor(index: number) {
    this.#index = index;
    this.name = `master-${String(index)}`;
  }

  connect(): Promise<void> {
    return Promise.resolve();
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  onReady(listener: () => void): void {
    this.#onReady.push(listener);
  }

  reconnect(): void {
    for (const listener of this.#onReady) listener();
  }

  setIfAbsent(_resources: readonly string[], token: string, ttlMs: number, ballot: Ballot): void {
    this.calls.push({ kind: 'set', token, ttlMs });
    this.#answer(this.set, ballot);
  }

  compareAndExpire(_resources: readonly string[], token: string, ttlMs: number, ballot: Ballot): void {
    this.calls.push({ kind: 'expire', token, ttlMs });
    this.#answer(this.expire, ballot);
  }

  compareAndDelete(_resources: readonly string[], token: string, ballot: Ballot): void {
    this.calls.push({ kind: 'delete', token });
    this.#answer(this.delete, ballot);
  }

  onLost(): void {
    // Scripted masters are never lost; their votes say what a lost one's would.
  }

  evaluate(_script: Script, _keys: readonly string[], _args: unknown, onReply: (reply: ScriptReply) => void): void {
    onReply({ kind: 'failed', reached: 'answered', cause: new Error('no scripts here') });
  }

  publish(_channel: string, _message: string, onReply: (receivers: number) => void): void {
    onReply(0);
  }

  subscribe(): void {
    // Nothing is ever published here.
  }

  readonly isSubscribed = false;

  count(kind: Call['kind']): number {
    return this.calls.filter((call) => call.kind === kind).length;
  }

  #answer(answers: Answer[], ballot: Ballot): void {
    const answer = answers.length > 1 ? answers.shift() : answers[0];
    if (answer === undefined || answer === 'never') return;
    const { afterMs, vote } = answer;
    if (afterMs === 'at once') ballot.vote(this.#index, vote);
    else setTimeout(() => ballot.vote(this.#index, vote), afterMs);
  }
}
