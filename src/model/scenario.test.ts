import { describe, expect, it } from 'vitest';
import { completeScenario, validateScenario, type ScenarioInput } from './scenario.js';

function problemsOf(input: ScenarioInput): string[] {
  return validateScenario(completeScenario(input, 1));
}

const near = { roundTripMs: 1, jitterMs: 0 };

describe('completeScenario', () => {
  it('makes a fault of each master out of one of all, however many there will be', () => {
    const flush = { fault: { kind: 'flush', master: 'all' }, atMs: 1, forMs: undefined } as const;
    expect(completeScenario({ masters: 2, faults: [flush] }, 1).faults).toEqual([
      { ...flush, fault: { kind: 'flush', master: 1 } },
      { ...flush, fault: { kind: 'flush', master: 2 } },
    ]);
    expect(completeScenario({ masters: 1e9, faults: [flush] }, 1).faults).toHaveLength(99);
  });
});

describe('validateScenario', () => {
  it('finds nothing wrong with the defaults, nor with a plain open loop', () => {
    expect(problemsOf({})).toEqual([]);
    expect(problemsOf({ ratePerSecond: 500 })).toEqual([]);
    expect(problemsOf({ workers: 2, rtt: [[near], [near, near, near]] })).toEqual([]);
    expect(problemsOf({ serviceRatePerSecond: 0.5, rtt: [[near]], endpoints: ['redis://127.0.0.1'] })).toEqual([]);
  });

  it.each<[string, ScenarioInput, RegExp]>([
    ['no master', { masters: 0 }, /^--masters: expected a whole number between 1 and 99, got 0/],
    ['NaN workers', { workers: NaN }, /^--workers: .* got NaN/],
    ['both loops', { ratePerSecond: 10, concurrency: 10 }, /^--rate, --concurrency: expected one of the two/],
    ['a hold beyond the ttl', { hold: { kind: 'constant', meanMs: 10_000 } }, /^--hold: .*--allow-overrun/],
    [
      'a node timeout near the ttl',
      { ttlMs: 200 },
      /^--node-timeout: expected at most a fifth of --ttl 200ms, got 50ms.*--node-timeout 40ms/,
    ],
    ['a busy retry loop', { retryDelayMs: 0, retryJitterMs: 0 }, /^--retry-delay, --retry-jitter: .*busy loop/],
    ['more workers than clients', { workers: 4, concurrency: 2 }, /^--workers: .*use --workers 2/],
    ['a burst beyond the cap', { ratePerSecond: 9, burst: 20, inFlight: 10 }, /^--burst: .*use --in-flight 20$/],
    ['a burst of nothing', { ratePerSecond: 9, burst: 0 }, /^--burst: expected a whole number between 1/],
    ['a rate of nothing', { ratePerSecond: 0 }, /^--rate: expected operations per second above 0/],
    [
      'three round trips for five masters',
      { masters: 5, rtt: [Array.from({ length: 3 }, () => near)] },
      /^--rtt: .* each of 5, got 3/,
    ],
    [
      'a jitter above its round trip',
      { rtt: [[{ roundTripMs: 1, jitterMs: 2 }]] },
      /^--rtt: expected a jitter between 0ms and the round trip 1ms/,
    ],
    [
      'a zone that tells of two masters out of three',
      {
        workers: 2,
        rtt: [
          [near, near, near],
          [near, near],
        ],
      },
      /^--rtt: .* each of 3, got 2$/,
    ],
    ['a zone in which no worker stands', { workers: 2, rtt: [[near], [near], [near]] }, /^--rtt: .*: use --workers 3$/],
    [
      'a fault of a worker that is not there',
      { faults: [{ fault: { kind: 'block', client: 2 }, atMs: 1, forMs: 1 }] },
      /^--fault "block client=2 at=1ms for=1ms": expected a client, .*use --workers 2$/,
    ],
    ['masters that serve nothing', { serviceRatePerSecond: 0 }, /^--service-rate: .* got 0; use --service-rate 1000/],
    ['masters beyond any speed', { serviceRatePerSecond: 1e9 }, /^--service-rate: .* at most 1000000, got 1000000000;/],
    ['a service rate that is no number', { serviceRatePerSecond: NaN }, /^--service-rate: .* got NaN;/],
    ['zipf without skew', { keys: { kind: 'zipf', keys: 10, theta: 0 } }, /^--keys zipf: .*theta above 0/],
    ['a share above one', { keys: { kind: 'hotspot', keys: 10, hotShare: 1.5 } }, /^--keys hotspot: .*between 0 and 1/],
    [
      'a fault on a foreign master',
      { endpoints: ['redis://127.0.0.1'], downMasters: [1] },
      /^--endpoint: expected masters spawned by this run/,
    ],
    [
      'a run whose only worker is killed',
      { killedWorkers: [{ worker: 1, while: 'holding' }] },
      /^--workers: expected at least 2, got 1; the scenario kills worker 1, and one of them must survive/,
    ],
    [
      'the death of a worker that there is not',
      { workers: 2, killedWorkers: [{ worker: 3, while: 'acquiring' }] },
      /^--workers: expected at least 3, got 2;/,
    ],
    [
      'two deaths of one worker',
      {
        workers: 2,
        killedWorkers: [
          { worker: 1, while: 'holding' },
          { worker: 1, while: 'acquiring' },
        ],
      },
      /^killedWorkers: expected different whole numbers from 1, got 1, 1$/,
    ],
    ['an infinite duration', { durationMs: Infinity }, /^--duration: .* got Infinity/],
  ])('refuses %s', (_, input, problem) => {
    expect(problemsOf(input)).toEqual([expect.stringMatching(problem)]);
  });

  it('tells every problem at once', () => {
    expect(problemsOf({ masters: 0, workers: 0, ttlMs: 0 }).length).toBeGreaterThanOrEqual(3);
  });

  it('allows a hold beyond the ttl when it is asked for', () => {
    expect(problemsOf({ hold: { kind: 'constant', meanMs: 10_000 }, allowOverrun: true })).toEqual([]);
  });
});
