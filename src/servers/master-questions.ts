/**
 * What a run asks its masters while it goes on and when it has ended: bounded in time, undefined for no answer.
 *
 * @module
 */
import { AdminError, type AdminConnection } from './admin-connection.js';
import { readSample, type ServerSample } from './telemetry.js';

const SAMPLE_TIMEOUT_MS = 1_000;
const KEYS_PER_COMMAND = 500;

/** Samples a master; undefined when it does not answer within 1 s. */
export async function sample(admin: AdminConnection): Promise<ServerSample | undefined> {
  const info = await answerWithin(SAMPLE_TIMEOUT_MS, admin.info());
  return info === undefined ? undefined : readSample(info);
}

/** Counts the keys that exist; undefined when the master is unreachable or refuses. Each key must be given once. */
export async function countExisting(admin: AdminConnection, keys: readonly string[]): Promise<number | undefined> {
  let count = 0;
  for (let start = 0; start < keys.length; start += KEYS_PER_COMMAND) {
    const batch = keys.slice(start, start + KEYS_PER_COMMAND);
    const answer = await answerWithin(SAMPLE_TIMEOUT_MS, admin.call('EXISTS', ...batch));
    if (answer === undefined) return undefined;
    count += Number(answer);
  }
  return count;
}

async function answerWithin<Value>(timeoutMs: number, answer: Promise<Value>): Promise<Value | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, timeoutMs, undefined);
  });
  try {
    return await Promise.race([answer, timeout]);
  } catch (thrown) {
    if (thrown instanceof AdminError) return undefined;
    throw thrown;
  } finally {
    clearTimeout(timer);
  }
}
