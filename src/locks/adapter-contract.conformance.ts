/**
 * What a lock must do while its masters work.
 *
 * @module
 */
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import { UsageError } from '../model/errors.js';
import { msToNs, systemClock } from '../model/time.js';
import { eventually } from '../redlock/redis.fixture.js';
import { request, RESOURCE, type AdapterStage, type Case } from './adapter-stage.fixture.js';
import type { LockAdapter, LockClient } from './lock-client.js';

/** Waits for a held lock as long as a case may take, and asks often. */
const WAITING = { acquireTimeoutMs: 25_000 };
/** Soon over, yet long enough for a grant to be read before it ends. */
const SHORT_TTL_MS = 500;
/** Not whole seconds, and far enough below them. */
const UNEVEN_TTL_MS = 9_100;
/** What PTTL says of it. */
const NO_KEY = -2;
/** So long that the drift allowance of a Redlock is small beside the wait. */
const WAITED_MS = 400;
const PROMISED_MS = 2_000;
/** One after the other, 10 ms apart. */
const EMPTY_LOOKS = 20;
const SLOTS = 50;
const TOKENS = 100;

const cannotExtend = ({ capabilities }: LockAdapter): string | undefined =>
  capabilities.canExtend ? undefined : 'it does not extend';

export const CONTRACT_CASES = {
  'a free lock is taken and released': {
    async run(stage) {
      await using client = await stage.open();
      const outcome = await stage.acquire(client);
      expect(outcome).toMatchObject({ status: 'acquired', attempts: 1, lock: { resources: [RESOURCE] } });
      const lock = outcome.status === 'acquired' ? outcome.lock : expect.fail();
      expect(lock.token).not.toBe('');
      expect(await client.release(lock)).toEqual({ status: 'released' });
    },
  },
  'a held lock is refused to another client, after one attempt where one was asked for': {
    async run(stage) {
      const [ours, theirs] = [await stage.open(), await stage.open()];
      await stage.take(ours);
      expect(await stage.acquire(theirs)).toMatchObject({ status: 'held', attempts: 1 });
    },
  },
  'a held lock is refused to its own client': {
    async run(stage) {
      const client = await stage.open();
      await stage.take(client);
      expect(await stage.acquire(client)).toMatchObject({ status: 'held', attempts: 1 });
    },
  },
  'a release lets in the client that waits': {
    async run(stage) {
      const [ours, theirs] = [await stage.open(), await stage.open({ scenario: WAITING })];
      const lock = await stage.take(ours);
      const waiting = stage.acquire(theirs);
      expect(await Promise.race([waiting, sleep(100, 'waits')])).toBe('waits');
      await ours.release(lock);
      expect((await waiting).status).toBe('acquired');
    },
  },
  'its key is named for the resource, on every master': {
    async run(stage) {
      await stage.take(await stage.open());
      await eventually(async () => (await stage.keys()).every((keys) => keys.length > 0));
      expect(await stage.keys()).toEqual(stage.masters.map(() => [RESOURCE]));
    },
  },
  'its key lives no longer than was asked for': {
    async run(stage) {
      await stage.take(await stage.open(), UNEVEN_TTL_MS);
      const ttlsMs = (): Promise<number[]> => Promise.all(stage.masters.map(({ admin }) => admin.pttl(stage.key)));
      await eventually(async () => (await ttlsMs()).every((ttlMs) => ttlMs !== NO_KEY));
      for (const ttlMs of await ttlsMs()) {
        expect(ttlMs).toBeGreaterThan(0);
        expect(ttlMs).toBeLessThanOrEqual(UNEVEN_TTL_MS);
      }
    },
  },
  'it promises its ttl from the attempt that was granted, and no more': {
    async run(stage) {
      const [ours, theirs] = [await stage.open(), await stage.open({ scenario: WAITING })];
      const lock = await stage.take(ours);
      const askedNs = systemClock.nowNs();
      const waiting = stage.acquire(theirs, PROMISED_MS);
      await sleep(WAITED_MS);
      await ours.release(lock);
      const outcome = await waiting;
      const validUntilNs = outcome.status === 'acquired' ? outcome.lock.validUntilNs : expect.fail(outcome.status);
      expect(validUntilNs).toBeGreaterThan(askedNs + msToNs(PROMISED_MS + WAITED_MS / 2));
      // One that renews itself, or never ends, promises until its release.
      if (validUntilNs === Infinity) return;
      expect(validUntilNs).toBeLessThanOrEqual(systemClock.nowNs() + msToNs(PROMISED_MS));
    },
  },
  'nothing of it is left on any master after its release': {
    async run(stage) {
      const client = await stage.open();
      await client.release(await stage.take(client));
      await eventually(async () => (await stage.keys()).every((keys) => keys.length === 0));
    },
  },
  'the end of its ttl frees it': {
    async run(stage) {
      const [ours, theirs] = [await stage.open(), await stage.open()];
      await stage.take(ours, SHORT_TTL_MS);
      await eventually(() => stage.isEmpty());
      expect((await stage.acquire(theirs)).status).toBe('acquired');
    },
  },
  'a release after its ttl is told that the lock is lost, and leaves the next holder alone': {
    async run(stage) {
      const [ours, theirs] = [await stage.open(), await stage.open()];
      const lost = await stage.take(ours, SHORT_TTL_MS);
      await eventually(() => stage.isEmpty());
      const lock = await stage.take(theirs);
      expect(await ours.release(lost)).toEqual({ status: 'lost' });
      expect(await theirs.release(lock)).toEqual({ status: 'released' });
    },
  },
  'a second release leaves the next holder alone': {
    async run(stage) {
      const [ours, theirs] = [await stage.open(), await stage.open()];
      const first = await stage.take(ours);
      await ours.release(first);
      await eventually(() => stage.isEmpty());
      const lock = await stage.take(theirs);
      await ours.release(first);
      expect(await theirs.release(lock)).toEqual({ status: 'released' });
    },
  },
  'an abort ends the waiting, and leaves nothing behind': {
    async run(stage) {
      const [ours, theirs] = [await stage.open(), await stage.open({ scenario: WAITING })];
      const lock = await stage.take(ours);
      const abort = new AbortController();
      const waiting = stage.acquire(theirs, 10_000, abort.signal);
      await sleep(50);
      abort.abort();
      expect(await Promise.race([waiting, sleep(5_000, 'still waits')])).toMatchObject({ status: 'aborted' });
      await ours.release(lock);
      await staysEmpty(stage);
    },
  },
  'a signal that has aborted already takes nothing': {
    async run(stage) {
      const client = await stage.open({ scenario: WAITING });
      expect((await stage.acquire(client, 10_000, AbortSignal.abort())).status).toBe('aborted');
      await staysEmpty(stage);
    },
  },
  'the waiting ends with the acquire timeout, after more than one attempt': {
    async run(stage) {
      const [ours, theirs] = [await stage.open(), await stage.open({ scenario: { acquireTimeoutMs: 500 } })];
      await stage.take(ours);
      const outcome = await stage.acquire(theirs);
      expect(outcome.status).toBe('held');
      expect(outcome.attempts).toBeGreaterThan(1);
    },
  },
  'an extension lengthens its ttl and its promise': {
    lacks: cannotExtend,
    async run(stage) {
      const client = await stage.open();
      const lock = await stage.take(client, 10_000);
      const before = lock.validUntilNs;
      const outcome = await client.extend!(lock, 60_000);
      const extended = outcome.status === 'extended' ? outcome.lock : expect.fail(outcome.status);
      if (before !== undefined) expect(extended.validUntilNs).toBeGreaterThan(before);
      await eventually(async () => {
        const ttlsMs = await Promise.all(stage.masters.map(({ admin }) => admin.pttl(RESOURCE)));
        return ttlsMs.every((ttlMs) => ttlMs > 20_000);
      });
      expect(await client.release(extended)).toEqual({ status: 'released' });
    },
  },
  'an extension of a lost lock is told so, and changes nothing': {
    lacks: cannotExtend,
    async run(stage) {
      const client = await stage.open();
      const lock = await stage.take(client);
      await eventually(async () => (await stage.keys()).every((keys) => keys.length > 0));
      await Promise.all(stage.masters.map(({ admin }) => admin.set(RESOURCE, 'another')));
      expect(await client.extend!(lock, 60_000)).toEqual({ status: 'lost' });
      expect(await Promise.all(stage.masters.map(({ admin }) => admin.get(RESOURCE)))).toEqual(
        stage.masters.map(() => 'another'),
      );
      expect(await Promise.all(stage.masters.map(({ admin }) => admin.pttl(RESOURCE)))).toEqual(
        stage.masters.map(() => -1),
      );
    },
  },
  'every acquisition has a token of its own': {
    async run(stage) {
      const client = await stage.open();
      const tokens = new Set<string>();
      for (let count = 0; count < TOKENS; count++) {
        const lock = await stage.take(client);
        tokens.add(lock.token);
        await client.release(lock);
        await eventually(() => stage.isEmpty());
      }
      expect(tokens.size).toBe(TOKENS);
    },
  },
  'fifty slots of one client never hold one lock together, and each gets it': {
    isUnrunWhenSkipped: true,
    async run(stage) {
      const client = await stage.open({ scenario: WAITING });
      expect(await contend(stage, client)).toEqual({ acquired: SLOTS, mostHolders: 1 });
    },
  },
  'a shared lock is refused to whoever asks a lock that has none': {
    async run(stage) {
      const client = await stage.open();
      const asking = client.acquire({ ...request(), mode: 'shared' }, new AbortController().signal);
      await expect(asking).rejects.toThrow(UsageError);
      expect(await stage.isEmpty()).toBe(true);
    },
  },
  'closing it closes its connections': {
    async run(stage) {
      const before = await connections(stage);
      const client = await stage.open();
      expect(await connections(stage)).not.toEqual(before);
      await client.release(await stage.take(client));
      await client[Symbol.asyncDispose]();
      await eventually(async () => (await connections(stage)).every((count, index) => count === before[index]));
    },
  },
} satisfies Record<string, Case>;

