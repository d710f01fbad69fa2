/**
 * What people read of an error, and its exit code.
 *
 * @module
 */
import { EXIT_CODES } from '../check/exit-code.js';
import { EnvironmentError, GuardError, RedlockBenchError, UsageError } from '../model/errors.js';

/** Says what went wrong in one line a problem; only a defect of this tool shows its stack. Gives the exit code. */
export function explain(error: Error): number {
  if (!(error instanceof RedlockBenchError)) {
    process.stderr.write(`redlock-bench: internal error, please report it: ${error.stack ?? error.message}\n`);
    return exitCodeOf(error);
  }
  for (const line of error.message.split('\n')) process.stderr.write(`redlock-bench: ${line}\n`);
  return exitCodeOf(error);
}

/** The exit code of what went wrong: ours, or one that the user can do something about. */
export function exitCodeOf(error: Error): number {
  const isTheirs = error instanceof UsageError || error instanceof GuardError || error instanceof EnvironmentError;
  return isTheirs ? EXIT_CODES.usage : EXIT_CODES.internalError;
}
