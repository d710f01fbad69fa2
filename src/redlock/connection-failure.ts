/**
 * Why a connection failed, in words that may be shown.
 *
 * @module
 */
import { toError } from '../model/errors.js';

/**
 * The message of an error of a connection, without what it repeats of our commands: a server that does not know AUTH
 * quotes its arguments, and so the password. An error for every address of a host has no message of its own.
 */
export function describeFailure(thrown: unknown): string {
  const error = toError(thrown);
  if (error instanceof AggregateError && error.message === '') {
    return (error.errors as readonly unknown[]).map(describeFailure).join(', ');
  }
  return error.message.replace(/, with args beginning with.*/s, '');
}
