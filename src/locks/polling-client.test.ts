import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { msToNs } from '../model/time.js';
import type { HeldLock, LockRequest } from './lock-client.js';
import { PollingClient, type Attempt } from './polling-client.js';

const REQUEST: LockRequest = { resources: ['a'], ttlMs: 1_000, mode: 'exclusive' };
const LOCK: HeldLock = { resources: ['a'], token: 'ours', validUntilNs: Infinity };
const ACQUIRED: Attempt = { status: 'acquired', lock: LOCK };
const HELD: Attempt = { status: 'held' };
const FAILED: Attempt = { status: 'indeterminate', cause: new Error('no answer') };

/** A client whose attempts end as they are told to, the last one again and again. */
function scripted(attempts: readonly Attempt[], acquireTimeoutMs: number, onAttempt = (): void => undefined) {
  const released: HeldLock[] = [];
  const waitsMs: number[] = [];
  let made = 0;
  const client = new PollingClient(
    {
      name: 'scripted',
      capabilities: { maxMasters: 1, canExtend: false },
      acquireTimeoutMs,
      // A millisecond goes by with each attempt, and none with a wait.
      clock: { nowNs: () => msToNs(made) },
      drawWaitMs: () => {
        waitsMs.push(1);
        return 1;
      },
    },
    {
      attempt: async () => {
        onAttempt();
        return attempts[Math.min(made++, attempts.length - 1)]!;
      },
      release: async (lock) => {
        released.push(lock);
        return { status: 'released' };
      },
      close: async () => undefined,
    },
  );
  return { client, released, waitsMs };
}

it('waits between its attempts until one is granted', async () => {
  const { client, waitsMs } = scripted([HELD, FAILED, HELD, ACQUIRED], 60_000);
  expect(await client.acquire(REQUEST, new AbortController().signal)).toEqual({
    status: 'acquired',
    attempts: 4,
    lock: LOCK,
  });
  expect(waitsMs).toHaveLength(3);
});

it('makes one attempt and no wait when it has no time to wait', async () => {
  const { client, waitsMs } = scripted([FAILED], 0);
  expect(await client.acquire(REQUEST, new AbortController().signal)).toEqual({ ...FAILED, attempts: 1 });
  expect(waitsMs).toEqual([]);
});

it('ends with what its last attempt said once the acquire timeout is over', async () => {
  const { client } = scripted([HELD, HELD, FAILED, ACQUIRED], 2.5);
  expect(await client.acquire(REQUEST, new AbortController().signal)).toEqual({ ...FAILED, attempts: 3 });
});

it('gives back what an attempt was granted after the abort', async () => {
  const abort = new AbortController();
  const { client, released } = scripted([ACQUIRED], 60_000, () => {
    abort.abort();
  });
  expect(await client.acquire(REQUEST, abort.signal)).toEqual({ status: 'aborted', attempts: 1 });
  expect(released).toEqual([LOCK]);
});

it('asks nothing for a signal that has aborted already', async () => {
  const { client } = scripted([ACQUIRED], 60_000);
  expect(await client.acquire(REQUEST, AbortSignal.abort())).toEqual({ status: 'aborted', attempts: 0 });
});

it('closes its servers when the attempts under way have ended, and what they were granted is given back', async () => {
  const heard: string[] = [];
  let grant: (attempt: Attempt) => void = () => expect.fail('expected an attempt');
  const client = new PollingClient(
    {
      name: 'slow',
      capabilities: { maxMasters: 1, canExtend: false },
      acquireTimeoutMs: 60_000,
      clock: { nowNs: () => 0 },
      drawWaitMs: () => 1,
    },
    {
      attempt: () => new Promise((resolve) => (grant = resolve)),
      release: async ({ token }) => {
        await nextTurn();
        heard.push(`release ${token}`);
        return { status: 'released' };
      },
      close: async () => void heard.push('close'),
    },
  );
  const acquiring = client.acquire(REQUEST, new AbortController().signal);
  const closing = client[Symbol.asyncDispose]();
  await nextTurn();
  expect(heard).toEqual([]);
  grant(ACQUIRED);
  expect(await acquiring).toEqual({ status: 'aborted', attempts: 1 });
  await closing;
  expect(heard).toEqual(['release ours', 'close']);
});
