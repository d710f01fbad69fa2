/**
 * A command that measures: started without a shell in a group of its own, and never left behind.
 *
 * @module
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { toError } from '../model/errors.js';
import { formatDurationMs } from '../model/time.js';

/** How much of what it wrote to stderr is kept. */
const KEPT_CHARACTERS = 16_384;
/** How long one that was interrupted may take to write what it has. */
const INTERRUPT_GRACE_MS = 15_000;
/** A result is a few hundred kilobytes long, with one interval a second. */
const MOST_BYTES = 64 * 1024 * 1024;
/** What the last bytes of a process that has exited may take to arrive. */
const LAST_BYTES_MS = 1_000;

/** How a command ended, and what it wrote. */
export interface EndedCommand {
  readonly stdout: string;
  /** The end of what it wrote to stderr. */
  readonly stderr: string;
  readonly exitCode: number | null;
  readonly killedBy: NodeJS.Signals | null;
  /** Why it never began. */
  readonly startError: Error | undefined;
  /** Why we ended it, in a phrase. */
  readonly endedFor: string | undefined;
}

/** What a command may take. */
export interface CommandLimits {
  /** How long it may run; undefined: as long as it likes. */
  readonly limitMs?: number;
  /** How long it may take to end after an interrupt. */
  readonly graceMs?: number;
  /** How much it may write to stdout. */
  readonly mostBytes?: number;
}

/**
 * Runs a command to its end. Aborted, it gets SIGINT, so that it writes what it has, and SIGKILL after a grace; both go
 * to its group, so nothing that it started outlives it. So it ends, too, when its time is over; one that writes without
 * end is killed at once.
 */
export async function runCommandLine(
  words: readonly string[],
  environment: NodeJS.ProcessEnv,
  signal: AbortSignal,
  { limitMs, graceMs = INTERRUPT_GRACE_MS, mostBytes = MOST_BYTES }: CommandLimits = {},
): Promise<EndedCommand> {
  const [program = '', ...rest] = words;
  // Ctrl-C reaches us alone, and we pass it on once.
  const child = spawn(program, rest, { stdio: ['ignore', 'pipe', 'pipe'], env: environment, detached: true });
  let stdout = '';
  let stderr = '';
  let bytes = 0;
  let endedFor: string | undefined;
  const kill = (): void => {
    signalGroup(child, 'SIGKILL');
  };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    bytes += Buffer.byteLength(text);
    if (bytes <= mostBytes) {
      stdout += text;
      return;
    }
    endedFor ??= `more than ${String(mostBytes)} bytes on standard output`;
    kill();
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr = (stderr + text).slice(-KEPT_CHARACTERS);
  });
  let killTimer: NodeJS.Timeout | undefined;
  const interrupt = (): void => {
    signalGroup(child, 'SIGINT');
    killTimer ??= setTimeout(kill, graceMs);
  };
  const limitTimer =
    limitMs === undefined
      ? undefined
      : setTimeout(() => {
          endedFor ??= `no end within ${formatDurationMs(limitMs)}`;
          interrupt();
        }, limitMs);
  signal.addEventListener('abort', interrupt, { once: true });
  // The second Ctrl-C ends this process at once.
  process.once('exit', kill);
  const closed = once(child, 'close').catch(() => undefined);
  try {
    if (signal.aborted) interrupt();
    const [exitCode, killedBy] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
    // What it had started holds its pipes open, and dies with it.
    kill();
    await Promise.race([closed, late(LAST_BYTES_MS)]);
    return { stdout, stderr, exitCode, killedBy, startError: undefined, endedFor };
  } catch (thrown) {
    return { stdout, stderr, exitCode: null, killedBy: null, startError: toError(thrown), endedFor };
  } finally {
    clearTimeout(killTimer);
    clearTimeout(limitTimer);
    signal.removeEventListener('abort', interrupt);
    process.off('exit', kill);
    child.stdout.destroy();
    child.stderr.destroy();
  }
}

function late(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms).unref());
}

/** By the id of the group that was made for it. */
function signalGroup({ pid }: ChildProcess, name: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, name);
  } catch {
    // Nobody is left in the group.
  }
}
