import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { UsageError } from '../model/errors.js';
import { seededRandom } from '../model/random.js';
import { msToNs, systemClock } from '../model/time.js';
import { eventually } from '../redlock/redis.fixture.js';
import { AdapterStage, RESOURCE } from './adapter-stage.fixture.js';
import { delOnReleaseAdapter } from './del-on-release.js';
import { ServerConnection } from './server-connection.js';
import { setNxPxAdapter } from './set-nx-px.js';
import { setnxExpireScriptAdapter } from './setnx-expire-script.js';
import { setnxThenExpireAdapter } from './setnx-then-expire.js';

describe('a lock on one server', () => {
  const stage = new AdapterStage(setNxPxAdapter, 1);

  /** Everything that the client reports, in order. */
  function listener() {
    const heard: string[] = [];
    return {
      heard,
      observer: {
        roundTrip: (master: number, ns: number) => heard.push(`${String(master)} answered ${String(ns > 0)}`),
        timedOut: (master: number) => heard.push(`${String(master)} timed out`),
        failed: (master: number) => heard.push(`${String(master)} failed`),
      },
    };
  }

  it('reports the round trip of each command that acquires, and of no other', async () => {
    const { heard, observer } = listener();
    const client = await stage.open({ observer });
    const lock = await stage.take(client);
    expect(heard).toEqual(['0 answered true']);
    await stage.acquire(client);
    await client.extend!(lock, 60_000);
    await client.release(lock);
    expect(heard).toEqual(['0 answered true', '0 answered true']);
  });

  it('reports a server that is silent, and its late answer, and one that is gone', async () => {
    const { heard, observer } = listener();
    const client = await stage.open({ proxied: true, observer, scenario: { nodeTimeoutMs: 100 } });
    stage.replies = 'hold';
    const outcome = await stage.acquire(client);
    expect(outcome).toMatchObject({
      cause: { message: expect.stringMatching(/an answer within 100 ms, got none/) as string },
    });
    expect(heard).toEqual(['0 timed out']);
    stage.cut();
    expect((await stage.acquire(client)).status).toBe('indeterminate');
    expect(heard).toEqual(['0 timed out', '0 failed']);
  });

  it('hands on what the server says when it refuses a command', async () => {
    const { heard, observer } = listener();
    const client = await stage.open({ observer });
    const { admin } = stage.masters[0]!;
    await admin.config('SET', 'maxmemory', '1');
    try {
      const outcome = await stage.acquire(client);
      expect(outcome).toMatchObject({ cause: { message: expect.stringMatching(/^OOM/) as string } });
      expect(heard).toEqual(['0 failed']);
    } finally {
      await admin.config('SET', 'maxmemory', '0');
    }
  });

  it('sends the body of a script that the server has lost', async () => {
    const client = await stage.open();
    const lock = await stage.take(client);
    await stage.masters[0]!.admin.script('FLUSH');
    expect(await client.release(lock)).toEqual({ status: 'released' });
    expect(await stage.isEmpty()).toBe(true);
  });

  it('promises its whole milliseconds, from before its command was written', async () => {
    const beforeNs = systemClock.nowNs();
    const lock = await stage.take(await stage.open(), 10_000.9);
    expect(await stage.masters[0]!.admin.get(RESOURCE)).toBe(lock.token);
    expect(lock.validUntilNs).toBeGreaterThanOrEqual(beforeNs + msToNs(10_000));
    expect(lock.validUntilNs).toBeLessThanOrEqual(systemClock.nowNs() + msToNs(10_000));
  });

  it('says why it does not open, and never the password', async () => {
    const { admin, path } = stage.masters[0]!;
    await admin.config('SET', 'requirepass', 'right-secret');
    try {
      const endpoint = {
        socket: { kind: 'unix', path },
        username: undefined,
        password: 'wrong-secret',
        database: 0,
      } as const;
      const settings = { nodeTimeoutMs: 5_000, scripts: [], clock: systemClock, random: seededRandom(1) };
      const error: unknown = await ServerConnection.open(endpoint, settings).catch((thrown: unknown) => thrown);
      expect(String(error)).toMatch(/^EnvironmentError: unix:\S+: expected a Redis server, got WRONGPASS/);
      expect(inspect(error, { depth: 5 })).not.toContain('secret');
    } finally {
      await admin.config('SET', 'requirepass', '');
    }
  });

  it('ends its waiting when it is closed', async () => {
    const { heard, observer } = listener();
    const patient = { acquireTimeoutMs: 600_000, retryDelayMs: 600_000 };
    const [ours, theirs] = [await stage.open(), await stage.open({ scenario: patient, observer })];
    await stage.take(ours);
    const waiting = stage.acquire(theirs);
    await eventually(() => heard.length === 1);
    await theirs[Symbol.asyncDispose]();
    expect((await waiting).status).toBe('aborted');
  });

  it('refuses several resources, and says everything that is wrong at once', async () => {
    const client = await stage.open();
    const { signal } = new AbortController();
    const error: unknown = await client
      .acquire({ resources: ['a', 'b'], ttlMs: 1_000, mode: 'shared' }, signal)
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(UsageError);
    expect((error as UsageError).problems).toEqual([
      'mode: expected exclusive, got shared; set-nx-px has no shared mode',
      'resources: expected one, got 2; set-nx-px locks one at a time',
    ]);
  });
});

it('names what is wrong with a lock, and only with one that is flawed', () => {
  expect(setNxPxAdapter.flaw).toBeUndefined();
  expect(delOnReleaseAdapter.flaw).toMatch(/next holder/);
  expect(delOnReleaseAdapter.capabilities).toEqual({ maxMasters: 1, canExtend: false, leavesKeys: false });
});

describe('a lock on one server that is taken by a script', () => {
  const stage = new AdapterStage(setnxExpireScriptAdapter, 1);

  it('does not report a master that has lost the script as failed', async () => {
    const heard: string[] = [];
    const client = await stage.open({
      observer: { roundTrip: () => heard.push('answered'), failed: () => heard.push('failed') },
    });
    await stage.masters[0]!.admin.script('FLUSH');
    await stage.take(client);
    expect(heard).toEqual(['answered']);
  });
});

describe('a lock on one server that got two', () => {
  const stage = new AdapterStage(setNxPxAdapter, 2);

  it('does not open', async () => {
    await expect(stage.open()).rejects.toThrow(/expected one for a lock on one server, got 2/);
  });
});

describe.each([setnxThenExpireAdapter, setnxExpireScriptAdapter])('$name', (adapter) => {
  const stage = new AdapterStage(adapter, 1);

  it('rounds its ttl up to whole seconds, and promises as much', async () => {
    const beforeNs = systemClock.nowNs();
    const lock = await stage.take(await stage.open(), 59_001);
    expect(await stage.masters[0]!.admin.pttl(RESOURCE)).toBeGreaterThan(59_001);
    expect(lock.validUntilNs).toBeGreaterThanOrEqual(beforeNs + msToNs(60_000));
    expect(lock.validUntilNs).toBeLessThanOrEqual(systemClock.nowNs() + msToNs(60_000));
  });
});
