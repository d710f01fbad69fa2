import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { FaultReceipt, ScheduledFault } from '../model/fault.js';
import { parseFaults } from '../model/fault-text.js';
import { EnvironmentError } from '../model/errors.js';
import { msToNs, nsToMs } from '../model/time.js';
import type { Act } from './injection.js';
import { Nemesis } from './nemesis.js';

/** Fake timers move this clock. */
const clock = { nowNs: () => msToNs(performance.now()) };

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
});

afterEach(() => {
  vi.useRealTimers();
});

function schedule(...texts: readonly string[]): ScheduledFault[] {
  return texts.flatMap((text) => {
    const read = parseFaults(text);
    if ('problems' in read) throw new Error(read.problems.join('\n'));
    return read.faults as ScheduledFault[];
  });
}

/** A stage of fake targets: what is done to them is written down with its time. */
class Stage {
  readonly log: string[] = [];
  readonly heard: FaultReceipt[] = [];
  readonly startNs = clock.nowNs();
  readonly quirks: Partial<Record<string, Partial<Act>>> = {};

  arm(...texts: readonly string[]): Nemesis {
    return new Nemesis(schedule(...texts), {
      clock,
      epochNs: this.startNs,
      actOf: ({ fault }) => this.#actOf(`${fault.kind} ${String('master' in fault ? fault.master : fault.client)}`),
      onReceipt: (receipt) => this.heard.push(receipt),
    });
  }

  #actOf(name: string): Act {
    return {
      inject: async () => this.#note(`+${name}`),
      seeEffect: async () => ({ saw: 'an effect' }),
      heal: async () => this.#note(`-${name}`),
      seeHealed: async () => ({ saw: 'an end' }),
      ...this.quirks[name],
    };
  }

  #note(what: string): void {
    this.log.push(`${String(Math.round(nsToMs(clock.nowNs() - this.startNs)))} ${what}`);
  }
}

