import { getEventListeners } from 'node:events';
import { Redis } from 'ioredis';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { UsageError } from '../model/errors.js';
import { msToNs, nsToMs, systemClock } from '../model/time.js';
import { AcquireAbortedError, LockExpiredError, LockHeldError, QuorumUnreachableError } from './errors.js';
import type { ScriptReply } from './master.js';
import type { RedlockOptions } from './options.js';
import { Redlock } from './redlock.js';
import {
  GRANTED,
  LOST_REPLY,
  NOT_CONNECTED,
  REFUSED,
  ScriptedMaster,
  soon,
  type Answer,
} from './scripted-master.fixture.js';
import { FENCE_READ, type Script } from './scripts.js';

const ONE_ATTEMPT = { acquireTimeoutMs: 0 };

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** A client of masters that answer SET as told; one answer for each, or the same list for a single master. */
function over(
  answers: Answer[],
  options: RedlockOptions = ONE_ATTEMPT,
): { redlock: Redlock; masters: ScriptedMaster[] } {
  const masters: ScriptedMaster[] = [];
  const sources = answers.map((answer) => (index: number) => {
    const master = new ScriptedMaster(index);
    master.set = [answer];
    masters.push(master);
    return master;
  });
  return { redlock: new Redlock(sources, { random: { next: () => 0.5 }, ...options }), masters };
}

/** Lets fake time pass until the promise settles, and says how much did. */
async function timed<T>(promise: Promise<T>): Promise<{ value: T; tookMs: number }> {
  const startNs = systemClock.nowNs();
  let tookMs: number | undefined;
  void promise.then(
    () => (tookMs = nsToMs(systemClock.nowNs() - startNs)),
    () => (tookMs = nsToMs(systemClock.nowNs() - startNs)),
  );
  for (let i = 0; i < 30_000 && tookMs === undefined; i++) await vi.advanceTimersByTimeAsync(1);
  return { value: await promise, tookMs: Math.round(tookMs ?? NaN) };
}

describe('an attempt', () => {
  it('is won by the quorum and does not wait for the slowest master', async () => {
    const { redlock } = over([soon(GRANTED, 3), soon(GRANTED, 40), soon(GRANTED, 7)]);
    const { value, tookMs } = await timed(redlock.tryAcquire('a', 10_000));
    expect([value.status, tookMs]).toEqual(['acquired', 7]);
  });

  it('is lost as soon as a quorum is out of reach, and does not wait for the slowest master', async () => {
    const { redlock } = over([soon(REFUSED, 3), soon(GRANTED, 40), soon(REFUSED, 7)]);
    const { value, tookMs } = await timed(redlock.tryAcquire('a', 10_000));
    expect([value, tookMs]).toMatchObject([{ status: 'held', attempts: 1 }, 7]);
  });

  it('is over at the node timeout when too few masters answer, and names the silent ones', async () => {
    const { redlock } = over([soon(GRANTED), 'never', 'never']);
    const { value, tookMs } = await timed(redlock.tryAcquire('a', 10_000));
    expect(tookMs).toBeGreaterThanOrEqual(50);
    expect(tookMs).toBeLessThanOrEqual(52);
    expect(value).toMatchObject({ status: 'indeterminate', attempts: 1 });
    const { cause } = value as { cause: Error };
    expect(cause).toBeInstanceOf(QuorumUnreachableError);
    expect(cause.message).toMatch(/2 of 3 .* got 1 for .* master-1: no answer within 50 ms; master-2: no answer/);
  });

  it('is written to every master, even when the first ones fail at once and decide it', async () => {
    const { redlock, masters } = over([soon(GRANTED), soon(GRANTED), soon(GRANTED)]);
    masters[0]!.set = masters[1]!.set = [{ afterMs: 'at once', vote: NOT_CONNECTED }];
    const { value } = await timed(redlock.tryAcquire('a', 10_000));
    expect(value.status).toBe('indeterminate');
    expect(masters.map((master) => master.count('set'))).toEqual([1, 1, 1]);
  });

  it('counts its validity from before the first write, less the drift allowance', async () => {
    const { redlock } = over([soon(GRANTED, 30)]);
    const startNs = systemClock.nowNs();
    const { value } = await timed(redlock.tryAcquire('a', 10_000));
    if (value.status !== 'acquired') throw new Error(value.status);
    expect(value.lock.validUntilNs - startNs).toBe(msToNs(10_000 - 102));
    expect(value.lock.remainingNs).toBe(msToNs(10_000 - 102 - 30));
  });

  it('pitfall 1: is refused when the quorum came after the validity had ended, and released everywhere', async () => {
    // The allowance of 40 ms is 2.4 ms: at 38 ms nothing is left, although the keys still exist.
    const { redlock, masters } = over([soon(GRANTED, 38), soon(GRANTED, 38), 'never']);
    const { value, tookMs } = await timed(redlock.tryAcquire('a', 40));
    expect([value, tookMs]).toMatchObject([{ status: 'expired', attempts: 1 }, 38]);
    expect(masters.map((master) => master.count('delete'))).toEqual([1, 1, 1]);
  });

  it('is won one millisecond before that', async () => {
    const { redlock } = over([soon(GRANTED, 37), soon(GRANTED, 37), 'never']);
    expect((await timed(redlock.tryAcquire('a', 40))).value.status).toBe('acquired');
  });
});

