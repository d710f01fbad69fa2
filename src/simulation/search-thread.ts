/**
 * A thread that searches schedules, one part of a search at a time.
 *
 * @module
 */
import { Worker } from 'node:worker_threads';
import { toError } from '../model/errors.js';
import type { SearchRequest, SearchResult, TellRequest } from './search.js';
import type { ThreadMessage } from './simulation-thread.js';

/** Worker threads run from the build. */
const ENTRY = new URL(
  `${import.meta.url.endsWith('.ts') ? '../../dist/src/simulation/' : './'}simulation-thread.js`,
  import.meta.url,
);

/** `close` ends it, and so does the signal. It does one thing at a time. */
export class SearchThread {
  readonly #worker = new Worker(ENTRY);
  readonly #signal: AbortSignal;
  readonly #onAbort = (): void => {
    void this.#worker.terminate();
  };

  constructor(signal: AbortSignal) {
    this.#signal = signal;
    signal.addEventListener('abort', this.#onAbort, { once: true });
  }

  /** Undefined when the signal aborted; rejects with what went wrong in the thread. */
  async search(request: SearchRequest): Promise<SearchResult | undefined> {
    return (await this.#ask({ kind: 'search', request })) as SearchResult | undefined;
  }

  /** As `search`: the story of a violation. */
  async tell(request: TellRequest): Promise<readonly string[] | undefined> {
    return (await this.#ask({ kind: 'tell', request })) as readonly string[] | undefined;
  }

  async close(): Promise<void> {
    this.#signal.removeEventListener('abort', this.#onAbort);
    await this.#worker.terminate();
  }

  #ask(message: ThreadMessage): Promise<unknown> {
    if (this.#signal.aborted) return Promise.resolve(undefined);
    const worker = this.#worker;
    return new Promise<unknown>((resolve, reject) => {
      const onError = (error: unknown): void => {
        reject(toError(error));
      };
      const onEnd = (answer: unknown): void => {
        worker.off('error', onError).off('message', onEnd).off('exit', onExit);
        resolve(answer);
      };
      // After an error the promise is settled already.
      const onExit = (): void => {
        onEnd(undefined);
      };
      worker.once('error', onError).once('message', onEnd).once('exit', onExit);
      worker.postMessage(message);
    });
  }
}
