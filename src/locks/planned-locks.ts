/**
 * Locks that cannot be measured yet, with what each waits for. A row moves away when its adapter or its driver comes.
 *
 * @module
 */
import type { LockListing } from '../model/lock-listing.js';
import { MOST_MASTERS } from '../model/scenario.js';

const JAVA = 'a driver process in Java';

/** Listed behind the locks of their kind that can be measured. */
export const PLANNED_LOCKS: readonly LockListing[] = [
  planned('set-nx-px with a replica', {
    kind: 'algorithm',
    description: 'SET NX PX on a master whose replica takes over when it fails',
    canExtend: true,
    flaw: 'A replica that is promoted before the key has reached it grants the lock again.',
    waitsFor: 'a failover topology, and faults',
  }),
  planned('redsync', {
    description: 'go-redsync/redsync (Go): Redlock, all masters at once',
    maxMasters: MOST_MASTERS,
    canExtend: true,
    waitsFor: 'a driver process in Go',
  }),
  planned('redisson-lock', {
    description: 'Redisson RLock (Java): a hash with a ttl, by scripts; with a lease, or renewed by a watchdog',
    waitsFor: JAVA,
  }),
  planned('redisson-fair-lock', {
    description: 'Redisson RFairLock (Java): RLock with a queue of waiters, first come, first served',
    waitsFor: JAVA,
  }),
  planned('redisson-read-write-lock', {
    description: 'Redisson RReadWriteLock (Java): RLock with a shared mode for readers',
    waitsFor: JAVA,
  }),
  planned('redisson-redlock', {
    description: 'Redisson RedissonRedLock, MultiLock (Java): RLocks of N masters, one after another',
    maxMasters: MOST_MASTERS,
    waitsFor: JAVA,
  }),
  planned('php-class', {
    description: 'The script of setnx-expire-script, run by PHP itself',
    flaw: 'Its ids come from a small space, and its repair gives a ttl to keys that are not its own.',
    waitsFor: 'a driver process in PHP',
  }),
];

type Told = Pick<LockListing, 'description' | 'waitsFor'> & Partial<LockListing>;

/** Most are drivers of locks on one server of which nothing bad is known. */
function planned(name: string, told: Told): LockListing {
  return {
    name,
    kind: 'driver',
    maxMasters: 1,
    canExtend: false,
    version: null,
    flaw: null,
    install: null,
    ...told,
    isUnsafe: told.flaw !== undefined,
  };
}