describe('after a failed attempt', () => {
  it('releases at once wherever the token may be: granted, silent and lost replies, not refusals or no connection', async () => {
    const { redlock, masters } = over([
      soon(GRANTED),
      soon(REFUSED),
      soon(LOST_REPLY),
      'never',
      { afterMs: 'at once', vote: NOT_CONNECTED },
    ]);
    await timed(redlock.tryAcquire('a', 10_000));
    expect(masters.map((master) => master.count('delete'))).toEqual([1, 0, 1, 1, 0]);
    for (const master of masters) for (const { token } of master.calls) expect(token).toBe(master.calls[0]!.token);
  });

  it('does not make the caller wait for that release, but drain does', async () => {
    const { redlock, masters } = over([soon(GRANTED, 2), soon(REFUSED, 2)]);
    masters[0]!.delete = [soon(GRANTED, 20)];
    expect((await timed(redlock.tryAcquire('a', 10_000))).tookMs).toBe(2);
    expect((await timed(redlock.drain())).tookMs).toBe(20);
    expect((await timed(redlock.drain())).tookMs).toBeLessThanOrEqual(1);
  });

  it('uses another token for the next attempt, so that a late release cannot delete its grants', async () => {
    const { redlock, masters } = over([soon(REFUSED), soon(GRANTED), soon(GRANTED)], {});
    masters[0]!.set = [soon(REFUSED), soon(GRANTED)];
    masters[1]!.set = [soon(REFUSED), soon(GRANTED)];
    const { value } = await timed(redlock.tryAcquire('a', 10_000));
    expect(value).toMatchObject({ status: 'acquired', attempts: 2 });
    const [first, released, second] = masters[2]!.calls;
    expect([first?.kind, released?.kind, second?.kind]).toEqual(['set', 'delete', 'set']);
    expect(released?.token).toBe(first?.token);
    expect(second?.token).not.toBe(first?.token);
  });
});

describe('drain', () => {
  it('is not misled by votes that come after the deadline', async () => {
    const { redlock, masters } = over([soon(GRANTED, 100)]);
    await timed(redlock.tryAcquire('a', 10_000));
    await vi.advanceTimersByTimeAsync(100);
    masters[0]!.delete = [soon(GRANTED, 20)];
    masters[0]!.set = [soon(LOST_REPLY)];
    await timed(redlock.tryAcquire('a', 10_000));
    expect((await timed(redlock.drain())).tookMs).toBe(20);
  });

  it('is waited for by close', async () => {
    const { redlock, masters } = over([soon(LOST_REPLY)]);
    masters[0]!.delete = [soon(GRANTED, 20)];
    await timed(redlock.tryAcquire('a', 10_000));
    expect((await timed(redlock.close())).tookMs).toBe(20);
  });
});

