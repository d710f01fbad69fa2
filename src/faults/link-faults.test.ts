import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { LinkFault } from '../model/fault.js';
import { systemClock } from '../model/time.js';
import type { Impairment, LinkCounters } from '../servers/impairment.js';
import type { Ways } from './impaired-way.js';
import { injectLinkFault, linkAct } from './link-faults.js';
import { ProbedServer } from './probed-server.fixture.js';

const TIMING = { clock: systemClock, epochNs: 0, proofMs: 300 };
const NOTHING: LinkCounters = {
  connections: 0,
  accepted: 0,
  refused: 0,
  resets: 0,
  requestBytes: 0,
  replyBytes: 0,
  heldBytes: 0,
  lostBytes: 0,
};

function waysTo(
  probed: readonly ProbedServer[],
  onImpair: (impairment: Impairment, place: number) => void,
  countersOf: (place: number) => Partial<LinkCounters> = () => ({}),
): Ways {
  return {
    endpoints: probed.map(({ endpoint }) => endpoint),
    impair: async (place, impairment) => {
      onImpair(impairment, place);
    },
    counters: async (place) => ({ ...NOTHING, ...countersOf(place) }),
  };
}

const LATENCY: LinkFault = { kind: 'latency', master: 1, client: undefined, delayMs: 20, jitterMs: 0 };
const BANDWIDTH: LinkFault = { kind: 'bandwidth', master: 1, client: undefined, bytesPerSecond: 10_000 };

describe('a slow way', () => {
  it.each([LATENCY, BANDWIDTH])('is not proven by one that always was: $kind', async (fault) => {
    using probed = await ProbedServer.start(140);
    const ways = waysTo([probed], () => undefined);
    const { receipt } = await injectLinkFault(ways, [0], fault, { ...TIMING, proofMs: 600 });
    expect(receipt).toMatchObject({
      status: 'unproven',
      proof: 'no effect was seen: the probes found everything as before',
    });
  });

  it.each<[LinkFault, number]>([
    [LATENCY, 40],
    [BANDWIDTH, 200],
  ])('is proven by what it adds, and its end by its going: %j', async (fault, addedMs) => {
    using probed = await ProbedServer.start(60);
    const ways = waysTo([probed], ({ kind }) => (probed.delayMs = kind === 'pass' ? 60 : 60 + addedMs));
    const injection = await injectLinkFault(ways, [0], fault, { ...TIMING, proofMs: 2_000 });
    expect(injection.receipt.proof).toMatch(/^a probe was answered after .* ms, and after .* ms before$/);
    expect(injection.receipt.status).toBe('effective');
    expect((await injection.heal()).healedNs).not.toBeNull();
  });

  it('is not healed while it is as slow as before', async () => {
    using probed = await ProbedServer.start();
    const ways = waysTo([probed], () => (probed.delayMs = 200));
    const act = linkAct(ways, [0], BANDWIDTH, systemClock);
    await act.inject();
    await act.heal?.();
    for (let looks = 0; looks < 60; looks++) {
      expect(await act.seeHealed?.()).toBeUndefined();
      await sleep(5);
    }
    probed.delayMs = 0;
    let sight: unknown;
    for (let looks = 0; looks < 200 && sight === undefined; looks++) {
      sight = await act.seeHealed?.();
      await sleep(5);
    }
    expect(sight).toBeDefined();
  });
});

describe('several ways', () => {
  it('need not show their end at the same time', async () => {
    using first = await ProbedServer.start();
    using second = await ProbedServer.start(Infinity);
    const act = linkAct(
      waysTo([first, second], () => undefined),
      [0, 1],
      { kind: 'hold', master: 1, client: undefined },
      systemClock,
    );
    // Both are asked; only the first will answer.
    expect(await act.seeHealed?.()).toBeUndefined();
    await sleep(50);
    expect(await act.seeHealed?.()).toBeUndefined();
    second.release();
    await sleep(50);
    // Had the first to show it again, it would be asked only now.
    expect((await act.seeHealed?.())?.saw).toMatch(/^on the first of 2 ways, a probe was answered in /);
  });

  it('have one struck at least by a reset after a request, which needs traffic', async () => {
    using probed = await ProbedServer.start();
    let isImpaired = false;
    const ways = waysTo(
      [probed, probed],
      () => (isImpaired = true),
      (place) => ({ resets: isImpaired && place === 1 ? 1 : 0 }),
    );
    const fault: LinkFault = { kind: 'reset-after-request', master: 1, client: undefined };
    const { receipt } = await injectLinkFault(ways, [0, 1], fault, TIMING);
    expect(receipt).toMatchObject({ status: 'effective', proof: 'the proxy reset 1 connection' });
    const reset: LinkFault = { kind: 'reset', master: 1, client: undefined };
    isImpaired = false;
    expect((await injectLinkFault(ways, [0, 1], reset, TIMING)).receipt.status).toBe('unproven');
  });
});
