/**
 * What the library throws: misuse, and outcomes that a caller of `acquire` or `extend` must not miss.
 *
 * @module
 */
import { RedlockBenchError } from '../model/errors.js';
import type { MasterVote } from './master.js';

/** What an acquisition has to show for itself when it failed. */
interface Failure {
  readonly attempts: number;
  readonly votes: readonly MasterVote[];
}

/** The base of the errors of an acquisition; `attempts` were written before it ended, `votes` are those of the last. */
abstract class AcquisitionError extends RedlockBenchError {
  readonly resources: readonly string[];
  readonly attempts: number;
  readonly votes: readonly MasterVote[];

  constructor(code: string, message: string, resources: readonly string[], failure: Failure, options?: ErrorOptions) {
    super(code, `${resources.join(', ')}: ${message} after ${String(failure.attempts)} attempts`, options);
    this.resources = resources;
    this.attempts = failure.attempts;
    this.votes = failure.votes;
  }
}

/** Others hold the lock, and the acquire timeout is over. */
export class LockHeldError extends AcquisitionError {
  override readonly name = 'LockHeldError';

  constructor(resources: readonly string[], failure: Failure) {
    super(
      'LOCK_HELD',
      'expected the lock, but others hold it; retry later or use a longer acquireTimeoutMs: given up',
      resources,
      failure,
    );
  }
}

/** A quorum granted the lock, but so late that no validity was left; the grants were released. */
export class LockExpiredError extends AcquisitionError {
  override readonly name = 'LockExpiredError';

  constructor(resources: readonly string[], failure: Failure) {
    super(
      'LOCK_EXPIRED',
      'expected some validity, but the ttl was used up while acquiring; use a longer ttlMs: given up',
      resources,
      failure,
    );
  }
}

/** The caller's signal ended the waiting, or the client was closed. Its `cause` is the signal's reason. */
export class AcquireAbortedError extends AcquisitionError {
  override readonly name = 'AcquireAbortedError';

  constructor(resources: readonly string[], failure: Failure, cause: unknown) {
    super('ACQUIRE_ABORTED', 'aborted by the caller', resources, failure, { cause });
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

/** The validity of a lock that was kept alive ended, or nothing extends it any more; its `cause` says why, if known. */
export class LockValidityEndedError extends RedlockBenchError {
  override readonly name = 'LockValidityEndedError';

  constructor(resources: readonly string[], reason: string, options?: ErrorOptions) {
    super(
      'LOCK_VALIDITY_ENDED',
      `${resources.join(', ')}: expected to keep the lock, but ${reason}; stop the work that it protects`,
      options,
    );
  }
}

/** A lock that was kept alive was released by its holder. */
export class LockReleasedError extends RedlockBenchError {
  override readonly name = 'LockReleasedError';

  constructor(resources: readonly string[]) {
    super('LOCK_RELEASED', `${resources.join(', ')}: the lock was released; acquire it again for further work`);
  }
}

/** No quorum took a fence for the granted lock; the grants were released. */
export class FenceRefusedError extends RedlockBenchError {
  override readonly name = 'FenceRefusedError';

  constructor(resource: string, reason: string) {
    super('FENCE_REFUSED', `${resource}: expected a quorum to store a fence, but ${reason}; acquire again`);
  }
}