describe('waiting', () => {
  it('retries after the ramped back-off until the lock is free', async () => {
    const { redlock, masters } = over([soon(REFUSED)], { retryDelayMs: 10, retryJitterMs: 80 });
    masters[0]!.set = [soon(REFUSED), soon(REFUSED), soon(GRANTED)];
    // 1 + (10 + 0.5×80/8) + 1 + (10 + 0.5×80/4) + 1
    const { value, tookMs } = await timed(redlock.tryAcquire('a', 10_000));
    expect(value).toMatchObject({ status: 'acquired', attempts: 3 });
    expect(tookMs).toBe(38);
  });

  it('ends with the acquire timeout: the last wait is cut, and no attempt starts after it', async () => {
    const { redlock, masters } = over([soon(REFUSED)], { acquireTimeoutMs: 100, retryDelayMs: 30, retryJitterMs: 0 });
    const { value, tookMs } = await timed(redlock.tryAcquire('a', 10_000));
    // Attempts at 0, 31, 62 and 93 ms.
    expect(value).toMatchObject({ status: 'held', attempts: 4 });
    expect(tookMs).toBe(100);
    expect(masters[0]!.count('set')).toBe(4);
  });

  it('makes one attempt when there is no time to wait', async () => {
    const { redlock, masters } = over([soon(REFUSED, 4)]);
    expect(await timed(redlock.tryAcquire('a', 10_000))).toEqual({
      value: { status: 'held', attempts: 1, votes: [{ master: 'master-0', vote: 'held' }] },
      tookMs: 4,
    });
    expect(masters[0]!.count('set')).toBe(1);
  });

  it('ends at once when the caller aborts, with the attempts that were written', async () => {
    const { redlock, masters } = over([soon(REFUSED)], { retryDelayMs: 1_000 });
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 20);
    const { value, tookMs } = await timed(redlock.tryAcquire('a', 10_000, { signal: controller.signal }));
    expect([value, tookMs]).toMatchObject([{ status: 'aborted', attempts: 1 }, 20]);
    expect(masters[0]!.count('set')).toBe(1);
    expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0);
  });

  it('writes nothing for a signal that has aborted before', async () => {
    const { redlock, masters } = over([soon(GRANTED)]);
    const { value } = await timed(redlock.tryAcquire('a', 10_000, { signal: AbortSignal.abort() }));
    expect(value).toMatchObject({ status: 'aborted', attempts: 0 });
    expect(masters[0]!.calls).toEqual([]);
  });

  it('lets an attempt finish that is under way at the abort, and releases what it was granted', async () => {
    const { redlock, masters } = over([soon(GRANTED, 30)]);
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 10);
    const { value, tookMs } = await timed(redlock.tryAcquire('a', 10_000, { signal: controller.signal }));
    expect([value, tookMs]).toMatchObject([{ status: 'aborted', attempts: 1 }, 30]);
    expect(masters[0]!.calls.map(({ kind }) => kind)).toEqual(['set', 'delete']);
  });

  it('listens to the signal only while it waits', async () => {
    const { redlock } = over([soon(GRANTED, 10)]);
    const { signal } = new AbortController();
    const acquiring = redlock.tryAcquire('a', 10_000, { signal });
    await vi.advanceTimersByTimeAsync(5);
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
    await timed(acquiring);
  });

  it('ends as aborted when the client is closed, and nothing starts afterwards', async () => {
    const { redlock, masters } = over([soon(REFUSED)], { retryDelayMs: 1_000 });
    const acquiring = redlock.tryAcquire('a', 10_000);
    await vi.advanceTimersByTimeAsync(10);
    await timed(redlock.close());
    expect(await acquiring).toMatchObject({ status: 'aborted', attempts: 1 });
    expect(await redlock.tryAcquire('a', 10_000)).toMatchObject({ status: 'aborted', attempts: 0 });
    expect(masters[0]!.count('set')).toBe(1);
  });
});

