import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { UsageError } from '../../model/errors.js';
import { findNpmLock, listNpmLocks } from './libraries.js';
import { searchedPlaces, type Place } from './package.js';

/** What stands in for the user's projects. */
let root = '';

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'redlock-npm-'));
});
afterAll(async () => {
  await rm(root, { recursive: true });
});

/** A project in which these packages are installed; a package without `main` lacks the file that it names. */
async function project(
  name: string,
  packages: Readonly<Record<string, { name?: string; version: string; hasMain?: boolean }>>,
): Promise<Place> {
  const folder = join(root, name);
  for (const [installedAs, { hasMain = true, ...manifest }] of Object.entries(packages)) {
    const own = join(folder, 'node_modules', installedAs);
    await mkdir(own, { recursive: true });
    await writeFile(join(own, 'package.json'), JSON.stringify({ name: installedAs, main: 'main.js', ...manifest }));
    if (hasMain) await writeFile(join(own, 'main.js'), '');
  }
  await mkdir(folder, { recursive: true });
  return { folder, words: 'in this project' };
}

function problemsOf(name: string, places: readonly Place[]): readonly string[] {
  try {
    findNpmLock(name, places);
  } catch (error) {
    if (error instanceof UsageError) return error.problems;
    throw error;
  }
  throw new Error('expected a UsageError, got a lock');
}

const versionIn = (name: string, places: readonly Place[]): string | undefined => findNpmLock(name, places).version;

it('takes the copies of our repository when the user has none', async () => {
  const places = [await project('empty', {}), ...searchedPlaces()];
  expect(versionIn('npm:redlock@4', places)).toMatch(/^redlock 4\.2\.0 on ioredis \d+\.\d+\.\d+$/);
  expect(versionIn('npm:redlock@5', places)).toMatch(/^redlock 5\.0\.0-beta\.2 on /);
  expect(versionIn('npm:@sesamecare-oss/redlock', places)).toMatch(/^@sesamecare-oss\/redlock 1\.4\.0 on /);
  expect(versionIn('npm:redis-lock', places)).toBe('redis-lock 1.0.0 on redis 4.7.1');
});

it("takes the user's own copy before ours", async () => {
  const places = [await project('own copy', { 'redis-semaphore': { version: '5.9.1' } }), ...searchedPlaces()];
  expect(versionIn('npm:redis-semaphore', places)).toMatch(/^redis-semaphore 5\.9\.1 on /);
  expect(versionIn('npm:redis-semaphore/mutex@5.9', places)).toMatch(/^redis-semaphore 5\.9\.1 on /);
});

it('finds the version asked for under an alias, and without one the package itself', async () => {
  const places = [
    await project('aliases', {
      redlock: { version: 'v5.0.0-beta.2' },
      redlock4: { name: 'redlock', version: '4.1.0' },
      redlock5: { name: 'unrelated', version: '5.1.0' },
    }),
  ];
  expect(versionIn('npm:redlock', places)).toMatch(/^redlock 5\.0\.0-beta\.2 /);
  expect(versionIn('npm:redlock@4', places)).toMatch(/^redlock 4\.1\.0 /);
  expect(findNpmLock('npm:redlock', places).description).toBe(findNpmLock('npm:redlock@5', places).description);
  expect(problemsOf('npm:redlock@5.1.0', places)[0]).toMatch(/found 5\.0\.0-beta\.2/);
});

it('says what to install when there is none, the client included', async () => {
  const places = [await project('nothing', {})];
  expect(problemsOf('npm:redlock@4', places)).toEqual([
    '--lock npm:redlock@4: expected the package redlock 4, found none; run npm install redlock4@npm:redlock@4.2.0',
  ]);
  expect(problemsOf('npm:@sesamecare-oss/redlock', places)).toEqual([
    '--lock npm:@sesamecare-oss/redlock: expected the package @sesamecare-oss/redlock 1, found none; ' +
      'run npm install @sesamecare-oss/redlock@1.4.0',
  ]);
  const withoutClient = [
    await project('no client', { 'redis-lock': { version: '1.0.0' }, redis: { version: '6.1.0' } }),
  ];
  expect(problemsOf('npm:redis-lock', withoutClient)).toEqual([
    '--lock npm:redis-lock: expected the package redis 4, found 6.1.0 in this project; ' +
      'run npm install redis-lock@1.0.0 redis4@npm:redis@4.7.1',
  ]);
});

