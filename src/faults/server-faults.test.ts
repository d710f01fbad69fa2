import { describe, expect, it } from 'vitest';
import { msToNs, nsToUs, systemClock } from '../model/time.js';
import type { ServerFault } from '../model/fault.js';
import type { SpawnedServer } from '../servers/spawned-server.js';
import { ProbedServer } from './probed-server.fixture.js';
import { injectServerFault } from './server-faults.js';

const TIMING = { clock: systemClock, epochNs: 0, proofMs: 50 };

/** A server as far as a fault needs one. */
function fakeServer(parts: Partial<SpawnedServer>): SpawnedServer {
  return parts as SpawnedServer;
}

describe('the end of a server', () => {
  it.each<ServerFault>([
    { kind: 'kill', master: 1 },
    { kind: 'shutdown', master: 1 },
    { kind: 'power-loss', master: 1 },
  ])('that was dead already is not proven by $kind, and it comes back', async (fault) => {
    using refusing = await ProbedServer.start();
    refusing[Symbol.dispose]();
    const struck: string[] = [];
    let isRunning = false;
    const server = fakeServer({
      endpoint: refusing.endpoint,
      pid: 7,
      isRunning: () => isRunning,
      kill: async () => void struck.push('kill'),
      shutdown: async () => void struck.push('shutdown'),
      losePower: async () => ({ lostBytes: struck.push('power-loss') }),
      restart: async () => void (isRunning = true),
      call: async () => 0,
    });
    const injection = await injectServerFault(server, fault, TIMING);
    expect(injection.receipt).toMatchObject({ status: 'unproven', effectNs: null });
    expect(injection.receipt.proof).toMatch(/got one that was dead before$/);
    await injection.heal();
    expect(struck).toEqual([]);
    expect(isRunning).toBe(true);
  });
});

describe('a stall', () => {
  async function stall(probed: ProbedServer, onPause: () => void): Promise<string> {
    const server = fakeServer({
      endpoint: probed.endpoint,
      isRunning: () => true,
      call: async () => {
        onPause();
      },
    });
    const { receipt } = await injectServerFault(server, { kind: 'stall', master: 1 }, TIMING, 100);
    return `${receipt.status}: ${receipt.proof}`;
  }

  it('is proven by a silence after an answer', async () => {
    using probed = await ProbedServer.start();
    expect(await stall(probed, () => (probed.delayMs = 300))).toMatch(/^effective: it had answered before, then it/);
  });

  it('is not proven by a server that is as slow as ever', async () => {
    using probed = await ProbedServer.start(60);
    expect(await stall(probed, () => undefined)).toMatch(/^unproven: no effect was seen/);
  });

  it('is not begun where nothing answers anyway', async () => {
    using probed = await ProbedServer.start(Infinity);
    let isPaused = false;
    const receipt = await stall(probed, () => (isPaused = true));
    expect(receipt).toBe('unproven: it could not be injected: expected an answer before the stall, got silence');
    expect(isPaused).toBe(false);
  });
});

describe('a flush', () => {
  it.each([
    [0, 'it was empty, and then it was emptied'],
    [2, 'it had 2 keys, and then none'],
  ])('of %i keys says so', async (keys, proof) => {
    const server = fakeServer({ call: async () => [keys, 0] });
    const { receipt } = await injectServerFault(server, { kind: 'flush', master: 1 }, TIMING);
    expect(receipt).toMatchObject({ status: 'effective', proof });
  });
});

describe('a jump of a clock', () => {
  /** Its TIME is ours and so much, and one answer in `every` comes late. */
  function clockServer(isMoved: boolean, lateMs: number): SpawnedServer {
    let byMs = 0;
    let asked = 0;
    return fakeServer({
      clockObstacle: undefined,
      setClock: async (ms) => void (byMs = isMoved ? ms : 0),
      call: async () => {
        if (asked++ % 3 === 0) await new Promise((resolve) => setTimeout(resolve, lateMs));
        const us = Math.round(nsToUs(systemClock.nowNs() + msToNs(byMs)));
        return [String(Math.floor(us / 1_000_000)), String(us % 1_000_000)];
      },
    });
  }

  it('of 10 ms is proven, and so is its end, though answers come late', async () => {
    const injection = await injectServerFault(clockServer(true, 12), { kind: 'clock', master: 1, byMs: -10 }, TIMING);
    expect(injection.receipt.status).toBe('effective');
    expect((await injection.heal()).proof).toMatch(/^its TIME jumped by -\S+ ms; then its TIME was as before$/);
  });

  it('of 10 ms is not faked by late answers', async () => {
    const fault: ServerFault = { kind: 'clock', master: 1, byMs: -10 };
    expect((await injectServerFault(clockServer(false, 12), fault, TIMING)).receipt.status).toBe('unproven');
  });

  it('is not run without a shim, and says why', async () => {
    let isSet = false;
    const server = fakeServer({ clockObstacle: 'no compiler', setClock: async () => void (isSet = true) });
    const injection = await injectServerFault(server, { kind: 'clock', master: 1, byMs: 20_000 }, TIMING);
    expect(await injection.heal()).toMatchObject({
      status: 'not-run',
      proof: 'it could not be injected: no compiler',
    });
    expect(isSet).toBe(false);
  });
});
