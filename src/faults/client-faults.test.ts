import { describe, expect, it } from 'vitest';
import { systemClock } from '../model/time.js';
import { clientAct, type ClientHandles } from './client-faults.js';
import { inject, type Injection } from './injection.js';

const TIMING = { clock: systemClock, epochNs: 0, proofMs: 20 };

/** A client whose `Date` does as it is told, or not, and that can end. */
class FakeClient implements ClientHandles {
  isGone = false;
  readonly #jumps: (byMs: number) => number;

  constructor(jumps: (byMs: number) => number = (byMs) => byMs) {
    this.#jumps = jumps;
  }

  hasEnded(): boolean {
    return this.isGone;
  }

  block(): Promise<{ fromNs: number; untilNs: Promise<number> }> {
    return Promise.resolve({ fromNs: 1, untilNs: new Promise(() => undefined) });
  }

  setDate(_client: number, byMs: number): Promise<{ jumpedMs: number }> {
    return this.isGone ? new Promise(() => undefined) : Promise.resolve({ jumpedMs: this.#jumps(byMs) });
  }
}

function jump(clients: ClientHandles, byMs: number): Promise<Injection> {
  const act = clientAct(clients, { kind: 'client-clock', client: 1, byMs }, 100);
  return inject(act, { text: '', kind: 'client-clock', target: 'client 1' }, TIMING);
}

describe("a jump of a client's clock", () => {
  it('is proven by a jump that is nearer to it than to none', async () => {
    expect((await jump(new FakeClient((byMs) => byMs - 4), 10)).receipt.status).toBe('effective');
    expect((await jump(new FakeClient((byMs) => byMs - 6), 20)).receipt.status).toBe('unproven');
    // Half of the jump is less than what may pass between two looks otherwise.
    expect((await jump(new FakeClient(() => 0), 5)).receipt.status).toBe('unproven');
  });

  it('is over when the client has ended, whom nobody can tell to heal', async () => {
    const client = new FakeClient();
    const injection = await jump(client, -50_000);
    client.isGone = true;
    const receipt = await injection.heal();
    expect(receipt.proof).toBe('its Date jumped by -50.0 s; then the client ended, and the fault with it');
    expect(receipt.healedNs).not.toBeNull();
  });
});

describe('a block', () => {
  it('is over when the client has ended without a word', async () => {
    const client = new FakeClient();
    const act = clientAct(client, { kind: 'block', client: 1 }, 100);
    const injection = await inject(act, { text: '', kind: 'block', target: 'client 1' }, TIMING);
    expect(injection.receipt.status).toBe('effective');
    client.isGone = true;
    expect((await injection.heal()).proof).toMatch(/then the client ended, and the fault with it$/);
  });
});
