/**
 * Runs the programs of a container engine: without a shell, and out of reach of the terminal's Ctrl-C.
 *
 * @module
 */
import { spawn } from 'node:child_process';

/** How a program ended. */
export interface CommandEnd {
  /** Null when it could not be started, or was ended by a signal. */
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** There is no such program. */
  readonly isMissing: boolean;
}

/** Runs a program, its name and its arguments, to its end. An abort interrupts it. */
export type CommandRunner = (words: readonly string[], signal?: AbortSignal) => Promise<CommandEnd>;

/** A runner with these variables. */
export function commandRunner(environment: NodeJS.ProcessEnv): CommandRunner {
  return ([program = '', ...words], signal) =>
    new Promise((settle) => {
      // A group of its own: Ctrl-C must not end a take-down, or an engine's client half-way.
      const child = spawn(program, words, { env: environment, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
      const interrupt = (): void => void child.kill('SIGINT');
      signal?.addEventListener('abort', interrupt, { once: true });
      let [stdout, stderr, isMissing] = ['', '', false];
      child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
      child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
      child.once('error', (error: NodeJS.ErrnoException) => {
        isMissing = error.code === 'ENOENT';
        stderr += error.message;
      });
      child.once('close', (exitCode) => {
        signal?.removeEventListener('abort', interrupt);
        settle({ exitCode: isMissing ? null : exitCode, stdout, stderr, isMissing });
      });
    });
}

/** The last lines of what a program said, without empty ones. */
export function lastWords({ stdout, stderr }: Pick<CommandEnd, 'stdout' | 'stderr'>, lines = 1): string {
  const said = `${stdout}\n${stderr}`.split('\n').map((line) => line.trim());
  return said
    .filter((line) => line !== '')
    .slice(-lines)
    .join('\n  ');
}
