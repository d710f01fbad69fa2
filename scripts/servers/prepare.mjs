/**
 * Servers of several kinds and ages for `npm run test:servers`, out of packages of Debian's suites: unpacked into a cache
 * outside of the tree, each started by the dynamic loader of its own suite.
 *
 * @module
 */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { announce, runCommand } from '../setup/command.mjs';
import { findMirror, openSuite } from './apt-suite.mjs';

/** What a server needs of its own suite, in whichever of these names the suite has it. */
const LIBRARIES = [
  'libc6',
  'libgcc-s1',
  'libstdc++6',
  'libatomic1',
  'libjemalloc2',
  'liblzf1',
  'libsystemd0',
  'libcap2',
  'zlib1g',
  'libzstd1',
];
const OLD_LIBRARIES = [...LIBRARIES, 'libssl3', 'libgcrypt20', 'libgpg-error0', 'liblzma5', 'liblz4-1'];
const NEW_LIBRARIES = [...LIBRARIES, 'libssl3t64'];

/** The -tools packages hold the server under its checker's name, and start nothing. The last suite named is the server's. */
const SERVERS = [
  { name: 'redis-7.0', suites: ['bookworm'], product: 'redis', libraries: OLD_LIBRARIES },
  { name: 'valkey-8.0', suites: ['bookworm', 'bookworm-backports'], product: 'valkey', libraries: OLD_LIBRARIES },
  { name: 'redis-newest', suites: ['sid'], product: 'redis', libraries: NEW_LIBRARIES },
  { name: 'valkey-newest', suites: ['sid'], product: 'valkey', libraries: NEW_LIBRARIES },
];

/** One entry for each server: `path` of what starts it, or `reason` why it is not to be had. */
export async function prepareServers() {
  const servers = [];
  // One after another: two may share a suite, and apt-get locks its lists.
  for (const server of SERVERS) servers.push({ name: server.name, ...(await prepare(server)) });
  return servers;
}

async function prepare({ name, suites, product, libraries }) {
  const root = path.join(cacheFolder(), name);
  const starter = path.join(root, `${product}-server`);
  if (await runs(starter)) return { path: starter };
  const mirror = findMirror();
  if (mirror === undefined)
    return { reason: 'it is unpacked from Debian packages, and this system has no sources of them' };
  announce(`unpacking ${product}-tools of Debian ${suites.at(-1)} into ${root}`);
  const work = fs.mkdtempSync(path.join(os.tmpdir(), 'redlock-bench-apt-'));
  try {
    fs.rmSync(root, { recursive: true, force: true });
    fs.mkdirSync(root, { recursive: true });
    const unpack = await openSuite(mirror, suites, work);
    await unpack([`${product}-tools`, ...libraries], root);
    writeStarter(starter, root, product);
    const answer = await runCommand(starter, ['--version']);
    return answer.succeeded
      ? { path: starter }
      : { reason: `it does not run: ${answer.output.trim().split('\n').at(-1)}` };
  } catch (error) {
    return { reason: `it could not be unpacked: ${error.message}` };
  } finally {
    fs.rmSync(work, { recursive: true, force: true });
  }
}

/** A suite that is newer than this system needs its own C library, and so its own loader. */
function writeStarter(starter, root, product) {
  const folders = ['lib', 'usr/lib'].map((part) => path.join(root, part)).filter((folder) => fs.existsSync(folder));
  const libraries = folders.flatMap((folder) =>
    fs
      .readdirSync(folder)
      .filter((entry) => entry.includes('-linux-gnu'))
      .map((entry) => path.join(folder, entry)),
  );
  const loader = libraries.flatMap((folder) =>
    fs
      .readdirSync(folder)
      .filter((entry) => /^ld-linux.*\.so\.\d+$/.test(entry))
      .map((entry) => path.join(folder, entry)),
  )[0];
  if (loader === undefined) throw new Error('its C library has no loader');
  const command = [loader, '--argv0', `${product}-server`, '--library-path', libraries.join(':')];
  const server = path.join(root, 'usr/bin', `${product}-check-rdb`);
  fs.writeFileSync(starter, `#!/bin/sh\nexec ${command.map(quote).join(' ')} ${quote(server)} "$@"\n`, { mode: 0o755 });
}

const quote = (word) => `'${word.replaceAll("'", `'\\''`)}'`;

async function runs(starter) {
  return fs.existsSync(starter) && (await runCommand(starter, ['--version'])).succeeded;
}

/** Where all of this is kept between two runs. */
export function cacheFolder() {
  const cache = process.env.XDG_CACHE_HOME || path.join(os.homedir(), '.cache');
  return path.join(cache, 'redlock-bench', 'servers');
}
