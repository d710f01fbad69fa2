/**
 * The entry of a worker thread that searches schedules. Alone there, since virtual time takes the place of its timers.
 *
 * @module
 */
import { parentPort } from 'node:worker_threads';
import { search, tellSmallest, type SearchRequest, type TellRequest } from './search.js';

export type ThreadMessage =
  | { readonly kind: 'search'; readonly request: SearchRequest }
  | { readonly kind: 'tell'; readonly request: TellRequest };

parentPort?.on('message', (message: ThreadMessage) => {
  const answer = message.kind === 'search' ? search(message.request) : tellSmallest(message.request);
  // A failure ends the thread, and so its parent is told.
  void Promise.resolve<unknown>(answer).then((value) => parentPort?.postMessage(value));
});
