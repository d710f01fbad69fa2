/**
 * Runs the programs of a container engine: without a shell, out of reach of the terminal's Ctrl-C, and not for ever.
 *
 * @module
 */
import { spawn, type ChildProcess } from 'node:child_process';

/** How a program ended. */
export interface CommandEnd {
  /** Null when it could not be started, or was ended by a signal. */
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** There is no such program. */
  readonly isMissing: boolean;
}

/**
 * Runs a program, its name and its arguments, to its end, for `limitMs` at most.
 *
 * @throws the reason of the runner's signal, once the program has ended
 */
export type CommandRunner = (words: readonly string[], limitMs?: number) => Promise<CommandEnd>;

/** What an engine that works needs seconds for at the very most. */
const USUAL_LIMIT_MS = 30_000;
/** From the interrupt to the kill. */
const GRACE_MS = 5_000;

/** A runner with these variables. An abort interrupts what runs, and nothing is started after it. */
export function commandRunner(environment: NodeJS.ProcessEnv, signal?: AbortSignal): CommandRunner {
  return async ([program = '', ...words], limitMs = USUAL_LIMIT_MS) => {
    signal?.throwIfAborted();
    // A group of its own: Ctrl-C must not end a take-down, or an engine's client half-way.
    const child = spawn(program, words, { env: environment, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
    const timers: NodeJS.Timeout[] = [];
    const killAfter = (ms: number): void => {
      // As long as a timer can be: no limit.
      if (ms < 2 ** 31) timers.push(setTimeout(signalGroup, ms, child, 'SIGKILL'));
    };
    const interrupt = (): void => {
      signalGroup(child, 'SIGINT');
      killAfter(GRACE_MS);
    };
    signal?.addEventListener('abort', interrupt, { once: true });
    killAfter(limitMs);
    try {
      const end = await endOf(child);
      signal?.throwIfAborted();
      const isKilled = child.signalCode === 'SIGKILL';
      return isKilled ? { ...end, stderr: `${end.stderr}\nno end within ${String(limitMs)} ms` } : end;
    } finally {
      signal?.removeEventListener('abort', interrupt);
      for (const timer of timers) clearTimeout(timer);
    }
  };
}

function endOf(child: ChildProcess): Promise<CommandEnd> {
  return new Promise((settle) => {
    let [stdout, stderr, isMissing] = ['', '', false];
    child.stdout?.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    child.once('error', (error: NodeJS.ErrnoException) => {
      isMissing = error.code === 'ENOENT';
      stderr += error.message;
    });
    child.once('close', (exitCode) => {
      settle({ exitCode: isMissing ? null : exitCode, stdout, stderr, isMissing });
    });
  });
}

/** The whole group: `docker` starts its plugins as programs of their own and hands no signal on. */
function signalGroup({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch {
    // It has just ended.
  }
}

/** The last lines of what a program said, without empty ones. */
export function lastWords({ stdout, stderr }: Pick<CommandEnd, 'stdout' | 'stderr'>, lines = 1): string {
  const said = `${stdout}\n${stderr}`.split('\n').map((line) => line.trim());
  return said
    .filter((line) => line !== '')
    .slice(-lines)
    .join('\n  ');
}
