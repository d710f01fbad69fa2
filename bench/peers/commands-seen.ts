/**
 * What a client really sends for a pair, as a master sees it: so that the yardstick measures the same commands.
 *
 * @module
 */
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { ClientFailedError } from './client.js';

export interface SeenPair {
  readonly key: string;
  /** Of the acquire: `SET key token …`. */
  readonly acquire: readonly string[];
  /** Of the release: `EVALSHA …`, or what else the server knows. */
  readonly release: readonly string[];
}

/** A MONITOR's lines may arrive after the reply that they belong to. */
const SETTLE_MS = 50;

/**
 * Watches a master with MONITOR while `work` takes and releases locks.
 *
 * @param prefix begins every key of the work
 * @throws ClientFailedError when no pair was seen
 */
export async function watchPair(url: string, prefix: string, work: () => Promise<unknown>): Promise<SeenPair> {
  const connection = new Redis(url);
  const monitor = await connection.monitor();
  const seen: string[][] = [];
  monitor.on('monitor', (_time: string, args: string[], source: string) => {
    // What a script runs is part of the script.
    if (source !== 'lua') seen.push(args);
  });
  try {
    await work();
    await sleep(SETTLE_MS);
  } finally {
    for (const client of [monitor, connection]) {
      const ended = once(client, 'end');
      client.disconnect();
      await ended;
    }
  }
  return findPair(seen, prefix);
}

/** The last whole pair: by then scripts are loaded. */
export function findPair(seen: readonly (readonly string[])[], prefix: string): SeenPair {
  for (const acquire of seen.toReversed()) {
    const key = acquire[1];
    if (acquire[0]?.toLowerCase() !== 'set' || key?.startsWith(prefix) !== true) continue;
    const release = seen.find((args) => args !== acquire && args[0]?.toLowerCase() !== 'set' && args.includes(key));
    if (release !== undefined) return { key, acquire, release };
  }
  throw new ClientFailedError(
    `expected a SET and a release of a key ${prefix}…, saw ${String(seen.length)} other commands`,
  );
}
