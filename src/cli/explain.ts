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
    return EXIT_CODES.internalError;
  }
  for (const line of error.message.split('\n')) process.stderr.write(`redlock-bench: ${line}\n`);
  const isOurs = !(error instanceof UsageError || error instanceof GuardError || error instanceof EnvironmentError);
  return isOurs ? EXIT_CODES.internalError : EXIT_CODES.usage;
}
