/**
 * A limit for what may never settle.
 *
 * @module
 */
import { formatDurationMs } from './time.js';

/**
 * Waits for work, but no longer than this; the work itself goes on.
 *
 * @param what what was expected, for the message
 * @throws whatever `failure` makes of a message that says expected and got
 */
export async function limitTime<Value>(
  work: Promise<Value>,
  limitMs: number,
  what: string,
  failure: (message: string) => Error = (message) => new Error(message),
): Promise<Value> {
  let timer: NodeJS.Timeout | undefined;
  const tooLong = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(failure(`expected ${what} within ${formatDurationMs(limitMs)}, got none`));
    }, limitMs);
  });
  try {
    return await Promise.race([work, tooLong]);
  } finally {
    clearTimeout(timer);
  }
}
