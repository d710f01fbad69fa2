import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { makeFolder, packInto, removeFolder, runIn } from './package.fixture.js';

const REPOSITORY = fileURLToPath(new URL('..', import.meta.url));
const IN_CHECKOUT = path.join(REPOSITORY, 'node_modules');

let root = '';
/** Where the package is installed. */
let folder = '';
let tarball: Buffer;

beforeAll(async () => {
  root = await makeFolder();
  folder = path.join(root, 'user');
  await mkdir(folder);
  const file = await packInto(path.join(root, 'packed'));
  tarball = await readFile(file);
  const flags = ['--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline'];
  expect(await runIn(folder, ['npm', 'install', ...flags, file])).toMatchObject({ exitCode: 0, stderr: '' });
});

afterAll(() => removeFolder(root));

it('publint, which takes warnings for errors, has nothing to say', async () => {
  const { messages, pkg } = await publint({ pack: { tarball: new Uint8Array(tarball).buffer }, strict: true });
  expect(messages.map((message) => formatMessage(message, pkg, { color: false }))).toEqual([]);
});

it('are-the-types-wrong finds nothing where ES modules can be had', async () => {
  // The other entries are files to read, and no modules.
  const analysis = await checkPackage(createPackageFromTarballData(tarball), { entrypoints: ['.', './lock'] });
  if (analysis.types === false) throw new Error('expected types, got none');
  // Its profile esm-only: how node10 and CommonJS resolve is left out.
  const problems = analysis.problems.filter(
    (problem) => !('resolutionKind' in problem) || !['node10', 'node16-cjs'].includes(problem.resolutionKind),
  );
  expect(problems).toEqual([]);
});

it('a strict project in TypeScript that checks its libraries compiles against the library and the types of a lock', async () => {
  await mkdir(path.join(folder, 'node_modules/@types'), { recursive: true });
  await symlink(path.join(IN_CHECKOUT, '@types/node'), path.join(folder, 'node_modules/@types/node'));
  const compilerOptions = {
    ...{ module: 'nodenext', target: 'es2023', lib: ['es2023', 'esnext.disposable'], types: ['node'] },
    ...{
      strict: true,
      exactOptionalPropertyTypes: true,
      skipLibCheck: false,
      noEmit: true,
      allowJs: true,
      checkJs: true,
    },
  };
  await writeFile(
    path.join(folder, 'tsconfig.json'),
    JSON.stringify({ compilerOptions, files: ['user.ts', 'my-lock.mjs'] }),
  );
  await writeFile(path.join(folder, 'package.json'), JSON.stringify({ type: 'module' }));
  await writeFile(path.join(folder, 'user.ts'), USER_TS);
  const template = await runIn(folder, ['node_modules/.bin/redlock-bench', 'locks', '--template']);
  await writeFile(path.join(folder, 'my-lock.mjs'), template.stdout);
  const tsc = path.join(IN_CHECKOUT, 'typescript/bin/tsc');
  expect(await runIn(folder, [process.execPath, tsc, '-p', '.'])).toEqual({ exitCode: 0, stdout: '', stderr: '' });
});

const USER_TS = `
import { LockHeldError, Redlock, type AcquireOutcome, type Lock, type RedlockOptions } from 'redlock-bench';
import type { LockAdapter, LockClient } from 'redlock-bench/lock';

const options: RedlockOptions = { nodeTimeoutMs: 50, transport: 'wire' };
await using redlock = new Redlock(['redis://127.0.0.1:6379'], options);
redlock.on('masterLost', (master: string, cause: Error) => { console.error(master, cause.message); });

const outcome: AcquireOutcome = await redlock.tryAcquire('order:42', 10_000);
if (outcome.status === 'acquired') await outcome.lock.release();
try {
  const lock: Lock = await redlock.acquire(['a', 'b'], 10_000);
  await lock.release();
} catch (error) {
  if (!(error instanceof LockHeldError)) throw error;
}
const answer: number = await redlock.using('order:42', 10_000, async () => 42);

export const adapter: LockAdapter = {
  name: 'mine',
  description: String(answer),
  capabilities: { maxMasters: 1, canExtend: false },
  open: (): Promise<LockClient> => Promise.reject(new Error('not today')),
};
`;

