/**
 * A Redis server: the one that the tool itself would find, else one from the system's package manager.
 *
 * @module
 */
import process from 'node:process';
import { aptInstaller } from './apt.mjs';
import { announce, isOnPath, runCommand, SetupError } from './command.mjs';

/**
 * Debian's and Ubuntu's -tools packages hold the server under its checker's name and start no service on port 6379, so
 * they come first.
 */
const APT_PACKAGES = [
  { name: 'redis-tools', note: 'starts no service' },
  { name: 'valkey-tools', note: 'starts no service' },
  { name: 'redis-server', note: 'may start a service on port 6379' },
  { name: 'valkey-server', note: 'may start a service on port 6379' },
];

/** Whether the tool would find a server to spawn. Needs a finished build. */
export async function hasServer() {
  // The tool's own search, so that set-up and runs can never disagree about what counts as found.
  const { locateServer } = await import('../../dist/src/servers/locate.js');
  try {
    return (await locateServer(undefined, process.env)) !== undefined;
  } catch (error) {
    if (error.code !== 'USAGE') throw error;
    throw new SetupError(error.message, { exitCode: 2 });
  }
}

export async function installServer() {
  const outputs = [];
  const install = await aptInstaller();
  if (install !== undefined && (await installWithApt(install, outputs))) return;
  if (isOnPath('brew') && (await installWithBrew(outputs))) return;
  const { adviseServer } = await import('../../dist/src/servers/server-advice.js');
  throw new SetupError(
    `expected a redis-server, valkey-server or keydb-server on PATH or in REDLOCK_BENCH_SERVER, got none; ${adviseServer(process.env)}`,
    { output: outputs.join('\n') },
  );
}

async function installWithApt(aptGet, outputs) {
  announce('no Redis server found; asking apt-get what it has (apt-get update)');
  const update = await aptGet(['update']);
  // One broken source fails the update although the packages are there, so the installation is tried all the same.
  if (!update.succeeded) outputs.push(update.output);
  for (const { name, note } of APT_PACKAGES) {
    announce(`installing a Redis server (apt-get install ${name}, ${note})`);
    const { succeeded, output } = await aptGet(['install', '-y', '--no-install-recommends', name]);
    if (succeeded && (await hasServer())) return true;
    outputs.push(output);
  }
  return false;
}

async function installWithBrew(outputs) {
  announce('installing a Redis server (brew install redis, starts no service)');
  const { succeeded, output } = await runCommand('brew', ['install', 'redis']);
  if (succeeded && (await hasServer())) return true;
  outputs.push(output);
  return false;
}
