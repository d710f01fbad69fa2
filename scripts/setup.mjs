/**
 * Set-up for a fresh machine: Node, dependencies, build, a Redis server. Silent and quick when there is nothing to do.
 *
 * These scripts run before anything is installed, on whatever Node there is: node: imports only, no syntax newer than
 * Node 14, and default imports, because a named one that an old Node lacks fails before the version can be checked.
 *
 * @module
 */
import process from 'node:process';
import { pathToFileURL } from 'node:url';
import { areDependenciesInstalled, installDependencies } from './setup/dependencies.mjs';
import { build, isBuilt } from './setup/build.mjs';
import { SetupError } from './setup/command.mjs';
import { withSetupLock } from './setup/lock.mjs';
import { requireNodeVersion } from './setup/node-version.mjs';
import { hasServer, installServer } from './setup/server.mjs';

/** Makes this checkout ready to run; ends the process with one clear line when it cannot. */
export async function ensureSetup({ needsServer = true } = {}) {
  try {
    requireNodeVersion();
    if (await isReady(needsServer)) return;
    await withSetupLock(async () => {
      // Another set-up may have finished while this one waited for the lock, so each step looks again.
      if (!areDependenciesInstalled()) await installDependencies();
      if (!isBuilt()) await build();
      if (needsServer && !(await hasServer())) await installServer();
    });
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    if (error.output !== '') process.stderr.write(`${error.output.trimEnd()}\n`);
    process.stderr.write(`set-up: ${error.message}\n`);
    process.exit(error.exitCode);
  }
}

async function isReady(needsServer) {
  return areDependenciesInstalled() && isBuilt() && (!needsServer || (await hasServer()));
}

// `npm pack` and `npm publish` build first, and need no server for it. Nobody who installs the package runs this.
if (import.meta.url === pathToFileURL(process.argv[1] || '').href) {
  await ensureSetup({ needsServer: !process.argv.includes('--no-server') });
}
