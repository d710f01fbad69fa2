/**
 * apt-get, where there is one and this user may install with it.
 *
 * @module
 */
import process from 'node:process';
import { isOnPath, runCommand } from './command.mjs';

/** A function that runs apt-get with the rights to install; undefined without one, or without the rights. */
export async function aptInstaller() {
  if (!isOnPath('apt-get')) return undefined;
  const settings = ['DEBIAN_FRONTEND=noninteractive', 'apt-get', '-q', '-o', 'DPkg::Lock::Timeout=120'];
  if (process.getuid() === 0) return (args) => runCommand('env', [...settings, ...args]);
  const canSudo = isOnPath('sudo') && (await runCommand('sudo', ['-n', 'true'])).succeeded;
  return canSudo ? (args) => runCommand('sudo', ['-n', 'env', ...settings, ...args]) : undefined;
}

/** Installs packages; when that fails, the lists of packages may be missing or old, so once more with new ones. */
export async function installPackages(aptGet, packages) {
  const install = () => aptGet(['install', '-y', '--no-install-recommends', ...packages]);
  const first = await install();
  if (first.succeeded) return first;
  await aptGet(['update']);
  return install();
}
