/**
 * Images that stand for those that the compose files name, made of Debian's packages: their servers, what these are
 * linked against, and a shell. Their entry point does what that of the official images does: it puts the server before a
 * file that ends in .conf, and drops the rights of root.
 *
 * @module
 */
import fs from 'node:fs';
import path from 'node:path';
import { announce, isOnPath, runCommand, SetupError } from '../setup/command.mjs';

const BACKPORTS =
  'deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] http://deb.debian.org/debian bookworm-backports main';
/** As the compose files name them, and as compose/README.md names the other server. */
const SERVERS = [
  { name: 'redis', tag: 'redis:7.2.7', debs: ['redis-tools'] },
  { name: 'valkey', tag: 'valkey/valkey:8.0.1', debs: ['valkey-tools'] },
];
const TOXIPROXY = {
  tag: 'ghcr.io/shopify/toxiproxy:2.5.0',
  module: 'github.com/Shopify/toxiproxy/v2',
  version: 'v2.5.0',
};
const SHELL_COMMANDS = ['sh', 'sed', 'grep', 'sleep', 'true', 'ls', 'find', 'id', 'chown', 'start-stop-daemon'];

/** Builds and tags them; gives variables that tell the tests what could not be built. */
export async function buildImages(docker, folder) {
  announce('building images from Debian packages');
  fs.mkdirSync(folder);
  await download(folder, ['busybox-static', ...SERVERS.flatMap(({ debs }) => debs)]);
  for (const { name, tag } of SERVERS) {
    const root = makeRoot(folder, name);
    const programs = [
      [path.join(folder, `unpacked/usr/bin/${name}-check-rdb`), `${name}-server`],
      [path.join(folder, `unpacked/usr/bin/${name}-cli`), `${name}-cli`],
    ];
    for (const [from, to] of programs) await copyProgram(from, path.join(root, 'usr/local/bin', to), root);
    const entry = path.join(root, 'usr/local/bin/docker-entrypoint.sh');
    fs.writeFileSync(entry, entryPoint(name), { mode: 0o755 });
    fs.writeFileSync(path.join(root, 'etc/passwd'), `${name}:x:999:999::/data:/bin/sh\n`);
    await importRoot(docker, folder, root, tag, [
      'WORKDIR /data',
      'VOLUME /data',
      'ENV PATH=/usr/local/bin:/bin',
      'ENTRYPOINT ["docker-entrypoint.sh"]',
      `CMD ["${name}-server"]`,
    ]);
  }
  return (await buildProxy(docker, folder)) ? {} : { REDLOCK_BENCH_TEST_NO_PROXY: 'no go on PATH to build it with' };
}

/** Root gives its folder to a user without rights and becomes that user, as in the official images. */
function entryPoint(name) {
  const server = `${name}-server`;
  return `#!/bin/sh
set -e
case "$1" in -*|*.conf) set -- ${server} "$@" ;; esac
if [ "$1" = ${server} ] && [ "$(id -u)" = 0 ]; then
  shift
  find . ! -user 999 -exec chown 999:999 {} +
  exec start-stop-daemon -S -q -c 999:999 -x /usr/local/bin/${server} -- "$@"
fi
exec "$@"
`;
}

/** Debian's packages, unpacked and not installed, some from its backports. */
async function download(folder, names) {
  const apt = path.join(folder, 'apt');
  for (const name of ['lists/partial', 'cache/archives/partial'])
    fs.mkdirSync(path.join(apt, name), { recursive: true });
  const list = path.join(apt, 'sources.list');
  fs.writeFileSync(list, `${BACKPORTS}\n${BACKPORTS.replace('bookworm-backports', 'bookworm')}\n`);
  const settings = [
    `Dir::Etc::SourceList=${list}`,
    'Dir::Etc::SourceParts=/dev/null',
    `Dir::State::Lists=${apt}/lists`,
    `Dir::Cache=${apt}/cache`,
    // What is installed here would be taken for what is to be had.
    'Dir::State::Status=/dev/null',
    'APT::Sandbox::User=root',
  ].flatMap((setting) => ['-o', setting]);
  await must('apt-get', ['-q', ...settings, 'update']);
  for (const name of names) {
    await must('sh', ['-c', 'cd "$1" && shift && exec apt-get "$@"', 'sh', apt, '-q', ...settings, 'download', name]);
  }
  for (const file of fs.readdirSync(apt).filter((name) => name.endsWith('.deb'))) {
    await must('dpkg', ['-x', path.join(apt, file), path.join(folder, 'unpacked')]);
  }
}

function makeRoot(folder, name) {
  const root = path.join(folder, name);
  for (const part of ['usr/local/bin', 'bin', 'etc', 'tmp', 'data']) {
    fs.mkdirSync(path.join(root, part), { recursive: true });
  }
  for (const part of ['tmp', 'data']) fs.chmodSync(path.join(root, part), 0o1777);
  fs.copyFileSync(path.join(folder, 'unpacked/bin/busybox'), path.join(root, 'bin/busybox'));
  for (const command of SHELL_COMMANDS) fs.symlinkSync('busybox', path.join(root, 'bin', command));
  return root;
}

/** A program and the libraries of this machine that it is linked against. */
async function copyProgram(from, to, root) {
  fs.copyFileSync(fs.realpathSync(from), to);
  fs.chmodSync(to, 0o755);
  const { output } = await runCommand('ldd', [to]);
  const missing = /^\s*(\S+) => not found/m.exec(output);
  if (missing !== null) throw new SetupError(`expected ${missing[1]} on this machine, which ${from} needs, got none`);
  for (const [library] of output.matchAll(/\/\S+\.so\S*/g)) {
    fs.mkdirSync(path.join(root, path.dirname(library)), { recursive: true });
    fs.copyFileSync(fs.realpathSync(library), path.join(root, library));
  }
}

async function buildProxy(docker, folder) {
  if (!isOnPath('go')) return false;
  announce(`building ${TOXIPROXY.module} ${TOXIPROXY.version} (go install)`);
  const bin = path.join(folder, 'go-bin');
  const programs = ['server', 'cli'].map((name) => `${TOXIPROXY.module}/cmd/${name}@${TOXIPROXY.version}`);
  await must('env', [`GOBIN=${bin}`, 'CGO_ENABLED=0', 'go', 'install', ...programs]);
  const root = path.join(folder, 'toxiproxy');
  fs.mkdirSync(path.join(root, 'etc'), { recursive: true });
  fs.renameSync(path.join(bin, 'server'), path.join(root, 'toxiproxy'));
  fs.renameSync(path.join(bin, 'cli'), path.join(root, 'toxiproxy-cli'));
  await importRoot(docker, folder, root, TOXIPROXY.tag, ['ENTRYPOINT ["/toxiproxy"]', 'CMD ["-host=0.0.0.0"]']);
  return true;
}

async function importRoot(docker, folder, root, tag, changes) {
  const archive = path.join(folder, 'root.tar');
  await must('tar', ['-C', root, '-cf', archive, '.']);
  const { succeeded, output } = await docker([
    'import',
    ...changes.flatMap((change) => ['--change', change]),
    archive,
    tag,
  ]);
  if (!succeeded) throw new SetupError(`docker import of ${tag} failed`, { output });
}

async function must(command, args) {
  const { succeeded, output } = await runCommand(command, args);
  if (!succeeded) throw new SetupError(`${command} ${args.slice(-2).join(' ')} failed`, { output });
}
