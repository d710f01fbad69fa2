import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { UsageError } from '../model/errors.js';
import { findAdapter, listLocks } from './registry.js';

let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'redlock-registry-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

async function problemsOf(name: string): Promise<readonly string[]> {
  const error: unknown = await findAdapter(name).catch((thrown: unknown) => thrown);
  if (!(error instanceof UsageError)) throw new Error(`expected a UsageError, got ${String(error)}`);
  return error.problems;
}

it('finds a built-in lock by its name', async () => {
  expect((await findAdapter('redlock')).name).toBe('redlock');
  const written = listLocks().filter(({ kind, waitsFor }) => kind !== 'npm' && waitsFor === null);
  expect(written.map(({ name }) => name)).toEqual([
    'redlock',
    'redlock-sequential',
    'set-nx-px',
    'setnx',
    'setnx-then-expire',
    'setnx-expire-script',
    'setex',
    'get-then-del',
    'del-on-release',
    'redis-py',
  ]);
});

it('names the known locks when the name is unknown', async () => {
  expect(await problemsOf('redlok')).toEqual([
    '--lock: expected one of redlock, redlock-sequential, set-nx-px, setnx, setnx-then-expire, setnx-expire-script, ' +
      'setex, get-then-del, del-on-release, redis-py, npm:NAME (see redlock-bench locks), a path such as ./my-lock.mjs, ' +
      'or process:COMMAND, got redlok',
  ]);
});

it('knows a library without its prefix', async () => {
  expect((await problemsOf('redis-semaphore/mutex'))[0]).toMatch(/; did you mean npm:redis-semaphore\/mutex\?$/);
  expect((await problemsOf('ioredis-lock@4'))[0]).toMatch(/; did you mean npm:ioredis-lock@4\?$/);
  expect((await problemsOf('@sesamecare-oss/redlock'))[0]).toMatch(/; did you mean npm:@sesamecare-oss\/redlock\?$/);
});

it('imports a lock of the user by its path', async () => {
  const path = join(folder, 'mine.mjs');
  await writeFile(
    path,
    `export const adapter = { name: 'mine', description: 'Mine.', open() {},
       capabilities: { maxMasters: 1, canExtend: false } };`,
  );
  expect((await findAdapter(path)).name).toBe('mine');
});

it('says what a lock waits for that cannot be measured yet', async () => {
  expect(await problemsOf('redsync')).toEqual([
    '--lock redsync: expected a lock that can be measured, got one that waits for a driver process in Go',
  ]);
});

/** Every lock that the project set out to measure. */
const SOUGHT = [
  'redlock',
  'setnx',
  'setnx-then-expire',
  'setnx-expire-script',
  'setex',
  'set-nx-px',
  'get-then-del',
  'del-on-release',
  'set-nx-px with a replica',
  'redlock-sequential',
  'npm:redlock@4',
  'npm:redlock@5',
  'npm:@sesamecare-oss/redlock',
  'npm:redis-semaphore',
  'npm:redis-semaphore/mutex',
  'npm:redlock-universal',
  'npm:redis-lock',
  'npm:ioredis-lock',
  'npm:simple-redis-mutex',
  'npm:node-redlock',
  'redis-py',
  'redsync',
  'redisson-lock',
  'redisson-fair-lock',
  'redisson-read-write-lock',
  'redisson-redlock',
  'php-class',
];

it('lists every lock once, kind by kind, our own first', () => {
  const locks = listLocks();
  const names = locks.map(({ name }) => name);
  expect([...names].sort()).toEqual([...SOUGHT].sort());
  expect(names[0]).toBe('redlock');
  const kinds = locks.map(({ kind }) => kind);
  expect(kinds.filter((kind, index) => kind !== kinds[index - 1])).toEqual(['own', 'algorithm', 'npm', 'driver']);
});

it('finds every lock that is listed as measurable and installed, and describes it as the list does', async () => {
  for (const { name, isUnsafe, flaw, maxMasters, canExtend, install, waitsFor } of listLocks()) {
    if (install !== null || waitsFor !== null) continue;
    const adapter = await findAdapter(name);
    expect(adapter).toMatchObject({ name, capabilities: { maxMasters, canExtend } });
    expect([name, adapter.flaw ?? null, adapter.flaw !== undefined]).toEqual([name, flaw, isUnsafe]);
  }
});

it('tells what a driver needs, since only its process can look for it', () => {
  expect(listLocks().find(({ name }) => name === 'redis-py')?.description).toMatch(/; install it: .*python3-redis/);
});

it('marks exactly the locks with a flaw as unsafe', () => {
  for (const { name, isUnsafe, flaw } of listLocks()) expect([name, isUnsafe]).toEqual([name, flaw !== null]);
});
