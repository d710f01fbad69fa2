/**
 * What the library throws: misuse, and outcomes that a caller of `acquire` or `extend` must not miss.
 *
 * @module
 */
import { RedlockBenchError } from '../model/errors.js';

/** The base of the errors of an acquisition; `attempts` were written before it ended. */
abstract class AcquisitionError extends RedlockBenchError {
  readonly resources: readonly string[];
  readonly attempts: number;

  constructor(code: string, message: string, resources: readonly string[], attempts: number, options?: ErrorOptions) {
    super(code, `${resources.join(', ')}: ${message} after ${String(attempts)} attempts`, options);
    this.resources = resources;
    this.attempts = attempts;
  }
}

/** Others hold the lock, and the acquire timeout is over. */
export class LockHeldError extends AcquisitionError {
  override readonly name = 'LockHeldError';

  constructor(resources: readonly string[], attempts: number) {
    super(
      'LOCK_HELD',
      'expected the lock, but others hold it; retry later or use a longer acquireTimeoutMs: given up',
      resources,
      attempts,
    );
  }
}

/** A quorum granted the lock, but so late that no validity was left; the grants were released. */
export class LockExpiredError extends AcquisitionError {
  override readonly name = 'LockExpiredError';

  constructor(resources: readonly string[], attempts: number) {
    super(
      'LOCK_EXPIRED',
      'expected some validity, but the ttl was used up while acquiring; use a longer ttlMs: given up',
      resources,
      attempts,
    );
  }
}

/** The caller's signal ended the waiting, or the client was closed. Its `cause` is the signal's reason. */
export class AcquireAbortedError extends AcquisitionError {
  override readonly name = 'AcquireAbortedError';

  constructor(resources: readonly string[], attempts: number, cause: unknown) {
    super('ACQUIRE_ABORTED', 'aborted by the caller', resources, attempts, { cause });
  }
}

/** So few masters answered that the outcome is open. */
export class QuorumUnreachableError extends RedlockBenchError {
  override readonly name = 'QuorumUnreachableError';

  constructor(message: string, options?: ErrorOptions) {
    super('QUORUM_UNREACHABLE', message, options);
  }
}

/** A quorum says that the lock is no longer ours, or its validity ended before it could be extended. */
export class LockLostError extends RedlockBenchError {
  override readonly name = 'LockLostError';

  constructor(resources: readonly string[]) {
    super(
      'LOCK_LOST',
      `${resources.join(', ')}: expected to extend a held lock, but it expired, was released or was taken over; stop the work that it protects`,
    );
  }
}
