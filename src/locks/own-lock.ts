/**
 * Locks that stand in a file of the user: imported, checked, and checked again when they are opened.
 *
 * @module
 */
import { isAbsolute, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { toError, UsageError } from '../model/errors.js';
import { isRecord } from '../model/record.js';
import type { LockAdapter, LockClient } from './lock-client.js';

/** Whether a name is that of a file: `./lock.mjs`, an absolute path or a `file:` URL. */
export function isModuleName(name: string): boolean {
  return /^(\.{1,2}[\\/]|file:)/.test(name) || isAbsolute(name);
}

/**
 * Imports a lock from a module that exports a LockAdapter as `adapter` or as its default. Relative paths count from the
 * working directory.
 *
 * @throws UsageError for a module that cannot be imported, or an export that is no adapter; `open` of the adapter rejects
 * with one when it gives no client
 */
export async function importLock(name: string): Promise<LockAdapter> {
  const exported = await importModule(name);
  const adapter = exported['adapter'] ?? exported['default'];
  refuse(name, findAdapterFaults(adapter));
  return guardOpening(name, adapter as LockAdapter);
}

async function importModule(name: string): Promise<Readonly<Record<string, unknown>>> {
  if (/\.[cm]?ts$/.test(name) && !canLoadTypeScript()) {
    throw new UsageError([
      `--lock ${name}: expected Node 22.18 or later, which reads TypeScript, got ${process.version}; ` +
        'use a newer Node, or compile the file to .mjs',
    ]);
  }
  try {
    const url = name.startsWith('file:') ? name : pathToFileURL(resolve(name)).href;
    return (await import(url)) as Readonly<Record<string, unknown>>;
  } catch (error) {
    throw new UsageError([
      `--lock ${name}: expected a module that can be imported, got: ${toError(error).message}; ` +
        'redlock-bench locks --template prints one',
    ]);
  }
}

/** Asked by feature, because a flag switches it on in older versions and off in newer ones. */
function canLoadTypeScript(): boolean {
  const { typescript } = process.features as { readonly typescript?: string | false };
  return typeof typescript === 'string';
}

/** The same adapter, whose `open` lets nothing through that would fail under load. */
function guardOpening(moduleName: string, adapter: LockAdapter): LockAdapter {
  const { name, description, capabilities, version, flaw, keyOf } = adapter;
  return {
    name,
    description,
    capabilities,
    ...(version === undefined ? {} : { version }),
    ...(flaw === undefined ? {} : { flaw }),
    ...(keyOf === undefined ? {} : { keyOf: keyOf.bind(adapter) }),
    async open(context) {
      const client: unknown = await adapter.open(context);
      refuse(moduleName, findClientFaults(client, capabilities.canExtend));
      return nameClient(client as LockClient, adapter);
    },
  };
}

/** A client may leave out what its adapter has said already. */
function nameClient(client: LockClient, { name, capabilities }: LockAdapter): LockClient {
  const given: Partial<LockClient> = client;
  if (given.name !== undefined && given.capabilities !== undefined) return client;
  return {
    name: given.name ?? name,
    capabilities: given.capabilities ?? capabilities,
    acquire: (request, signal) => client.acquire(request, signal),
    release: (lock) => client.release(lock),
    ...(client.extend === undefined ? {} : { extend: client.extend.bind(client) }),
    [Symbol.asyncDispose]: () => client[Symbol.asyncDispose](),
  };
}

/** Says what keeps a value from being an adapter; what `open` gives shows only when it is opened. */
function findAdapterFaults(adapter: unknown): string[] {
  if (!isRecord(adapter)) {
    return [
      `expected an adapter as export named adapter or as default export, got ${kindOf(adapter)}; see LockAdapter`,
    ];
  }
  const { name, description, capabilities, open, version, flaw, keyOf } = adapter;
  const { maxMasters, canExtend, leavesKeys } = isRecord(capabilities) ? capabilities : {};
  return findFaults('adapter', 'LockAdapter', [
    ['name', 'a name', name, isText(name)],
    ['description', 'a sentence', description, isText(description)],
    ['version', 'a text, or none', version, version === undefined || isText(version)],
    ['flaw', 'a sentence, or none', flaw, flaw === undefined || isText(flaw)],
    ['keyOf', 'a function, or none', keyOf, keyOf === undefined || typeof keyOf === 'function'],
    ['open', 'a function', open, typeof open === 'function'],
    ['capabilities.maxMasters', 'a number from 1', maxMasters, typeof maxMasters === 'number' && maxMasters >= 1],
    ['capabilities.canExtend', 'true or false', canExtend, typeof canExtend === 'boolean'],
    [
      'capabilities.leavesKeys',
      'true, false or none',
      leavesKeys,
      leavesKeys === undefined || typeof leavesKeys === 'boolean',
    ],
  ]);
}

function findClientFaults(client: unknown, canExtend: boolean): string[] {
  if (!isRecord(client)) return [`expected open() to give a client, got ${kindOf(client)}; see LockClient`];
  const { acquire, release, extend, [Symbol.asyncDispose]: dispose } = client as Record<string | symbol, unknown>;
  const isExtendGood = typeof extend === 'function' || (extend === undefined && !canExtend);
  return findFaults('client', 'LockClient', [
    ['acquire', 'a function', acquire, typeof acquire === 'function'],
    ['release', 'a function', release, typeof release === 'function'],
    ['extend', 'a function, or canExtend: false', extend, isExtendGood],
    ['[Symbol.asyncDispose]', 'a function that disconnects', dispose, typeof dispose === 'function'],
  ]);
}

type Finding = readonly [key: string, expected: string, got: unknown, isGood: boolean];

function findFaults(subject: string, interfaceName: string, findings: readonly Finding[]): string[] {
  return findings
    .filter(([, , , isGood]) => !isGood)
    .map(([key, expected, got]) => {
      const access = key.startsWith('[') ? key : `.${key}`;
      return `${subject}${access}: expected ${expected}, got ${kindOf(got)}; see ${interfaceName}`;
    });
}

function refuse(name: string, faults: readonly string[]): void {
  if (faults.length > 0) throw new UsageError(faults.map((fault) => `--lock ${name}: ${fault}`));
}

function isText(value: unknown): boolean {
  return typeof value === 'string' && value !== '';
}

/** What a value is, in a word; short ones are shown. */
function kindOf(value: unknown): string {
  if (value === undefined) return 'none';
  if (value === null || typeof value === 'boolean' || typeof value === 'number') return String(value);
  return value === '' ? 'an empty text' : typeof value;
}
