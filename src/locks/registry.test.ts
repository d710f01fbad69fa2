import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { UsageError } from '../model/errors.js';
import { findAdapter, listAdapters } from './registry.js';

let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'redlock-registry-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

async function moduleOf(name: string, text: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, text);
  return path;
}

async function problemsOf(name: string): Promise<readonly string[]> {
  const error: unknown = await findAdapter(name).catch((thrown: unknown) => thrown);
  if (!(error instanceof UsageError)) throw new Error(`expected a UsageError, got ${String(error)}`);
  return error.problems;
}

it('finds a built-in lock by its name', async () => {
  expect((await findAdapter('redlock')).name).toBe('redlock');
  expect(listAdapters().map(({ name }) => name)).toEqual(['redlock']);
});

it('names the known locks when the name is unknown', async () => {
  expect(await problemsOf('redlok')).toEqual([
    '--lock: expected one of redlock, or a path such as ./my-lock.mjs, got redlok',
  ]);
});

it('imports a lock of the user by absolute path, by file URL, and relative to the working directory', async () => {
  const path = await moduleOf(
    'mine.mjs',
    `export const adapter = { name: 'mine', description: 'Mine.', open() {},
       capabilities: { maxMasters: 1, canExtend: false } };`,
  );
  const fromHere = relative(process.cwd(), path);
  for (const name of [path, pathToFileURL(path).href, fromHere.startsWith('.') ? fromHere : `./${fromHere}`]) {
    expect((await findAdapter(name)).name).toBe('mine');
  }
});

it('says everything that is wrong with an export at once', async () => {
  const path = await moduleOf('odd.mjs', `export const adapter = { name: '', capabilities: { maxMasters: 0 } };`);
  expect((await problemsOf(path)).map((problem) => /adapter\.(\S+): expected/.exec(problem)?.[1])).toEqual([
    'name',
    'description',
    'open',
    'capabilities.maxMasters',
    'capabilities.canExtend',
  ]);
});

it('refuses a module without an adapter, one that fails, and one that is not there', async () => {
  expect((await problemsOf(await moduleOf('empty.mjs', 'export default 1;')))[0]).toMatch(
    /expected an export named adapter/,
  );
  expect((await problemsOf(await moduleOf('bad.mjs', 'throw new Error("oh no");')))[0]).toMatch(/oh no/);
  expect((await problemsOf(join(folder, 'none.mjs')))[0]).toMatch(/expected a module that can be imported/);
});
