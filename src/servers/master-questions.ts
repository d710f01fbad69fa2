/**
 * What a run asks its masters while it goes on and when it has ended: bounded in time, undefined for no answer.
 *
 * @module
 */
import { AdminError, type AdminConnection } from './admin-connection.js';
import { readSample, type ServerSample } from './telemetry.js';

const SAMPLE_TIMEOUT_MS = 1_000;
const KEYS_PER_COMMAND = 500;
/** What PTTL says of a key that is not there, and of one that has no ttl. */
const PTTL_NO_KEY = -2;
const PTTL_NO_TTL = -1;

/** Samples a master; undefined when it does not answer within 1 s. */
export async function sample(admin: AdminConnection): Promise<ServerSample | undefined> {
  const info = await answerWithin(SAMPLE_TIMEOUT_MS, admin.info());
  return info === undefined ? undefined : readSample(info);
}

/** How many of some keys a master has. */
export interface KeyCount {
  readonly existing: number;
  /** Those of them that never go away by themselves; undefined when the master tells no ttl. */
  readonly withoutTtl: number | undefined;
}

/** Counts the keys that exist; undefined when the master is unreachable or refuses. Each key must be given once. */
export async function countKeys(admin: AdminConnection, keys: readonly string[]): Promise<KeyCount | undefined> {
  let existing = 0;
  let withoutTtl: number | undefined = 0;
  for (let start = 0; start < keys.length; start += KEYS_PER_COMMAND) {
    const batch = keys.slice(start, start + KEYS_PER_COMMAND);
    const answer = await answerWithin(SAMPLE_TIMEOUT_MS, admin.call('EXISTS', ...batch));
    if (answer === undefined) return undefined;
    // Almost always none: only where there are some is each key asked, and both counts come from those same answers.
    if (Number(answer) === 0) continue;
    const replies = await answerWithin(SAMPLE_TIMEOUT_MS, Promise.all(batch.map((key) => admin.call('PTTL', key))));
    const ttlsMs = replies?.map(Number);
    existing += ttlsMs === undefined ? Number(answer) : ttlsMs.filter((ttlMs) => ttlMs !== PTTL_NO_KEY).length;
    withoutTtl = addKnown(withoutTtl, ttlsMs?.filter((ttlMs) => ttlMs === PTTL_NO_TTL).length);
  }
  return { existing, withoutTtl };
}

/** Adds up what several masters have; undefined when none answered. */
export function addKeyCounts(counts: readonly (KeyCount | undefined)[]): KeyCount | undefined {
  const known = counts.filter((count) => count !== undefined);
  if (known.length === 0) return undefined;
  return known.reduce((sum, count) => ({
    existing: sum.existing + count.existing,
    withoutTtl: addKnown(sum.withoutTtl, count.withoutTtl),
  }));
}

function addKnown(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? undefined : a + b;
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
