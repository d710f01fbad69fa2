import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { UsageError } from '../model/errors.js';
import type { LockClient, LockContext } from './lock-client.js';
import { importLock, isModuleName } from './own-lock.js';

let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'redlock-own-lock-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

const GOOD = `name: 'mine', description: 'Mine.', capabilities: { maxMasters: 1, canExtend: false }`;
const CLIENT = `{
  token: 'from this',
  async acquire({ resources }) {
    return { status: 'acquired', attempts: 1, lock: { resources, token: this.token, validUntilNs: undefined } };
  },
  async release() { return { status: 'released' }; },
  async [Symbol.asyncDispose]() {},
}`;

async function moduleOf(name: string, text: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, text);
  return path;
}

/** What is wrong with a module, or with what its `open` gives, without the module's name. */
async function problemsOf(name: string): Promise<readonly string[]> {
  const error: unknown = await open(name).catch((thrown: unknown) => thrown);
  if (!(error instanceof UsageError)) throw new Error(`expected a UsageError, got ${String(error)}`);
  return error.problems.map((problem) => problem.replace(`--lock ${name}: `, ''));
}

async function open(name: string): Promise<LockClient> {
  return (await importLock(name)).open({} as LockContext);
}

it('knows a module by its path', () => {
  const names = ['./a.mjs', '../a.js', '/a.mjs', 'file:///a.mjs', 'redlock', 'a.mjs', 'npm:redlock@4', 'process:./a'];
  expect(names.map(isModuleName)).toEqual([true, true, true, true, false, false, false, false]);
});

it('imports by absolute path, by file URL, and relative to the working directory', async () => {
  const path = await moduleOf('mine.mjs', `export const adapter = { ${GOOD}, open() {} };`);
  const fromHere = relative(process.cwd(), path);
  for (const name of [path, pathToFileURL(path).href, fromHere.startsWith('.') ? fromHere : `./${fromHere}`]) {
    expect((await importLock(name)).name).toBe('mine');
  }
});

it('takes a default export, of an ES module or of CommonJS, with version and flaw', async () => {
  const modern = await moduleOf('modern.mjs', `export default { ${GOOD}, version: '2.0', flaw: 'Odd.', open() {} };`);
  expect(await importLock(modern)).toMatchObject({ name: 'mine', version: '2.0', flaw: 'Odd.' });
  const old = await moduleOf('old.cjs', `module.exports = { ${GOOD}, open() {} };`);
  const adapter = await importLock(old);
  expect(adapter.name).toBe('mine');
  expect('version' in adapter || 'flaw' in adapter || 'keyOf' in adapter).toBe(false);
});

it('keeps what says how the keys are named, and calls it as a method', async () => {
  const path = await moduleOf(
    'keys.mjs',
    `export const adapter = { ${GOOD}, open() {}, prefix: 'mine:', keyOf(resource) { return this.prefix + resource; } };`,
  );
  expect((await importLock(path)).keyOf?.('a')).toBe('mine:a');
});

it('says everything that is wrong with an export at once', async () => {
  const path = await moduleOf(
    'odd.mjs',
    `export const adapter = { name: '', capabilities: { maxMasters: 0, leavesKeys: 1 }, flaw: true, keyOf: 'a:' };`,
  );
  expect(await problemsOf(path)).toEqual([
    'adapter.name: expected a name, got an empty text; see LockAdapter',
    'adapter.description: expected a sentence, got none; see LockAdapter',
    'adapter.flaw: expected a sentence, or none, got true; see LockAdapter',
    'adapter.keyOf: expected a function, or none, got string; see LockAdapter',
    'adapter.open: expected a function, got none; see LockAdapter',
    'adapter.capabilities.maxMasters: expected a number from 1, got 0; see LockAdapter',
    'adapter.capabilities.canExtend: expected true or false, got none; see LockAdapter',
    'adapter.capabilities.leavesKeys: expected true, false or none, got 1; see LockAdapter',
  ]);
});

it('refuses a module without an adapter, one that fails, and one that is not there', async () => {
  expect(await problemsOf(await moduleOf('one.mjs', 'export default 1;'))).toEqual([
    'expected an adapter as export named adapter or as default export, got 1; see LockAdapter',
  ]);
  expect((await problemsOf(await moduleOf('bad.mjs', 'throw new Error("oh no");')))[0]).toMatch(/got: oh no;/);
  expect((await problemsOf(join(folder, 'none.mjs')))[0]).toMatch(/^expected a module that can be imported, got: /);
});

it('gives a client the name and the capabilities of its adapter, and calls it as a method', async () => {
  const client = await open(
    await moduleOf('short.mjs', `export const adapter = { ${GOOD}, open: () => (${CLIENT}) };`),
  );
  expect(client).toMatchObject({ name: 'mine', capabilities: { maxMasters: 1, canExtend: false } });
  const request = { resources: ['a'], ttlMs: 1, mode: 'exclusive' } as const;
  expect(await client.acquire(request, new AbortController().signal)).toMatchObject({ lock: { token: 'from this' } });
  expect(client.extend).toBeUndefined();
  await client[Symbol.asyncDispose]();
});

it('hands a client that says everything on as it is', async () => {
  const path = await moduleOf(
    'whole.mjs',
    `export const client = Object.assign(${CLIENT}, { name: 'other', capabilities: {} });
     export const adapter = { ${GOOD}, open: async () => client };`,
  );
  const { client } = (await import(pathToFileURL(path).href)) as { readonly client: LockClient };
  expect(await open(path)).toBe(client);
});

it('refuses what open gives when it is no client', async () => {
  expect(await problemsOf(await moduleOf('void.mjs', `export const adapter = { ${GOOD}, open() {} };`))).toEqual([
    'expected open() to give a client, got none; see LockClient',
  ]);
  const half = `export const adapter = { ${GOOD.replace('false', 'true')}, open: () => ({ acquire: 1, release() {} }) };`;
  expect(await problemsOf(await moduleOf('half.mjs', half))).toEqual([
    'client.acquire: expected a function, got 1; see LockClient',
    'client.extend: expected a function, or canExtend: false, got none; see LockClient',
    'client[Symbol.asyncDispose]: expected a function that disconnects, got none; see LockClient',
  ]);
});

it('imports TypeScript where Node reads it, and says which Node does elsewhere', async () => {
  const path = await moduleOf('typed.ts', `export const adapter = { ${GOOD}, open(): void {} };`);
  const isReadByNode = 'typescript' in process.features && process.features.typescript !== false;
  if (isReadByNode) expect((await importLock(path)).name).toBe('mine');
  else {
    expect(await problemsOf(path)).toEqual([
      `expected Node 22.18 or later, which reads TypeScript, got ${process.version}; use a newer Node, or compile the file to .mjs`,
    ]);
  }
});
