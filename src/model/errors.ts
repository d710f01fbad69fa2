/**
 * Errors that end a command. What a lock answers is an outcome, never one of these.
 *
 * @module
 */

/** The base of every error of this project: a stable `code`, and a message that says expected, got and fix. */
export class RedlockBenchError extends Error {
  override readonly name: string = 'RedlockBenchError';
  readonly code: string;

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** The caller asked for something impossible: exit code 2. Carries every problem at once. */
export class UsageError extends RedlockBenchError {
  override readonly name: string = 'UsageError';
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super('USAGE', problems.join('\n'));
    this.problems = problems;
  }
}

/** A lock cannot do what the scenario asks of it: exit code 2. What else was asked may go on without that lock. */
export class UnsupportedError extends UsageError {
  override readonly name = 'UnsupportedError';
}

/** A guard rail refused the target or the action: exit code 2. */
export class GuardError extends RedlockBenchError {
  override readonly name = 'GuardError';

  constructor(message: string, options?: ErrorOptions) {
    super('GUARD', message, options);
  }
}

/** The environment lacks what the run needs (a server, a port, a reachable master): exit code 2. */
export class EnvironmentError extends RedlockBenchError {
  override readonly name = 'EnvironmentError';

  constructor(message: string, options?: ErrorOptions) {
    super('ENVIRONMENT', message, options);
  }
}

/** Narrows anything thrown to an Error, so that a cause is never lost. */
export function toError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}
