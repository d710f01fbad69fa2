/**
 * Locks in other languages: which command runs the driver process that measures one.
 *
 * @module
 */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { splitWords } from '../model/command-words.js';
import { UsageError } from '../model/errors.js';
import { MOST_MASTERS } from '../model/scenario.js';
import type { LockAdapter } from './lock-client.js';

/** A lock that no thread of ours can open: a process of its own runs the clients. See `drivers/README.md`. */
export interface DriverLock extends LockAdapter {
  /** The words of the command, the program first. */
  readonly command: readonly string[];
  /** What to install when the driver cannot be started. */
  readonly remedy: string;
}

/** Whether a lock is in another language. */
export function isDriverLock(lock: LockAdapter): lock is DriverLock {
  return 'command' in lock;
}

const SCHEME = 'process:';
/** A lock of a user says what it can do when it says hello. */
const UNKNOWN_YET = { maxMasters: MOST_MASTERS, canExtend: false };

/** The drivers that come with this package. */
export const DRIVER_LOCKS: readonly DriverLock[] = [
  driverLock(
    'redis-py',
    'redis-py (Python): one server, SET NX PX and polling every 100 ms, in a driver process',
    { maxMasters: 1, canExtend: false },
    ['python3', packagedFile('drivers/python/redis_py_lock.py')],
    'install it: apt-get install python3-redis, or python3 -m pip install redis',
  ),
];

/**
 * Makes a lock of `process:COMMAND`; undefined for any other name.
 *
 * @throws UsageError for a command that is empty or has an open quote
 */
export function parseDriverLock(name: string): DriverLock | undefined {
  if (!name.startsWith(SCHEME)) return undefined;
  const command = splitWords(name.slice(SCHEME.length));
  if (command?.[0] === undefined || command[0] === '') {
    throw new UsageError([
      `--lock: expected process: and a command with closed quotes, got ${name}; use --lock process:"python3 my_driver.py"`,
    ]);
  }
  const remedy = 'see drivers/README.md for what a driver does';
  return driverLock(name, 'a driver process of the user', UNKNOWN_YET, command, remedy);
}

function driverLock(
  name: string,
  description: string,
  capabilities: LockAdapter['capabilities'],
  command: readonly string[],
  remedy: string,
): DriverLock {
  const open = (): Promise<never> =>
    Promise.reject(new UsageError([`--lock ${name}: expected a driver runner, got a thread`]));
  return { name, description, capabilities, command, remedy, open };
}

/** A file of this package, whether this module runs from `src/` or from `dist/src/`. */
function packagedFile(path: string): string {
  const places = ['../../', '../../../'].map((root) => fileURLToPath(new URL(root + path, import.meta.url)));
  return places.find((place) => existsSync(place)) ?? path;
}
