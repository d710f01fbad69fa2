import { describe, expect, it } from 'vitest';
import { EnvironmentError } from '../model/errors.js';
import { systemClock } from '../model/time.js';
import { isAlive } from '../servers/process-remains.fixture.js';
import { ContenderStage, REQUEST } from './contender.fixture.js';
import type { Acquired, AcquireReport } from './contender-protocol.js';

function granted(report: AcquireReport): Acquired {
  if (report.status !== 'acquired') throw new Error(`expected it to be acquired, got ${report.status}`);
  return report;
}

describe('a contender that dies', () => {
  const stage = new ContenderStage(1);

  it('leaves what it had told: its hold ends when it was last known to live', async () => {
    const contender = await stage.start();
    const report = granted(await contender.acquire(REQUEST));
    const beforeNs = systemClock.nowNs();
    await contender.kill();
    const afterNs = systemClock.nowNs();
    expect(await contender.exited).toBe('killed by SIGKILL');
    const [operation, ...others] = await contender.operations();
    expect(others).toEqual([]);
    expect(operation).toMatchObject({ status: 'acquired', enteredNs: report.enteredNs, releaseStatus: undefined });
    expect(operation!.leftNs).toBe(operation!.releaseInvokedNs);
    expect(operation!.leftNs).toBeGreaterThanOrEqual(beforeNs);
    expect(operation!.leftNs).toBeLessThan(afterNs);
  });

  it('is no longer present in the witness', async () => {
    const [first, second] = await stage.startTwo();
    granted(await first.acquire(REQUEST));
    await first.kill();
    await stage.masters[0]!.admin.flushall();
    granted(await second.acquire(REQUEST));
    expect((await stage.resource.report()).witness).toEqual({ entered: 2, overlaps: [] });
  });

  it('leaves the grants of its loop', async () => {
    const contender = await stage.start();
    const looping = contender.loop({ keys: [REQUEST], ttlMs: 5_000, holdMs: 1, forMs: 60_000, clients: 1 });
    const refused = expect(looping).rejects.toThrow('got its end: killed by SIGKILL');
    await expect.poll(async () => (await stage.resource.report()).witness.entered).toBeGreaterThan(3);
    await contender.kill();
    await refused;
    const { entered } = (await stage.resource.report()).witness;
    const held = (await contender.operations()).filter(({ status }) => status === 'acquired');
    expect(held.length).toBeGreaterThanOrEqual(entered);
    expect(held.every(({ releaseInvokedNs }) => releaseInvokedNs !== undefined)).toBe(true);
  });

  it('rejects the orders that it did not obey, and every later one', async () => {
    const contender = await stage.start('redlock', { acquireTimeoutMs: 60_000 });
    granted(await contender.acquire(REQUEST));
    const waiting = expect(contender.acquire(REQUEST)).rejects.toThrow(EnvironmentError);
    await contender.kill();
    await waiting;
    await expect(contender.read(1)).rejects.toThrow(
      'contender c1: expected it to obey read, got its end: killed by SIGKILL',
    );
    await contender.kill();
  });

  it('is ended by its disposal, whether it runs, stands still or is blocked', async () => {
    const contenders = await Promise.all([stage.start(), stage.start(), stage.start()]);
    const [running, stopped, blocked] = contenders;
    stopped.stop();
    await blocked.block(60_000);
    await Promise.all(contenders.map((contender) => contender[Symbol.asyncDispose]()));
    expect(contenders.map(({ pid }) => isAlive(pid))).toEqual([false, false, false]);
    expect(await Promise.all(contenders.map(({ exited }) => exited))).toEqual([
      'ended with exit code 0',
      'killed by SIGKILL',
      'killed by SIGKILL',
    ]);
    expect(running.name).toBe('c1');
  });

  it('says why it could not be started, and leaves no process', async () => {
    const nowhere = { kind: 'unix', path: '/nonexistent.sock' } as const;
    await expect(stage.start('redlock', {}, { resource: nowhere })).rejects.toThrow(
      'contender c1: expected it to obey open, got guarded resource: expected it at /nonexistent.sock, got no connection',
    );
    await expect(stage.start('no-such-lock')).rejects.toThrow('got --lock: expected one of redlock');
  });
});

describe('a guarded resource that ends', () => {
  const stage = new ContenderStage(1);

  it('fails the orders that need it', async () => {
    const contender = await stage.start();
    granted(await contender.acquire(REQUEST));
    const { pid } = stage.resource;
    await stage.resource[Symbol.asyncDispose]();
    expect(isAlive(pid)).toBe(false);
    await expect(contender.read(1)).rejects.toThrow('guarded resource: expected a connection, got a broken one');
  });
});
