/**
 * What to do where no server was found. Set-up and runs share this one answer, in a checkout and in an installed package.
 *
 * @module
 */
import { findOnPath } from './locate.js';

/** What to type where a package manager has a server; Debian's redis-tools starts no service. */
const INSTALL_COMMANDS = [
  { manager: 'apt-get', command: 'sudo apt-get install -y redis-tools' },
  { manager: 'brew', command: 'brew install redis' },
  { manager: 'dnf', command: 'sudo dnf install -y redis' },
  { manager: 'apk', command: 'sudo apk add redis' },
  { manager: 'pacman', command: 'sudo pacman -S valkey' },
  { manager: 'zypper', command: 'sudo zypper install redis' },
];

/** How to get a server on this machine, by the package manager that is on PATH. */
export function adviseServer(environment: NodeJS.ProcessEnv): string {
  const known = INSTALL_COMMANDS.find(({ manager }) => findOnPath(manager, environment) !== undefined);
  return known === undefined
    ? 'install Redis (https://redis.io/docs/latest/operate/oss_and_stack/install)'
    : `run: ${known.command}`;
}
