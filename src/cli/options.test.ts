import { describe, expect, it } from 'vitest';
import { UsageError } from '../model/errors.js';
import { readOptions, type RawArguments } from './options.js';

function problemsOf(raw: RawArguments): readonly string[] {
  try {
    readOptions(raw);
  } catch (error) {
    if (error instanceof UsageError) return error.problems;
    throw error;
  }
  return [];
}

describe('readOptions', () => {
  it('reads every kind of value into the scenario, in milliseconds', () => {
    const raw = {
      masters: '5',
      ttl: '1.5s',
      rate: '0.5',
      keys: 'zipf:100:1.2',
      hold: 'exp:5ms',
      rtt: '1ms,30ms~5ms',
      'service-rate': '1000',
      persistence: 'everysec',
      endpoint: ['redis://a', 'redis://b'],
      'allow-overrun': true,
    };
    expect(readOptions(raw)).toEqual({
      masters: 5,
      ttlMs: 1_500,
      ratePerSecond: 0.5,
      keys: { kind: 'zipf', keys: 100, theta: 1.2 },
      hold: { kind: 'exponential', meanMs: 5 },
      rtt: [
        [
          { roundTripMs: 1, jitterMs: 0 },
          { roundTripMs: 30, jitterMs: 5 },
        ],
      ],
      serviceRatePerSecond: 1_000,
      persistence: 'everysec',
      endpoints: ['redis://a', 'redis://b'],
      allowOverrun: true,
    });
  });

  it('reads a list of round trips for each zone', () => {
    const [near, far] = [1, 8].map((roundTripMs) => ({ roundTripMs, jitterMs: 0 }));
    expect(readOptions({ rtt: '1ms,8ms;8ms' })).toEqual({ rtt: [[near, far], [far]] });
  });

  it('reads faults, those of all masters as such', () => {
    const texts = ['flush master=all at=1s', 'kill master=1,2 at=2s for=1s'];
    const [atMs, forMs] = [2_000, 1_000];
    expect(readOptions({ fault: texts })).toEqual({
      faults: [
        { fault: { kind: 'flush', master: 'all' }, atMs: 1_000, forMs: undefined },
        { fault: { kind: 'kill', master: 1 }, atMs, forMs },
        { fault: { kind: 'kill', master: 2 }, atMs, forMs },
      ],
    });
  });

  it('leaves out what was not given, so that the defaults have one home', () => {
    expect(readOptions({ 'allow-overrun': false, endpoint: undefined })).toEqual({});
  });

  it.each<[RawArguments, RegExp]>([
    [{ ttl: '10' }, /^--ttl: expected a duration with its unit.*got "10"$/],
    [{ masters: 'abc' }, /^--masters: expected a whole number, got "abc"$/],
    [{ masters: '0x10' }, /^--masters: expected a whole number/],
    [{ rate: 'NaN' }, /^--rate: expected operations per second/],
    [{ masters: ['1', '3'] }, /^--masters: expected once, got 2 times/],
    [{ keys: 'zipf:100' }, /^--keys: expected uncontended, single/],
    [{ keys: 'single:3' }, /^--keys: expected/],
    [{ keys: 'uniform:3:4' }, /^--keys: expected/],
    [{ hold: '5' }, /^--hold: expected 5ms, or exp:5ms/],
    [{ 'service-rate': '1k' }, /^--service-rate: expected requests per second, such as 1000, got "1k"$/],
    [{ rtt: '1ms,x' }, /^--rtt: expected a round trip/],
    [{ rtt: '1ms;' }, /^--rtt: expected a round trip .*got "1ms;"$/],
    [
      { fault: ['flush master=1 at=1s', 'kill at=1s for=1s'] },
      /^--fault "kill at=1s for=1s": expected master= with kill/,
    ],
    [{ persistence: 'rdb' }, /^--persistence: expected none or everysec or always, got "rdb"$/],
  ])('refuses %j', (raw, problem) => {
    expect(problemsOf(raw)).toEqual([expect.stringMatching(problem)]);
  });

  it('tells all problems at once', () => {
    expect(problemsOf({ ttl: '10', masters: 'x', keys: '?' })).toHaveLength(3);
  });
});
