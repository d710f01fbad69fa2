/**
 * redis-py, which the tests of the reference driver measure. Without it those tests are skipped, with their reason.
 *
 * @module
 */
import { aptInstaller, installPackages } from './apt.mjs';
import { announce, isOnPath, runCommand } from './command.mjs';

const PACKAGE = 'python3-redis';
/** The system's own Python may have it although another one comes first on PATH: the driver looks there, too. */
const PYTHONS = ['python3', '/usr/bin/python3'];

/** Installs it where that needs nobody's help: vitest calls this before the first of the suites that have such tests. */
export async function setup() {
  if (!isOnPath('python3') || (await hasPythonRedis())) return;
  const aptGet = await aptInstaller();
  if (aptGet === undefined) return;
  announce(`installing redis-py for the tests of its driver (apt-get install ${PACKAGE})`);
  const { succeeded, ending } = await installPackages(aptGet, [PACKAGE]);
  if (!succeeded) announce(`${PACKAGE} could not be installed (${ending}); the tests of its driver will be skipped`);
}

async function hasPythonRedis() {
  for (const python of PYTHONS) {
    if ((await runCommand(python, ['-c', 'import redis'])).succeeded) return true;
  }
  return false;
}
