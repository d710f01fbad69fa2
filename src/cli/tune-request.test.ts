import { describe, expect, it } from 'vitest';
import { UsageError } from '../model/errors.js';
import { readTuning } from './tune-request.js';

const FAR = '0.5ms,0.5ms,1ms,30ms,80ms';

describe('the words of tune', () => {
  it('state a network, and leave everything else to defaults', () => {
    const plan = readTuning({ masters: '5', rtt: FAR, seed: '3' });
    expect(plan.network).toEqual({
      roundTrips: [0.5, 0.5, 1, 30, 80].map((roundTripMs) => ({ roundTripMs, jitterMs: 0 })),
      stall: null,
      failingShare: 0.1,
      isFailingStated: false,
    });
    expect(plan).toMatchObject({ targetSuccess: 0.999, rounds: 3, contenders: 8, seed: 3 });
    expect(plan.base).toMatchObject({ ratePerSecond: 200, concurrency: undefined, durationMs: 10_000, faults: [] });
    expect([plan.nodeTimeoutsMs, plan.ttlsMs, plan.retryJittersMs]).toEqual([undefined, undefined, undefined]);
  });

  it('say of one round trip that it is that of all masters, and share the failing among many', () => {
    const { network } = readTuning({ masters: '9', rtt: '2ms~1ms' });
    expect(network.roundTrips).toEqual(new Array(9).fill({ roundTripMs: 2, jitterMs: 1 }));
    expect(network.failingShare).toBeCloseTo(0.6 / 9, 10);
  });

  it('may state all that is tried', () => {
    const plan = readTuning({
      rtt: '1ms',
      stall: '1%:200ms',
      failing: '0%',
      'target-success': '99%',
      'node-timeouts': '50ms,10ms,50ms',
      ttls: '1s,5s',
      'retry-jitters': '5ms',
      rounds: '2',
      contenders: '20',
      rate: '50',
      hold: 'exp:50ms',
    });
    expect(plan).toMatchObject({
      network: { stall: { share: 0.01, lengthMs: 200 }, failingShare: 0, isFailingStated: true },
      targetSuccess: 0.99,
      nodeTimeoutsMs: [10, 50],
      ttlsMs: [1_000, 5_000],
      retryJittersMs: [5],
      rounds: 2,
      contenders: 20,
      base: { ratePerSecond: 50, hold: { kind: 'exponential', meanMs: 50 } },
    });
  });

  it('take masters, network and lock from a named scenario, and the load from the stages', () => {
    const { base, network, title } = readTuning({ scenario: 'slow-master' });
    expect(title).toBe('tuning-slow-master');
    expect(network.roundTrips).toHaveLength(base.masters);
    expect(base).toMatchObject({ ratePerSecond: 200, concurrency: undefined });
  });

  it('take the network of running masters as it is, where nothing can be made to fail', () => {
    const { network } = readTuning({ endpoint: ['redis://127.0.0.1:1', 'redis://127.0.0.1:2', 'redis://127.0.0.1:3'] });
    expect(network).toEqual({ roundTrips: [], stall: null, failingShare: 0, isFailingStated: false });
  });

  it.each<[Readonly<Record<string, unknown>>, RegExp]>([
    [{}, /--rtt: expected the network to tune for, got none; use --rtt/],
    [{ rtt: '1ms,2ms' }, /--rtt: expected one round trip for all masters or one for each of 3, got 2/],
    [{ rtt: '1ms,1ms,1ms;2ms,2ms,2ms', workers: '2' }, /--rtt: .*several zones/],
    [{ rtt: '1ms', 'node-timeout': '5ms' }, /--node-timeout: expected not to be given.*--node-timeouts/],
    [{ rtt: '1ms', ttl: '5s' }, /--ttl: .*--ttls/],
    [{ rtt: '1ms', concurrency: '5' }, /--concurrency: .*--contenders/],
    [{ rtt: '1ms', fault: ['kill master=1 at=1s'] }, /--fault: .*--failing/],
    [{ rtt: '1ms', failing: '50%' }, /--failing: expected a percentage from 0% to 26\.667%, got "50%"/],
    [{ rtt: '1ms', stall: '1%' }, /--stall: expected SHARE:LENGTH such as 1%:200ms/],
    [{ rtt: '1ms', stall: '50%:200ms' }, /--stall: expected at most 10% of stalls that last 200ms/],
    [{ rtt: '1ms', stall: '1%:5s' }, /no longer than a quarter of --duration 10s/],
    [{ rtt: '1ms', 'node-timeouts': '10' }, /--node-timeouts: expected up to 20 durations/],
    [
      { rtt: '1ms', 'node-timeouts': '10ms,3s' },
      /--node-timeouts: expected at most a fifth of the ttl of 10s, got 3s; .* --ttls 15s/,
    ],
    [{ rtt: '1ms', rounds: '0' }, /--rounds: expected a whole number between 1 and 100, got "0"/],
    [{ rtt: '1ms', contenders: '1', workers: '2' }, /--contenders: expected at least --workers 2, got 1/],
    [{ rtt: '1ms', 'target-success': '99.9' }, /--target-success: expected a percentage/],
    [{ scenario: 'tour', rtt: '1ms' }, /tune: expected a scenario with one run, got tour/],
    [{ endpoint: ['redis://127.0.0.1:1'], failing: '1%' }, /--failing: expected masters spawned by this run/],
    [{ rtt: ['1ms', '2ms'] }, /--rtt: expected once, got 2 times/],
  ])('%j are refused with what was expected', (raw, message) => {
    expect(() => readTuning(raw)).toThrow(UsageError);
    expect(() => readTuning(raw)).toThrow(message);
  });
});
