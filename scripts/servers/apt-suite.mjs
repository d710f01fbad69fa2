/**
 * One suite of Debian beside the system: its lists of packages in a folder of their own, so that nothing is installed and
 * nobody needs to be root.
 *
 * @module
 */
import fs from 'node:fs';
import path from 'node:path';
import { isOnPath, runCommand } from '../setup/command.mjs';

const SOURCES = ['/etc/apt/sources.list.d/debian.sources', '/etc/apt/sources.list'];

/** Where this system gets its own packages from, and whom it trusts for that; undefined where that is not Debian. */
export function findMirror() {
  if (!['apt-get', 'dpkg'].every(isOnPath)) return undefined;
  for (const file of SOURCES) {
    const text = fs.existsSync(file) ? fs.readFileSync(file, 'utf8') : '';
    const uri =
      /^URIs:\s*(\S+\/debian)\/?\s/m.exec(text)?.[1] ?? /^deb\s.*?(\S+:\/\/\S+\/debian)\/?\s/m.exec(text)?.[1];
    const keyring = /^Signed-By:\s*(\/\S+)/m.exec(text)?.[1] ?? '/usr/share/keyrings/debian-archive-keyring.gpg';
    if (uri !== undefined && fs.existsSync(keyring)) return { uri, keyring };
  }
  return undefined;
}

/** Reads the lists of the suites into a folder; gives what downloads and unpacks packages of theirs into another. */
export async function openSuite(mirror, suites, folder) {
  for (const part of ['lists/partial', 'cache/archives/partial', 'debs']) {
    fs.mkdirSync(path.join(folder, part), { recursive: true });
  }
  // As if nothing were installed: a package must not be taken for unneeded.
  fs.writeFileSync(path.join(folder, 'status'), '');
  const sources = [
    'Types: deb',
    `URIs: ${mirror.uri}`,
    `Suites: ${suites.join(' ')}`,
    'Components: main',
    `Signed-By: ${mirror.keyring}`,
  ];
  fs.writeFileSync(path.join(folder, 'suite.sources'), `${sources.join('\n')}\n`);
  const settings = {
    'Dir::State': folder,
    'Dir::State::lists': path.join(folder, 'lists'),
    'Dir::State::status': path.join(folder, 'status'),
    'Dir::Cache': path.join(folder, 'cache'),
    'Dir::Etc::sourcelist': path.join(folder, 'suite.sources'),
    'Dir::Etc::sourceparts': '/dev/null',
    'Acquire::Languages': 'none',
    'Acquire::Retries': '2',
    'APT::Sandbox::User': 'root',
    'APT::Default-Release': suites.at(-1),
  };
  const options = Object.entries(settings).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
  const debs = path.join(folder, 'debs');
  const aptGet = async (...args) => {
    const { succeeded, output } = await runCommand('env', ['-C', debs, 'apt-get', '-q', ...options, ...args]);
    if (!succeeded) throw new Error(lastLine(output));
  };
  await aptGet('update');
  return async (packages, root) => {
    await aptGet('download', ...packages);
    for (const deb of fs.readdirSync(debs).filter((name) => name.endsWith('.deb'))) {
      const { succeeded, output } = await runCommand('dpkg', ['-x', path.join(debs, deb), root]);
      if (!succeeded) throw new Error(lastLine(output));
      fs.rmSync(path.join(debs, deb));
    }
  };
}

function lastLine(output) {
  return (
    output
      .trim()
      .split('\n')
      .filter((line) => !line.startsWith('W:'))
      .at(-1) ?? 'no output'
  );
}
