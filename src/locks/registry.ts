/**
 * The locks that can be measured, by name.
 *
 * @module
 */
import { UsageError } from '../model/errors.js';
import { LOCK_KINDS, type LockListing } from '../model/lock-listing.js';
import { ALGORITHMS } from './algorithms.js';
import { DRIVER_LOCKS, parseDriverLock } from './driver-lock.js';
import type { LockAdapter } from './lock-client.js';
import { MUTANTS, MUTANT_PREFIX } from './mutants.js';
import { findNpmLock, listNpmLocks, NPM_PREFIX } from './npm/libraries.js';
import { importLock, isModuleName } from './own-lock.js';
import { PLANNED_LOCKS } from './planned-locks.js';
import { redlockAdapter } from './redlock.js';

const BUILT_IN: readonly LockAdapter[] = [redlockAdapter, ...ALGORITHMS, ...DRIVER_LOCKS];

/** Every lock that there is or will be, with its kin; those that cannot be measured yet stand behind the others. */
export function listLocks(): readonly LockListing[] {
  const all = [...BUILT_IN.map(describeAdapter), ...listNpmLocks(), ...PLANNED_LOCKS];
  return LOCK_KINDS.flatMap((kind) => all.filter((lock) => lock.kind === kind));
}

/**
 * Finds a lock by its name, or imports it from a module of the user: `./lock.mjs`, an absolute path or a `file:` URL
 * that exports a LockAdapter. Relative paths count from the working directory. `process:COMMAND` is a lock in
 * another language.
 *
 * @throws UsageError for an unknown name, a module that cannot be imported, or an export that is no adapter
 */
export async function findAdapter(name: string): Promise<LockAdapter> {
  if (isModuleName(name)) return importLock(name);
  if (name.startsWith(NPM_PREFIX)) return findNpmLock(name);
  const driverLock = parseDriverLock(name);
  if (driverLock !== undefined) return driverLock;
  const mine = name.startsWith(MUTANT_PREFIX) ? MUTANTS : BUILT_IN;
  const adapter = mine.find((one) => one.name === name);
  if (adapter !== undefined) return adapter;
  const planned = PLANNED_LOCKS.find((one) => one.name === name);
  if (planned !== undefined) {
    throw new UsageError([
      `--lock ${name}: expected a lock that can be measured, got one that waits for ${planned.waitsFor ?? 'its adapter'}`,
    ]);
  }
  const known = BUILT_IN.map((one) => one.name).join(', ');
  const others = 'npm:NAME (see redlock-bench locks), a path such as ./my-lock.mjs, or process:COMMAND';
  throw new UsageError([
    `--lock: expected one of ${known}, ${others}, got ${name === '' ? 'nothing' : name}${hint(name)}`,
  ]);
}

/** For who knows a library by its name on npm. */
function hint(name: string): string {
  const npmName = `${NPM_PREFIX}${name}`;
  const isOnNpm = listNpmLocks().some(
    (lock) => lock.name.replace(/(.)@\d+$/, '$1') === npmName.replace(/(.)@\d.*$/, '$1'),
  );
  return isOnNpm ? `; did you mean ${npmName}?` : '';
}

function describeAdapter(adapter: LockAdapter): LockListing {
  const { name, description, capabilities, version, flaw } = adapter;
  const driver = DRIVER_LOCKS.find((lock) => lock === adapter);
  return {
    name,
    kind: adapter === redlockAdapter ? 'own' : driver === undefined ? 'algorithm' : 'driver',
    // Only its process knows what is installed for it, and in which version.
    description: driver === undefined ? description : `${description}; ${driver.remedy}`,
    maxMasters: capabilities.maxMasters,
    canExtend: capabilities.canExtend,
    version: version ?? null,
    isUnsafe: flaw !== undefined,
    flaw: flaw ?? null,
    install: null,
    waitsFor: null,
  };
}
