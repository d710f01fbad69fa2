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
  FenceRefusedError,
  LockExpiredError,
  LockHeldError,
  LockLostError,
  LockReleasedError,
  LockValidityEndedError,
  QuorumUnreachableError,
} from './redlock/errors.js';
export { compareFences, formatFence, type Fence } from './redlock/fence.js';
export type { ExtendOutcome, Lock, ReleaseOutcome } from './redlock/lock.js';
export type { Ballot, Master, MasterFactory, MasterVote, ScriptReply, Vote } from './redlock/master.js';
export type { AttemptReport, RedlockObserver } from './redlock/observer.js';
export type { RedlockOptions } from './redlock/options.js';
export type { AcquireOptions, AcquireOutcome } from './redlock/acquisition.js';
export { Redlock, type RedlockEvents, type UsingOptions } from './redlock/redlock.js';
export type { KeepAliveOptions } from './redlock/renewal.js';
export type { MasterSource } from './redlock/sources.js';
export type { UsingRoutine } from './redlock/using.js';
