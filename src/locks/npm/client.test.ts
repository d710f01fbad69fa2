import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { UsageError } from '../../model/errors.js';
import type { AcquireOutcome, LockRequest, ReleaseOutcome } from '../lock-client.js';
import { NpmLockClient } from './client.js';
import { NpmHeldLock } from './held-lock.js';
import type { Driven } from './library.js';

const REQUEST: LockRequest = { resources: ['a'], ttlMs: 1_000.9, mode: 'exclusive' };
const CAPABILITIES = { maxMasters: 1, canExtend: false };

/** A library whose acquisitions end when the test says so. */
class SlowLibrary implements Driven {
  readonly heard: string[] = [];
  readonly asked: PromiseWithResolvers[] = [];
  releaseWith: () => Promise<ReleaseOutcome> = () => Promise.resolve({ status: 'released' });

  acquire(_resources: readonly string[], ttlMs: number): Promise<AcquireOutcome> {
    this.heard.push(`acquire for ${String(ttlMs)} ms`);
    return new Promise((resolve, reject) => this.asked.push({ resolve, reject }));
  }
  release(lock: NpmHeldLock): Promise<ReleaseOutcome> {
    this.heard.push(`release ${lock.token}`);
    return this.releaseWith();
  }
  async close(): Promise<void> {
    this.heard.push('close');
  }
}

interface PromiseWithResolvers {
  resolve(outcome: AcquireOutcome): void;
  reject(error: Error): void;
}

const granted = (token: string): AcquireOutcome => ({
  status: 'acquired',
  attempts: 1,
  lock: new NpmHeldLock(['a'], token, undefined, undefined),
});

it('gives a library whole milliseconds and passes its outcome on', async () => {
  const library = new SlowLibrary();
  const client = new NpmLockClient('x', CAPABILITIES, library);
  const outcome = client.acquire(REQUEST, new AbortController().signal);
  library.asked[0]!.resolve(granted('t'));
  expect(await outcome).toEqual(granted('t'));
  expect(library.heard).toEqual(['acquire for 1000 ms']);
});

it('answers an abort at once, and releases what is granted afterwards', async () => {
  const library = new SlowLibrary();
  const client = new NpmLockClient('x', CAPABILITIES, library);
  const abort = new AbortController();
  const outcomes = [client.acquire(REQUEST, abort.signal), client.acquire(REQUEST, abort.signal)];
  abort.abort();
  expect(await Promise.all(outcomes)).toEqual([
    { status: 'aborted', attempts: 1 },
    { status: 'aborted', attempts: 1 },
  ]);
  library.asked[0]!.resolve(granted('late'));
  library.asked[1]!.resolve({ status: 'held', attempts: 1 });
  await nextTurn();
  expect(library.heard.slice(2)).toEqual(['release late']);
});

it('asks nothing of a library for a signal that has aborted already', async () => {
  const library = new SlowLibrary();
  const outcome = await new NpmLockClient('x', CAPABILITIES, library).acquire(REQUEST, AbortSignal.abort());
  expect(outcome).toEqual({ status: 'aborted', attempts: 0 });
  expect(library.heard).toEqual([]);
});

it('takes an unexpected error for an indeterminate outcome, and misuse for misuse', async () => {
  const library = new SlowLibrary();
  const client = new NpmLockClient('x', CAPABILITIES, library);
  const { signal } = new AbortController();
  const [broken, misused] = [client.acquire(REQUEST, signal), client.acquire(REQUEST, signal)];
  const cause = new Error('no such command');
  library.asked[0]!.reject(cause);
  library.asked[1]!.reject(new UsageError(['two resources']));
  expect(await broken).toEqual({ status: 'indeterminate', attempts: 1, cause });
  await expect(misused).rejects.toThrow('two resources');
  library.releaseWith = () => Promise.reject(cause);
  const lock = new NpmHeldLock(['a'], 't', undefined, undefined);
  expect(await client.release(lock)).toEqual({ status: 'indeterminate', cause });
});

it('refuses a shared lock, and a lock that it did not grant', async () => {
  const client = new NpmLockClient('x', CAPABILITIES, new SlowLibrary());
  const { signal } = new AbortController();
  await expect(client.acquire({ ...REQUEST, mode: 'shared' }, signal)).rejects.toThrow(UsageError);
  await expect(client.release({ resources: ['a'], token: 't', validUntilNs: 1 })).rejects.toThrow(UsageError);
});

it('offers an extension only where the library has one', () => {
  const library = new SlowLibrary();
  expect(new NpmLockClient('x', CAPABILITIES, library).extend).toBeUndefined();
  expect(new NpmLockClient('x', { maxMasters: 1, canExtend: true }, library).extend).toBeDefined();
});

it('closes the library after the late grants were released', async () => {
  const library = new SlowLibrary();
  const client = new NpmLockClient('x', CAPABILITIES, library);
  const outcome = client.acquire(REQUEST, new AbortController().signal);
  const closing = client[Symbol.asyncDispose]();
  expect(await outcome).toMatchObject({ status: 'aborted' });
  await nextTurn();
  library.asked[0]!.resolve(granted('late'));
  await closing;
  expect(library.heard.slice(1)).toEqual(['release late', 'close']);
});
