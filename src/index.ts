/**
 * The library: what `import … from 'redlock-bench'` gives.
 *
 * @module
 */
export type { Endpoint } from './model/endpoint.js';
export { EnvironmentError, RedlockBenchError, UsageError } from './model/errors.js';
export { seededRandom, type Random } from './model/random.js';
export { systemClock, type Clock, type Ns } from './model/time.js';
export {
  AcquireAbortedError,
  LockExpiredError,
  LockHeldError,
  LockLostError,
  QuorumUnreachableError,
} from './redlock/errors.js';
export type { ExtendOutcome, Lock, ReleaseOutcome } from './redlock/lock.js';
export type { Ballot, Master, MasterFactory, Vote } from './redlock/master.js';
export type { RedlockObserver } from './redlock/observer.js';
export type { RedlockOptions } from './redlock/options.js';
export { Redlock, type AcquireOptions, type AcquireOutcome } from './redlock/redlock.js';
export type { MasterSource } from './redlock/sources.js';
