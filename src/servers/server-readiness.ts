/**
 * Whether a server that was started answers, and what it said where it does not.
 *
 * @module
 */
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { formatDurationMs, msToNs, systemClock } from '../model/time.js';
import { AdminError, type AdminConnection } from './admin-connection.js';
import type { ServerProcess } from './supervision.js';
import { SERVER_LOG } from './supervisor-protocol.js';

const READY_TIMEOUT_MS = 10_000;
const POLL_MS = 5;
const LOG_LINES = 5;

export type Readiness = { readonly status: 'ready' } | { readonly status: 'failed'; readonly reason: string };

/** Waits until this very process answers, has loaded what it kept, and, for a new replica, has what its master has. */
export async function waitUntilReady(
  process: ServerProcess,
  admin: AdminConnection,
  signal: AbortSignal | undefined,
  isNewReplica: boolean,
): Promise<Readiness> {
  const deadlineNs = systemClock.nowNs() + msToNs(READY_TIMEOUT_MS);
  let end: string | undefined;
  void process.ended.then((how) => (end = how));
  let lastReason = 'no connection';
  while (systemClock.nowNs() < deadlineNs) {
    signal?.throwIfAborted();
    if (end !== undefined) return { status: 'failed', reason: end };
    try {
      // Refused while it loads.
      await admin.call('PING');
      const info = await admin.info();
      // A stranger may answer on the port that our server failed to get.
      const isOther = info.get('process_id') !== String(process.pid);
      if (!isOther && (!isNewReplica || info.get('master_link_status') === 'up')) return { status: 'ready' };
      lastReason = isOther ? `an answer from process ${info.get('process_id') ?? 'unknown'}` : 'no link to its master';
    } catch (thrown) {
      if (!(thrown instanceof AdminError)) throw thrown;
      lastReason = thrown.message;
    }
    await sleep(POLL_MS);
  }
  return { status: 'failed', reason: `${lastReason} for ${formatDurationMs(READY_TIMEOUT_MS)}` };
}

/** How much a server has printed so far. */
export async function measureLog(folder: string): Promise<number> {
  return await stat(join(folder, SERVER_LOG)).then(
    ({ size }) => size,
    () => 0,
  );
}

/** The last lines that a server printed after a position in its log. */
export async function readLastWords(folder: string, fromByte: number): Promise<string> {
  const bytes = await readFile(join(folder, SERVER_LOG)).catch(() => Buffer.alloc(0));
  const lines = bytes.subarray(fromByte).toString('utf8').trim().split('\n').slice(-LOG_LINES);
  return lines[0] === '' ? '  (nothing)' : lines.map((line) => `  ${line}`).join('\n');
}