describe('the nemesis', () => {
  it('injects and heals each fault at its time, and tells of both', async () => {
    const stage = new Stage();
    const nemesis = stage.arm('pause master=2 at=300ms for=100ms', 'kill master=1 at=100ms for=500ms');
    await vi.advanceTimersByTimeAsync(1_000);
    expect(stage.log).toEqual(['100 +kill 1', '300 +pause 2', '400 -pause 2', '600 -kill 1']);
    expect(stage.heard.map(({ kind, healedNs }) => `${kind} ${healedNs === null ? 'on' : 'off'}`)).toEqual([
      'kill on',
      'pause on',
      'pause off',
      'kill off',
    ]);
    expect(await nemesis.end()).toEqual([
      {
        fault: 'kill master=1 at=100ms for=500ms',
        kind: 'kill',
        target: 'master 1',
        appliedNs: msToNs(100),
        effectNs: msToNs(100),
        healedNs: msToNs(600),
        proof: 'an effect; then an end',
        status: 'effective',
      },
      expect.objectContaining({ kind: 'pause', appliedNs: msToNs(300), healedNs: msToNs(400) }),
    ]);
  });

  it('heals everything that is on when it is stopped, the last first, and injects nothing more', async () => {
    const stage = new Stage();
    const nemesis = stage.arm(
      'kill master=1 at=100ms for=900ms',
      'pause master=2 at=200ms for=800ms',
      'block client=1 at=300ms for=50ms',
      'kill master=3 at=500ms for=400ms',
    );
    await vi.advanceTimersByTimeAsync(400);
    const [receipts, again] = await Promise.all([nemesis.end(), nemesis.end()]);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(stage.log.slice(3)).toEqual(['350 -block 1', '400 -pause 2', '400 -kill 1']);
    expect(again).toBe(receipts);
    expect(receipts.map(({ status }) => status)).toEqual(['effective', 'effective', 'effective', 'not-run']);
    expect(receipts[3]).toMatchObject({ appliedNs: msToNs(500), proof: 'the run ended before its time came' });
  });

  it('heals the others when one cannot be healed', async () => {
    const stage = new Stage();
    stage.quirks['pause 2'] = { heal: () => Promise.reject(new Error('it is gone')) };
    const nemesis = stage.arm('kill master=1 at=0ms for=900ms', 'pause master=2 at=0ms for=900ms');
    await vi.advanceTimersByTimeAsync(100);
    const receipts = await nemesis.end();
    expect(stage.log).toEqual(['0 +kill 1', '0 +pause 2', '100 -kill 1']);
    expect(receipts.map(({ healedNs }) => healedNs)).toEqual([msToNs(100), null]);
    expect(receipts[1]?.proof).toBe('an effect; it could not be healed: it is gone');
  });

  it('waits for an injection that is under way before it heals it', async () => {
    const stage = new Stage();
    let finish: (() => void) | undefined;
    stage.quirks['kill 1'] = { inject: () => new Promise((resolve) => (finish = resolve)) };
    const nemesis = stage.arm('kill master=1 at=0ms for=900ms');
    await vi.advanceTimersByTimeAsync(100);
    const ended = nemesis.end();
    await vi.advanceTimersByTimeAsync(50);
    expect(stage.log).toEqual([]);
    finish?.();
    expect((await ended)[0]).toMatchObject({ status: 'effective', healedNs: msToNs(150) });
    expect(stage.log).toEqual(['150 -kill 1']);
  });

  it('lets a fault end before the next one of its target begins', async () => {
    const stage = new Stage();
    let restart: (() => void) | undefined;
    stage.quirks['kill 1'] = { heal: () => new Promise((resolve) => (restart = resolve)) };
    stage.arm('kill master=1 at=100ms for=100ms', 'pause master=1 at=200ms for=100ms');
    await vi.advanceTimersByTimeAsync(250);
    expect(stage.log).toEqual(['100 +kill 1']);
    restart?.();
    await vi.advanceTimersByTimeAsync(250);
    expect(stage.log).toEqual(['100 +kill 1', '250 +pause 1', '300 -pause 1']);
  });

  it('calls unproven what no probe has seen, within the time that the fault lasts', async () => {
    const stage = new Stage();
    stage.quirks['pause 1'] = { seeEffect: () => Promise.resolve(undefined) };
    const nemesis = stage.arm('pause master=1 at=0ms for=200ms');
    await vi.advanceTimersByTimeAsync(1_000);
    // A timer takes a millisecond at least.
    expect(stage.log).toEqual(['0 +pause 1', '201 -pause 1']);
    expect((await nemesis.end())[0]).toMatchObject({
      status: 'unproven',
      effectNs: null,
      healedNs: null,
      proof: 'no effect was seen: the probes found everything as before; then an end',
    });
  });

  it('calls not run what this machine cannot do, and touches nothing then', async () => {
    const stage = new Stage();
    stage.quirks['clock 1'] = { obstacle: () => 'no compiler' };
    const nemesis = stage.arm('clock master=1 by=5s at=0ms for=9ms');
    await vi.advanceTimersByTimeAsync(1_000);
    expect(await nemesis.end()).toMatchObject([{ status: 'not-run', proof: 'it could not be injected: no compiler' }]);
    expect(stage.log).toEqual([]);
  });

  it('calls unproven what failed, whatever it failed with, and heals it, for it may have struck', async () => {
    const stage = new Stage();
    stage.quirks['shutdown 1'] = { inject: () => Promise.reject(new EnvironmentError('it was killed')) };
    stage.quirks['flush 2'] = { inject: () => Promise.reject(new Error('silence')) };
    const nemesis = stage.arm('shutdown master=1 at=0ms for=9ms', 'flush master=2 at=0ms');
    await vi.advanceTimersByTimeAsync(1_000);
    expect(await nemesis.end()).toMatchObject([
      { status: 'unproven', proof: 'it could not be injected: it was killed; then an end', healedNs: null },
      { status: 'unproven', proof: expect.stringMatching(/^it could not be injected: silence/) as string },
    ]);
    expect(stage.log).toEqual(['1 -flush 2', '9 -shutdown 1']);
  });

  it('waits for no probe, no injection and no heal for ever', async () => {
    const stage = new Stage();
    const never = (): Promise<never> => new Promise(() => undefined);
    stage.quirks['kill 1'] = { inject: never };
    stage.quirks['pause 2'] = { seeEffect: never };
    stage.quirks['hold 3'] = { heal: never };
    const nemesis = stage.arm(
      'kill master=1 at=0ms for=1s',
      'pause master=2 at=0ms for=1s',
      'hold master=3 at=0ms for=1s',
    );
    await vi.advanceTimersByTimeAsync(60_000);
    expect((await nemesis.end()).map(({ status, proof }) => `${status}: ${proof}`)).toEqual([
      'unproven: it could not be injected: expected its injection within 20s, got none; then an end',
      'unproven: no effect was seen: expected an answer to a probe within 1s, got none; then an end',
      'effective: an effect; it could not be healed: expected its heal within 30s, got none',
    ]);
  });

  it('heals once more what strikes after it was given up and healed', async () => {
    const stage = new Stage();
    let strike: (() => void) | undefined;
    stage.quirks['kill 1'] = { inject: () => new Promise((resolve) => (strike = resolve)) };
    stage.arm('kill master=1 at=0ms for=1s');
    await vi.advanceTimersByTimeAsync(25_000);
    strike?.();
    await vi.advanceTimersByTimeAsync(1_000);
    expect(stage.log).toEqual(['20001 -kill 1', '25000 -kill 1']);
  });
});
