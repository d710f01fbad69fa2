import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { msToNs, systemClock } from '../model/time.js';
import { LockLostError, QuorumUnreachableError } from './errors.js';
import type { Lock } from './lock.js';
import { Redlock } from './redlock.js';
import { GRANTED, LOST_REPLY, REFUSED, ScriptedMaster, soon } from './scripted-master.fixture.js';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

async function locked(count: number, ttlMs = 10_000): Promise<{ lock: Lock; masters: ScriptedMaster[] }> {
  const masters = Array.from({ length: count }, (_, index) => new ScriptedMaster(index));
  const redlock = new Redlock(masters.map((master) => () => master));
  const lock = await passing(redlock.acquire('a', ttlMs), 1);
  return { lock, masters };
}

async function passing<T>(promise: Promise<T>, ms: number): Promise<T> {
  const [result] = await Promise.allSettled([promise, vi.advanceTimersByTimeAsync(ms)]);
  if (result.status === 'rejected') throw result.reason;
  return result.value;
}

it('moves its validity when a quorum extends it, counted from before the write', async () => {
  const { lock, masters } = await locked(3);
  masters[2]!.expire = ['never'];
  await vi.advanceTimersByTimeAsync(4_000);
  const startNs = systemClock.nowNs();
  const validUntilNs = await passing(lock.extend(20_000), 1);
  expect(validUntilNs - startNs).toBe(msToNs(20_000 - 202));
  expect(lock.validUntilNs).toBe(validUntilNs);
  expect(masters[0]!.calls.at(-1)).toEqual({ kind: 'expire', token: lock.token, ttlMs: 20_000 });
});

it('is lost when a quorum says that the token is gone, whatever is left of its validity', async () => {
  const { lock, masters } = await locked(3);
  masters[0]!.expire = masters[1]!.expire = [soon(REFUSED)];
  expect(await passing(lock.tryExtend(10_000), 1)).toEqual({ status: 'lost' });
  await expect(passing(lock.extend(10_000), 1)).rejects.toThrow(LockLostError);
});

it('keeps its validity when too few masters answer an extension, and says which', async () => {
  const { lock, masters } = await locked(3);
  const { validUntilNs } = lock;
  masters[0]!.expire = masters[1]!.expire = [soon(LOST_REPLY)];
  await expect(passing(lock.extend(20_000), 60)).rejects.toThrow(QuorumUnreachableError);
  expect(lock.validUntilNs).toBe(validUntilNs);
});

it('pitfall 1: is lost when its extension was confirmed only after the new validity had ended', async () => {
  const { lock, masters } = await locked(1);
  masters[0]!.expire = [soon(GRANTED, 38)];
  expect(await passing(lock.tryExtend(40), 38)).toEqual({ status: 'lost' });
});

it('believes a shorter ttl as soon as it is written, not when it is confirmed', async () => {
  const { lock, masters } = await locked(1);
  masters[0]!.expire = ['never'];
  const startNs = systemClock.nowNs();
  await passing(lock.tryExtend(1_000), 60);
  expect(lock.validUntilNs - startNs).toBe(msToNs(1_000 - 12));
});

it('believes the later of two extensions, also when the earlier one is settled after it', async () => {
  const { lock, masters } = await locked(1);
  masters[0]!.expire = [soon(GRANTED, 20), soon(GRANTED, 2)];
  const startNs = systemClock.nowNs();
  await passing(Promise.all([lock.tryExtend(30_000), lock.tryExtend(1_000)]), 30);
  expect(lock.validUntilNs - startNs).toBe(msToNs(1_000 - 12));
});

it('believes the earlier of two extensions, settled last, where the later one promised more', async () => {
  const { lock, masters } = await locked(1, 1_000);
  masters[0]!.expire = [soon(GRANTED, 10), soon(LOST_REPLY, 5)];
  const startNs = systemClock.nowNs();
  await passing(Promise.all([lock.tryExtend(20_000), lock.tryExtend(30_000)]), 30);
  expect(lock.validUntilNs - startNs).toBe(msToNs(20_000 - 202));
});

it('believes no earlier extension after one that shortened, even when a third has promised more again', async () => {
  const { lock, masters } = await locked(1);
  masters[0]!.expire = [soon(GRANTED, 20), soon(LOST_REPLY), soon(LOST_REPLY)];
  const startNs = systemClock.nowNs();
  await passing(Promise.all([lock.tryExtend(30_000), lock.tryExtend(1_000), lock.tryExtend(30_000)]), 40);
  expect(lock.validUntilNs - startNs).toBe(msToNs(1_000 - 12));
});

it('is not extended after its release, nor by an extension that the release overtook', async () => {
  const { lock, masters } = await locked(1);
  masters[0]!.expire = [soon(GRANTED, 10)];
  const extending = lock.tryExtend(20_000);
  void lock.release();
  expect(await passing(extending, 10)).toEqual({ status: 'lost' });
  expect(await lock.tryExtend(20_000)).toEqual({ status: 'lost' });
  expect(masters[0]!.count('expire')).toBe(1);
});

it('is released once, however often it is asked, with the same answer', async () => {
  const { lock, masters } = await locked(3);
  masters[2]!.delete = [soon(REFUSED)];
  const answers = await passing(Promise.all([lock.release(), lock.release()]), 1);
  expect([...answers, await lock.release()]).toEqual(Array(3).fill({ status: 'released' }));
  expect(masters.map((master) => master.count('delete'))).toEqual([1, 1, 1]);
});

it('is released by its quorum and does not wait for the slowest master', async () => {
  const { lock, masters } = await locked(3);
  masters[2]!.delete = ['never'];
  expect(await passing(lock.release(), 1)).toEqual({ status: 'released' });
});

it('says that a release is indeterminate when the masters disagree or are silent', async () => {
  const { lock, masters } = await locked(3);
  masters[0]!.delete = [soon(REFUSED)];
  masters[2]!.delete = ['never'];
  expect(await passing(lock.release(), 60)).toMatchObject({
    status: 'indeterminate',
    cause: { code: 'QUORUM_UNREACHABLE' },
  });
});

it('is released at the end of its block, and a failing release does not hide an error of the body', async () => {
  const { lock, masters } = await locked(1);
  masters[0]!.delete = [soon(LOST_REPLY)];
  const body = async (): Promise<void> => {
    await using held = lock;
    throw new Error(`the body failed, holding ${held.token}`);
  };
  await expect(passing(body(), 5)).rejects.toThrow(`the body failed, holding ${lock.token}`);
  expect(masters[0]!.count('delete')).toBe(1);
});
