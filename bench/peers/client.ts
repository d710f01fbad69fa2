/**
 * The parent's side of a client process.
 *
 * @module
 */
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { toError } from '../../src/model/errors.js';
import { formatDurationMs } from '../../src/model/time.js';
import type { ClientMessage, ClientTask, ReportOf } from './client-task.js';
import { endProcess, startProcess } from './own-process.js';

/** A client failed to measure: its peer's fault or ours. The round counts as failed for it. */
export class ClientFailedError extends Error {
  override readonly name = 'ClientFailedError';
}

export interface ClientRun {
  /** Aborting ends the process. */
  readonly signal: AbortSignal;
  /** How long the process may take beside what its task asks for: starting, connecting, finishing the last pairs. */
  readonly graceMs?: number;
  /** Runs when the client is connected and warm, before it measures. */
  readonly beforeMeasuring?: () => Promise<void>;
  /** Runs when it has measured, while it is still there. */
  readonly afterMeasuring?: (pid: number) => Promise<void>;
}

const DEFAULT_GRACE_MS = 20_000;
const ERROR_CHARS = 400;

/**
 * Runs one task in a process of its own.
 *
 * @throws ClientFailedError when it fails, dies or takes too long; the signal's reason when that is aborted
 */
export async function runClient<Task extends ClientTask>(task: Task, run: ClientRun): Promise<ReportOf[Task['kind']]> {
  run.signal.throwIfAborted();
  const child = startProcess('client-process', task);
  try {
    return (await converse(child, task, run)) as ReportOf[Task['kind']];
  } finally {
    await endProcess(child);
  }
}

async function converse(child: ChildProcess, task: ClientTask, run: ClientRun): Promise<unknown> {
  let errors = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (errors = (errors + text).slice(-ERROR_CHARS)));
  const fail = (reason: string): ClientFailedError =>
    new ClientFailedError(`${task.contender}: expected a report, got ${reason.trim()}`);
  const limitMs = task.measureMs + (run.graceMs ?? DEFAULT_GRACE_MS);
  const timeout = AbortSignal.timeout(limitMs);
  const either = AbortSignal.any([run.signal, timeout]);
  const hear = async (): Promise<ClientMessage> => {
    const [message] = (await once(child, 'message', { signal: either })) as [ClientMessage];
    return message;
  };
  // `close`, not `exit`: by then everything that it said has been heard.
  const death = once(child, 'close', { signal: either }).then(() => fail(`the end of its process; ${errors}`));
  death.catch(() => undefined);
  try {
    const first = await Promise.race([hear(), death]);
    if (first instanceof Error) throw first;
    if (first.kind !== 'ready') throw fail(first.kind === 'failed' ? first.reason : 'one too early');
    await run.beforeMeasuring?.();
    child.send('go');
    const last = await Promise.race([hear(), death]);
    if (last instanceof Error) throw last;
    if (last.kind !== 'done') throw fail(last.kind === 'failed' ? last.reason : 'another `ready`');
    await run.afterMeasuring?.(child.pid ?? NaN);
    return last.report;
  } catch (thrown) {
    run.signal.throwIfAborted();
    if (timeout.aborted) throw fail(`none within ${formatDurationMs(limitMs)}`);
    throw thrown instanceof ClientFailedError ? thrown : fail(toError(thrown).message);
  }
}