/** Lets every slot take, hold and release the lock once, and counts how many held it at once. */
async function contend(stage: AdapterStage, client: LockClient): Promise<{ acquired: number; mostHolders: number }> {
  let acquired = 0;
  let holders = 0;
  let mostHolders = 0;
  const work = async (): Promise<void> => {
    const lock = await stage.take(client);
    acquired++;
    mostHolders = Math.max(mostHolders, ++holders);
    for (let turn = 0; turn < 5; turn++) await nextTurn();
    holders--;
    await client.release(lock);
  };
  await Promise.all(Array.from({ length: SLOTS }, work));
  return { acquired, mostHolders };
}

/**
 * No late command brings a key back to stay; a library that cannot be stopped may be granted one, which is released at once.
 * Looked at for a while, because nothing tells when the last one has come.
 */
async function staysEmpty(stage: AdapterStage): Promise<void> {
  let looks = 0;
  await eventually(async () => {
    looks = (await stage.isEmpty()) ? looks + 1 : 0;
    return looks >= EMPTY_LOOKS;
  });
}

/** How many connections each master has. */
async function connections({ masters }: AdapterStage): Promise<number[]> {
  return await Promise.all(
    masters.map(async ({ admin }) => ((await admin.client('LIST')) as string).trim().split('\n').length),
  );
}