it("refuses the user's copy of another version, though ours would do", async () => {
  const places = [await project('other version', { redlock: { version: '5.0.0-beta.2' } }), ...searchedPlaces()];
  expect(problemsOf('npm:redlock@4:equal', places)).toEqual([
    '--lock npm:redlock@4:equal: expected the package redlock 4, found 5.0.0-beta.2 in this project; ' +
      'run npm install redlock4@npm:redlock@4.2.0',
  ]);
  expect(problemsOf('npm:redlock@5.0.0', places)[0]).toMatch(/redlock 5\.0\.0, found 5\.0\.0-beta\.2/);
  expect(problemsOf('npm:redlock@4.1.0', places)[0]).toMatch(/run npm install redlock4@npm:redlock@4\.1\.0$/);
});

it('says what to install so that two versions live side by side, as they are then found', async () => {
  // What `npm install ALIAS@npm:NAME@VERSION` makes of the two commands, one after the other.
  const installed = listNpmLocks([await project('bare', {})]).flatMap(({ install }) =>
    [...(install ?? '').matchAll(/(\S+)@npm:(\S+)@(\S+)/g)].map(([, alias = '', name = '', version = '']) => ({
      [alias]: { name, version },
    })),
  );
  expect(installed.length).toBe(3);
  const places = [await project('both', Object.assign({}, ...installed) as Record<string, { version: string }>)];
  expect(versionIn('npm:redlock@4', places)).toMatch(/^redlock 4\.2\.0 /);
  expect(versionIn('npm:redlock@5', places)).toMatch(/^redlock 5\.0\.0-beta\.2 /);
});

it('refuses a copy without its main file', async () => {
  const places = [await project('torn', { redlock: { version: '4.2.0', hasMain: false } })];
  expect(problemsOf('npm:redlock', places)).toEqual([
    '--lock npm:redlock: expected the package redlock 4 or 5, found 4.2.0 without its main file; ' +
      'run npm install redlock@4.2.0',
  ]);
});

it('names the known locks when the name or the version is unknown', () => {
  expect(problemsOf('npm:redlok', searchedPlaces())).toEqual([
    '--lock: expected one of npm:redlock@4, npm:redlock@5, npm:@sesamecare-oss/redlock, npm:redis-semaphore, ' +
      'npm:redis-semaphore/mutex, npm:redlock-universal, npm:redis-lock, npm:ioredis-lock, npm:simple-redis-mutex, ' +
      'each also with :equal behind it, got npm:redlok',
  ]);
  for (const name of ['npm:redlock@3', 'npm:redlock@4:fair', 'npm:', 'npm:redlock@']) {
    expect(problemsOf(name, searchedPlaces())[0]).toMatch(/each also with :equal/);
  }
});

it('says why node-redlock cannot be measured', () => {
  expect(problemsOf('npm:node-redlock', searchedPlaces())[0]).toMatch(/published as TypeScript sources/);
});

it('says in the description which retry settings it has, and what could not be equalised', () => {
  const own = findNpmLock('npm:redis-semaphore');
  const equal = findNpmLock('npm:redis-semaphore:equal');
  expect(own.description).toMatch(/its own retries: every 10 ms for 10 s$/);
  expect(equal.description).toMatch(/equalised: acquire timeout as ours; one fixed delay.*no jitter$/);
  expect([own.name, equal.name]).toEqual(['npm:redis-semaphore', 'npm:redis-semaphore:equal']);
});

it('lists every library with its version, or with the command that installs it', async () => {
  const listed = listNpmLocks([await project('one', { redlock: { version: '4.2.0' } })]);
  const row = (name: string) => listed.find((lock) => lock.name === name);
  expect(row('npm:redlock@4')).toMatchObject({ kind: 'npm', version: 'redlock 4.2.0', install: null, isUnsafe: false });
  expect(row('npm:redlock@5')).toMatchObject({
    version: null,
    install: 'npm install redlock5@npm:redlock@5.0.0-beta.2',
    isUnsafe: true,
    flaw: expect.stringMatching(/^With an even number of masters/) as string,
  });
  expect(row('npm:simple-redis-mutex')).toMatchObject({
    maxMasters: 1,
    canExtend: false,
    install: 'npm install simple-redis-mutex@3.0.0 redis@6.3.1',
  });
  expect(row('npm:node-redlock')?.waitsFor).toMatch(/TypeScript sources/);
});
