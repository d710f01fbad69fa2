import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { msToNs, systemClock } from '../model/time.js';
import { eventually } from '../redlock/redis.fixture.js';
import { testAdapter } from './adapter.conformance.js';
import { AdapterStage, RESOURCE } from './adapter-stage.fixture.js';
import { redlockSequentialAdapter } from './redlock-sequential.js';

for (const masters of [1, 3, 5]) {
  testAdapter({
    adapter: redlockSequentialAdapter,
    masters,
    title: `redlock-sequential on ${String(masters)} masters`,
  });
}

describe('redlock-sequential', () => {
  const stage = new AdapterStage(redlockSequentialAdapter, 4);

  it('asks one master after the other, and a silent one costs its timeout before the next is asked', async () => {
    const heard: string[] = [];
    const client = await stage.open({
      proxied: true,
      scenario: { nodeTimeoutMs: 300 },
      observer: {
        roundTrip: (master) => heard.push(`round trip of ${String(master)}`),
        timedOut: (master) => heard.push(`${String(master)} timed out`),
        failed: (master) => heard.push(`${String(master)} failed`),
      },
    });
    stage.proxies[1]!.replies = 'drop';
    const lock = await stage.take(client);
    expect(heard).toEqual(['round trip of 0', '1 timed out', 'round trip of 2', 'round trip of 3']);
    expect(await client.release(lock)).toEqual({ status: 'released' });
    expect(heard).toHaveLength(4);
  });

  it('asks the masters that are left although the first ones refused, and reports the split vote', async () => {
    let splitVotes = 0;
    const client = await stage.open({ observer: { splitVote: () => splitVotes++ } });
    const [first, second] = stage.masters;
    for (const master of [first!, second!]) await master.admin.set(RESOURCE, 'another');
    expect(await stage.acquire(client)).toEqual({ status: 'held', attempts: 1 });
    expect(splitVotes).toBe(1);
    // What it was granted it gave back before it answered.
    expect(await stage.keys()).toEqual([[RESOURCE], [RESOURCE], [], []]);

    await Promise.all(stage.masters.map(({ admin }) => admin.set(RESOURCE, 'another')));
    expect(await stage.acquire(client)).toEqual({ status: 'held', attempts: 1 });
    expect(splitVotes).toBe(1);
  });

  it('needs a majority of all its masters: of four, two are too few, dead or held', async () => {
    const client = await stage.open();
    await stage.kill(1);
    await stage.masters[1]!.admin.set(RESOURCE, 'another');
    expect(await stage.acquire(client)).toMatchObject({ status: 'held', attempts: 1 });
    await stage.masters[1]!.admin.del(RESOURCE);
    expect(await client.release(await stage.take(client))).toEqual({ status: 'released' });
  });

  it('promises its whole milliseconds less the drift allowance, from before its first command', async () => {
    const client = await stage.open();
    const beforeNs = systemClock.nowNs();
    const lock = await stage.take(client, 10_000.9);
    const afterNs = systemClock.nowNs();
    expect(lock.validUntilNs).toBeGreaterThanOrEqual(beforeNs + msToNs(9_898));
    expect(lock.validUntilNs).toBeLessThanOrEqual(afterNs + msToNs(9_898));
    const extended = await client.extend!(lock, 60_000.9);
    const validUntilNs = extended.status === 'extended' ? extended.lock.validUntilNs : expect.fail(extended.status);
    expect(validUntilNs).toBeGreaterThanOrEqual(afterNs + msToNs(59_398));
    expect(validUntilNs).toBeLessThanOrEqual(systemClock.nowNs() + msToNs(59_398));
  });

  it('is told that an extension took longer than the new ttl', async () => {
    const client = await stage.open({ proxied: true });
    const lock = await stage.take(client);
    for (const proxy of stage.proxies) proxy.delayMs = 30;
    expect(await client.extend!(lock, 100)).toEqual({ status: 'lost' });
  });

  it('gives back what was granted after the abort on all masters at once', async () => {
    const client = await stage.open({ proxied: true, scenario: { nodeTimeoutMs: 20_000, acquireTimeoutMs: 60_000 } });
    const [first, , , last] = stage.proxies;
    last!.replies = 'hold';
    const abort = new AbortController();
    const asking = stage.acquire(client, 60_000, abort.signal);
    await eventually(async () => (await stage.masters[3]!.admin.exists(RESOURCE)) === 1);
    abort.abort();
    first!.replies = 'hold';
    last!.replies = 'pass';
    const isEmpty = eventually(() => stage.isEmpty()).then(() => 'is empty');
    // Asked in turn, the others would wait until the silent connection is given up, which takes over 5 s.
    expect(await Promise.race([isEmpty, sleep(4_000, 'waits')])).toBe('is empty');
    first!.replies = 'pass';
    expect(await asking).toEqual({ status: 'aborted', attempts: 1 });
  });

  it('puts another token in for every attempt', async () => {
    const client = await stage.open({ scenario: { acquireTimeoutMs: 60_000 } });
    const monitor = await stage.masters[0]!.admin.monitor();
    const tokens: string[] = [];
    monitor.on('monitor', (_time, [command, , token]: string[]) => {
      if (command?.toUpperCase() === 'SET') tokens.push(token!);
    });
    await Promise.all(stage.masters.slice(1).map(({ admin }) => admin.set(RESOURCE, 'another')));
    const waiting = stage.acquire(client, 10_000);
    await eventually(() => tokens.length >= 5);
    await Promise.all(stage.masters.slice(1).map(({ admin }) => admin.del(RESOURCE)));
    const outcome = await waiting;
    monitor.disconnect();
    expect(outcome.status).toBe('acquired');
    expect(new Set(tokens).size).toBe(tokens.length);
    expect(tokens.at(-1)).toBe(outcome.status === 'acquired' ? outcome.lock.token : undefined);
  });
});
