/**
 * Work under a lock: kept alive while it runs, released when it ends.
 *
 * @module
 */
import { LockReleasedError, LockValidityEndedError } from './errors.js';
import type { Lock } from './lock.js';
import type { KeepAliveOptions } from './renewal.js';

/** Work to do under a lock. The signal aborts when the lock must not be relied on any more, or the caller aborts. */
export type UsingRoutine<T> = (signal: AbortSignal, lock: Lock) => T | Promise<T>;

interface UseOptions extends KeepAliveOptions {
  readonly signal?: AbortSignal | undefined;
}

/** Runs a routine under a lock that was just acquired; see `Redlock.using`. */
export async function useLock<T>(lock: Lock, options: UseOptions, routine: UsingRoutine<T>): Promise<T> {
  await using held = lock;
  const kept = held.keepAlive(options);
  using either = joinSignals(kept, options.signal);
  const value = await routine(either.signal, held);
  requireValid(held, kept);
  return value;
}

/** Throws when the lock ended under the routine, other than by a release of its own. */
function requireValid(lock: Lock, kept: AbortSignal): void {
  if (kept.reason instanceof LockReleasedError) return;
  kept.throwIfAborted();
  // A routine that blocks this thread ends before the timer that would have aborted its signal.
  if (lock.remainingNs === 0) throw new LockValidityEndedError(lock.resources, 'the routine outlasted its validity');
}

interface JoinedSignal extends Disposable {
  readonly signal: AbortSignal;
}

/**
 * A signal that aborts with the first of two. Not `AbortSignal.any`: a caller's signal that lives long would remember
 * each routine that ever listened to it.
 */
function joinSignals(kept: AbortSignal, callers: AbortSignal | undefined): JoinedSignal {
  if (callers === undefined) return { signal: kept, [Symbol.dispose]: () => undefined };
  const controller = new AbortController();
  const onAbort = (): void => {
    controller.abort(kept.aborted ? kept.reason : callers.reason);
  };
  for (const signal of [kept, callers]) signal.addEventListener('abort', onAbort);
  if (kept.aborted || callers.aborted) onAbort();
  return {
    signal: controller.signal,
    [Symbol.dispose]: () => {
      callers.removeEventListener('abort', onAbort);
    },
  };
}