it('holds what a user runs, and no test, map or benchmark of our own', async () => {
  const files = await readdir(path.join(folder, 'node_modules/redlock-bench'), { recursive: true });
  expect(files).toEqual(expect.arrayContaining(['LICENSE', 'README.md', 'dist/src/cli/main.js']));
  const unwanted = /\.(test|fixture|oracle|conformance)\.|\.map$|__pycache__|build-stamp|^dist\/bench\/(?!scenarios)./;
  expect(files.filter((name) => unwanted.test(name))).toEqual([]);
});

// A registry shows the README and resolves its links and pictures in the repository that package.json names, so what is
// linked from the sources need not be packed. What is read offline, beside the installed package, are the pages.
it('every page that a packed page links to is packed, and everything else is in the repository', async () => {
  const installed = path.join(folder, 'node_modules/redlock-bench');
  const pages = (await readdir(installed, { recursive: true })).filter((name) => name.endsWith('.md'));
  expect(pages).toEqual(expect.arrayContaining(['README.md', 'docs/capacity.md']));
  const missing: string[] = [];
  for (const page of pages) {
    const text = await readFile(path.join(installed, page), 'utf8');
    for (const [, link = ''] of text.matchAll(/\]\(([^):#\s]+)[)#]/g)) {
      const target = path.join(path.dirname(page), link);
      const isThere = target.endsWith('.md') ? pages.includes(target) : existsSync(path.join(REPOSITORY, target));
      if (!isThere) missing.push(`${page}: ${target}`);
    }
  }
  expect(missing).toEqual([]);
});

it('the library loads ioredis and no other package, and leaves the process as it was', async () => {
  await writeFile(path.join(folder, 'watched.mjs'), WATCHED_MJS);
  const { stdout, stderr } = await runIn(folder, [process.execPath, 'watched.mjs']);
  expect(stderr).toBe('');
  const { urls, changed } = JSON.parse(stdout) as { urls: string[]; changed: string[] };
  const packages = urls.map((url) => /.*\/node_modules\/((@[^/]+\/)?[^/]+)/.exec(url)?.[1] ?? 'none');
  expect([...new Set(packages)].sort()).toEqual(['ioredis', 'redlock-bench']);
  expect(changed).toEqual([]);
});

/** Imports the library, and prints which files its modules name, and what of the process is not as it was. */
const WATCHED_MJS = `
import { register } from 'node:module';
import { MessageChannel, receiveMessageOnPort } from 'node:worker_threads';

const hooks = \`
let port;
export const initialize = (given) => { port = given; };
export async function resolve(name, context, next) {
  const resolved = await next(name, context);
  if (resolved.url.startsWith('file:')) port.postMessage(resolved.url);
  return resolved;
}\`;
const { port1, port2 } = new MessageChannel();
register('data:text/javascript,' + encodeURIComponent(hooks), { data: port2, transferList: [port2] });
port1.unref();

const EVENTS = ['exit', 'beforeExit', 'uncaughtException', 'unhandledRejection', 'warning', 'SIGINT', 'SIGTERM'];
const look = () => ({
  handles: process.getActiveResourcesInfo().sort().join(),
  globals: Object.getOwnPropertyNames(globalThis).join(),
  environment: JSON.stringify(process.env),
  ...Object.fromEntries(EVENTS.map((event) => [event, process.listenerCount(event)])),
});
// What loading a module has left is gone when the loop has turned a few times.
const settle = () => new Promise((resolve) => setTimeout(resolve, 100));
await settle();
const before = look();
await import('redlock-bench');
await settle();
const after = look();
const urls = [];
for (let next = receiveMessageOnPort(port1); next !== undefined; next = receiveMessageOnPort(port1)) urls.push(next.message);
const changed = Object.keys(before).filter((name) => before[name] !== after[name]);
console.log(JSON.stringify({ urls, changed }));
`;
