/**
 * What a lock must do while its masters fail: say so, in bounded time, and leave nothing behind.
 *
 * @module
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import { EnvironmentError } from '../model/errors.js';
import { quorumOf } from '../model/quorum.js';
import { eventually } from '../redlock/redis.fixture.js';
import type { Case } from './adapter-stage.fixture.js';
import type { LockAdapter } from './lock-client.js';

/** For masters that never answer. */
const SHORT_NODE_TIMEOUT = { nodeTimeoutMs: 200 };
/** For masters that answer too late for the ttl, though not too late for the node timeout. */
const LATE_TTL_MS = 100;
/** Each way; the handshake is over before. */
const LATE_DELAY_MS = 120;
/** What no outcome may take, however busy the machine. */
const BOUND_MS = 6_000;

const hasNoMinority = (_adapter: LockAdapter, masters: number): string | undefined =>
  masters < 3 ? 'it has no master to spare' : undefined;

const minorityOf = (masters: number): number => masters - quorumOf(masters);

export const FAULT_CASES = {
  'it does not open while a master is down': {
    async run(stage) {
      await stage.kill(1);
      await expect(stage.open()).rejects.toThrow(EnvironmentError);
    },
  },
  'a minority of dead masters does not keep it from being taken and released': {
    lacks: hasNoMinority,
    async run(stage) {
      const client = await stage.open({ scenario: { acquireTimeoutMs: 10_000 } });
      await stage.kill(minorityOf(stage.masters.length));
      expect(await client.release(await stage.take(client))).toEqual({ status: 'released' });
    },
  },
  'too many dead masters make its acquisition indeterminate': {
    async run(stage) {
      const client = await stage.open();
      await stage.kill(minorityOf(stage.masters.length) + 1);
      expect(await inTime(stage.acquire(client))).toMatchObject({
        status: 'indeterminate',
        attempts: 1,
        cause: expect.any(Error) as Error,
      });
    },
  },
  'masters that die before its release make that indeterminate': {
    async run(stage) {
      const client = await stage.open();
      const lock = await stage.take(client);
      await stage.kill(minorityOf(stage.masters.length) + 1);
      expect(await inTime(client.release(lock))).toEqual({
        status: 'indeterminate',
        cause: expect.any(Error) as Error,
      });
    },
  },
  'connections that break during its acquisition make that indeterminate': {
    async run(stage) {
      const client = await stage.open({ proxied: true });
      stage.replies = 'reset';
      expect(await inTime(stage.acquire(client))).toMatchObject({ status: 'indeterminate' });
    },
  },
  'connections that break during its release make that indeterminate': {
    async run(stage) {
      const client = await stage.open({ proxied: true, scenario: SHORT_NODE_TIMEOUT });
      const lock = await stage.take(client);
      stage.replies = 'reset';
      expect(await inTime(client.release(lock))).toMatchObject({ status: 'indeterminate' });
    },
  },
  'silent masters make its acquisition indeterminate': {
    async run(stage) {
      const client = await stage.open({ proxied: true, scenario: SHORT_NODE_TIMEOUT });
      stage.replies = 'hold';
      expect(await inTime(stage.acquire(client))).toMatchObject({
        status: 'indeterminate',
        cause: expect.any(Error) as Error,
      });
    },
  },
  'masters that were silent during its acquisition keep no key of it': {
    async run(stage) {
      const client = await stage.open({ proxied: true, scenario: SHORT_NODE_TIMEOUT });
      stage.replies = 'hold';
      await inTime(stage.acquire(client, 60_000));
      stage.replies = 'pass';
      await eventually(() => stage.isEmpty());
    },
  },
  'silent masters make its release indeterminate': {
    async run(stage) {
      const client = await stage.open({ proxied: true, scenario: SHORT_NODE_TIMEOUT });
      const lock = await stage.take(client);
      stage.replies = 'hold';
      expect(await inTime(client.release(lock))).toMatchObject({ status: 'indeterminate' });
    },
  },
  'an abort is answered within the node timeout of silent masters, and no key of it is kept': {
    isUnrunWhenSkipped: true,
    async run(stage) {
      const client = await stage.open({ proxied: true, scenario: { nodeTimeoutMs: 500, acquireTimeoutMs: 25_000 } });
      stage.replies = 'hold';
      const abort = new AbortController();
      const asking = stage.acquire(client, 60_000, abort.signal);
      await eventually(async () => !(await stage.isEmpty()));
      abort.abort();
      expect(await inTime(asking)).toMatchObject({ status: 'aborted' });
      stage.replies = 'pass';
      await eventually(() => stage.isEmpty());
    },
  },
  'a grant that took longer than its ttl is refused': {
    async run(stage) {
      const client = await stage.open({ proxied: true });
      stage.delayMs = LATE_DELAY_MS;
      expect(await inTime(stage.acquire(client, LATE_TTL_MS))).toMatchObject({ status: 'expired' });
    },
  },
  'it works again once its masters can be reached again': {
    async run(stage) {
      const client = await stage.open({ proxied: true, scenario: { acquireTimeoutMs: 20_000 } });
      await client.release(await stage.take(client));
      stage.cut();
      expect(await client.release(await stage.take(client))).toEqual({ status: 'released' });
    },
  },
} satisfies Record<string, Case>;

async function inTime<T>(outcome: Promise<T>): Promise<T | 'no outcome'> {
  return await Promise.race([outcome, sleep(BOUND_MS, 'no outcome' as const)]);
}