describe('the queue of a client', () => {
  const patient = { acquireTimeoutMs: 60_000 };

  it('keeps nobody who has aborted, or comes after the close, not even for a moment', async () => {
    const { redlock } = over([soon(GRANTED)], patient);
    await timed(redlock.acquire('a', 10_000));
    const first = redlock.tryAcquire('a', 10_000);
    const { value, tookMs } = await timed(redlock.tryAcquire('a', 10_000, { signal: AbortSignal.abort() }));
    expect(value.status).toBe('aborted');
    expect(tookMs).toBeLessThanOrEqual(1);
    await timed(redlock.close());
    expect((await first).status).toBe('aborted');
    expect(await redlock.tryAcquire('a', 10_000)).toMatchObject({ status: 'aborted', attempts: 0 });
    // The deadline of the first attempt, which goes with its time.
    await vi.advanceTimersByTimeAsync(60);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('lets whoever gives up in it make one attempt: dead masters are not a held lock', async () => {
    const { redlock, masters } = over([soon(GRANTED), soon(GRANTED), soon(GRANTED)], patient);
    for (const master of masters) master.set = [{ afterMs: 'at once', vote: NOT_CONNECTED }];
    void redlock.tryAcquire('a', 10_000);
    const { value } = await timed(redlock.tryAcquire('a', 10_000, { acquireTimeoutMs: 100 }));
    expect(value).toMatchObject({ status: 'indeterminate', attempts: 1 });
    await timed(redlock.close());
  });
});

describe('a release that does not reach its master', () => {
  it('is repeated when the master is back, and again if that is lost too, three times at most', async () => {
    const { redlock, masters } = over([soon(GRANTED)]);
    const lock = await timed(redlock.acquire('a', 10_000));
    masters[0]!.delete = [soon(LOST_REPLY)];
    await timed(lock.value.release());
    for (let i = 0; i < 6; i++) {
      masters[0]!.reconnect();
      await vi.advanceTimersByTimeAsync(2);
    }
    expect(masters[0]!.count('delete')).toBe(1 + 3);
  });

  it('is repeated once when the repeat is answered', async () => {
    const { redlock, masters } = over([soon(GRANTED), soon(REFUSED)]);
    masters[0]!.delete = [{ afterMs: 'at once', vote: NOT_CONNECTED }, soon(GRANTED)];
    await timed(redlock.tryAcquire('a', 10_000));
    masters[0]!.reconnect();
    await vi.advanceTimersByTimeAsync(2);
    masters[0]!.reconnect();
    expect(masters[0]!.count('delete')).toBe(2);
  });

  it('is repeated when its connection drops long after the node timeout', async () => {
    const { redlock, masters } = over(['never']);
    masters[0]!.delete = [soon(LOST_REPLY, 3_000)];
    await timed(redlock.tryAcquire('a', 10_000));
    await vi.advanceTimersByTimeAsync(3_000);
    masters[0]!.reconnect();
    expect(masters[0]!.count('delete')).toBe(2);
  });

  it('is given up when the ttl has ended', async () => {
    const { redlock, masters } = over(['never']);
    masters[0]!.delete = [soon(LOST_REPLY)];
    await timed(redlock.tryAcquire('a', 1_000));
    await vi.advanceTimersByTimeAsync(1_000);
    masters[0]!.reconnect();
    expect(masters[0]!.count('delete')).toBe(1);
  });

  it('is not repeated when the master answered it with an error', async () => {
    const { redlock, masters } = over(['never']);
    masters[0]!.delete = [soon({ kind: 'failed', reached: 'answered', cause: new Error('NOPERM') })];
    await timed(redlock.tryAcquire('a', 10_000));
    await vi.advanceTimersByTimeAsync(5);
    masters[0]!.reconnect();
    expect(masters[0]!.count('delete')).toBe(1);
  });
});

describe('the observer', () => {
  it('hears round trips, also late ones, timeouts, failures and split votes', async () => {
    const heard: string[] = [];
    const observer = {
      roundTrip: (master: number, ns: number) => void heard.push(`${String(master)} after ${String(nsToMs(ns))}`),
      timedOut: (master: number) => void heard.push(`${String(master)} timed out`),
      failed: (master: number) => void heard.push(`${String(master)} failed`),
      splitVote: () => void heard.push('split'),
      wokeUp: () => void heard.push('woke up'),
    };
    const { redlock, masters } = over([soon(GRANTED, 2), soon(LOST_REPLY, 3), soon(GRANTED, 90)], {
      ...ONE_ATTEMPT,
      observer,
    });
    await timed(redlock.tryAcquire('a', 10_000));
    await vi.advanceTimersByTimeAsync(100);
    expect(heard).toEqual(['0 after 2', '1 failed', '2 timed out', '2 after 90']);

    heard.length = 0;
    masters[0]!.set = [soon(GRANTED, 1)];
    masters[1]!.set = [soon(REFUSED, 2)];
    masters[2]!.set = [soon(REFUSED, 3)];
    await timed(redlock.tryAcquire('a', 10_000));
    await vi.advanceTimersByTimeAsync(100);
    expect(heard).toEqual(['0 after 1', '1 after 2', '2 after 3', 'split']);
  });
});

describe('acquire', () => {
  it('throws what a caller must not miss, each with its own class', async () => {
    const held = over([soon(REFUSED)]).redlock.acquire('a', 10_000);
    await expect(timed(held)).rejects.toThrow(LockHeldError);
    await expect(held).rejects.toMatchObject({ code: 'LOCK_HELD', attempts: 1, resources: ['a'] });
    await expect(timed(over([soon(GRANTED, 40)]).redlock.acquire('a', 40))).rejects.toThrow(LockExpiredError);
    await expect(timed(over(['never']).redlock.acquire('a', 10_000))).rejects.toThrow(QuorumUnreachableError);
    const signal = AbortSignal.abort('enough');
    const aborted = over([soon(GRANTED)]).redlock.acquire('a', 10_000, { signal });
    await expect(timed(aborted)).rejects.toThrow(AcquireAbortedError);
    await expect(aborted).rejects.toMatchObject({ cause: 'enough', attempts: 0 });
  });

  it('refuses misuse before it writes anything', async () => {
    const { redlock, masters } = over([soon(GRANTED)]);
    for (const resources of [[], [''], ['a', 'a']]) {
      await expect(redlock.acquire(resources, 10_000)).rejects.toThrow(UsageError);
    }
    // 2 ms leave nothing after a drift allowance of 2.02 ms.
    for (const ttlMs of [0, 2, 1.5, NaN, Infinity]) {
      await expect(redlock.acquire('a', ttlMs)).rejects.toThrow(UsageError);
    }
    expect(masters[0]!.calls).toEqual([]);
  });
});

describe('a fenced acquisition', () => {
  /** Knows no fence, and takes its time to store one. */
  class FencedMaster extends ScriptedMaster {
    deletesBeforeClose = 0;

    override evaluate(script: Script, _keys: unknown, _args: unknown, onReply: (reply: ScriptReply) => void): void {
      if (script === FENCE_READ) onReply(null);
      else setTimeout(() => onReply(1), 30);
    }

    override close(): Promise<void> {
      this.deletesBeforeClose = this.count('delete');
      return super.close();
    }
  }

  function overFenced(): { redlock: Redlock; masters: FencedMaster[] } {
    const masters = [0, 1, 2].map((index) => new FencedMaster(index));
    return { redlock: new Redlock(masters.map((master) => () => master)), masters };
  }

  it('has its fence, in the round trip after its own', async () => {
    const { redlock } = overFenced();
    const { value, tookMs } = await timed(redlock.acquire('a', 10_000, { fencing: true }));
    expect([value.fence?.counter, tookMs]).toEqual([1, 31]);
    expect((await timed(redlock.acquire('b', 10_000))).value.fence).toBeUndefined();
  });

  it('is released before the connections close, when the client is closed while the fence is being stored', async () => {
    const { redlock, masters } = overFenced();
    const acquiring = redlock.tryAcquire('a', 10_000, { fencing: true });
    await vi.advanceTimersByTimeAsync(10);
    await timed(redlock.close());
    expect((await acquiring).status).toBe('aborted');
    expect(masters.map(({ deletesBeforeClose }) => deletesBeforeClose)).toEqual([1, 1, 1]);
  });

  it('is refused for several resources', async () => {
    const { redlock } = overFenced();
    await expect(redlock.tryAcquire(['a', 'b'], 10_000, { fencing: true })).rejects.toThrow(/expected one resource/);
  });
});

describe('the constructor', () => {
  it('names every problem at once, and no password', () => {
    let problems: readonly string[] = [];
    try {
      new Redlock(['redis://u:secret@127.0.0.1:1', 'redis://127.0.0.1:1', 'http://u:secret@x'], {
        nodeTimeoutMs: NaN,
        acquireTimeoutMs: -1,
        retryDelayMs: 0,
        retryJitterMs: 0,
        driftFactor: 1,
      });
    } catch (error) {
      problems = (error as UsageError).problems;
    }
    expect(problems.map((problem) => problem.split(':', 2)[0])).toEqual([
      'masters',
      'masters',
      'acquireTimeoutMs',
      'nodeTimeoutMs',
      'driftFactor',
      'retryJitterMs',
    ]);
    expect(problems.join()).not.toContain('secret');
    expect(() => new Redlock([])).toThrow(/expected at least one/);
    const own = new Redis({ lazyConnect: true });
    expect(() => new Redlock([own, own])).toThrow(/got one instance twice/);
  });
});
