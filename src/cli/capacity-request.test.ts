import { expect, it } from 'vitest';
import { UsageError } from '../model/errors.js';
import { readCapacityPlan } from './capacity-request.js';

function problemsOf(raw: Record<string, unknown>): readonly string[] {
  try {
    readCapacityPlan(raw);
  } catch (thrown) {
    if (thrown instanceof UsageError) return thrown.problems;
    throw thrown;
  }
  return [];
}

it('searches from 100/s at p99 < 10 ms with short steps when nobody says otherwise', () => {
  const plan = readCapacityPlan({ seed: '9' });
  expect(plan).toMatchObject({
    title: 'capacity',
    search: { fromPerSecond: 100, upToPerSecond: 1_000_000, precision: 0.05, confirmations: 3, seed: 9 },
    hasScaling: true,
    expectedPerSecond: undefined,
  });
  expect(plan.scenario).toMatchObject({
    ratePerSecond: 100,
    concurrency: undefined,
    arrivals: 'poisson',
    warmupMs: 1_000,
    durationMs: 5_000,
    thresholds: ['acquire.response: p(99)<10ms', 'acquire.successRatio>99.9%'],
  });
});

it('lays flags over a named scenario, whose load it replaces', () => {
  const plan = readCapacityPlan({
    scenario: 'contended',
    slo: ['acquire.response: p(99)<50ms'],
    from: '20',
    'up-to': '400',
    precision: '10%',
    confirmations: '5',
    expect: '40',
    scaling: false,
    duration: '2s',
    'in-flight': '64',
  });
  expect(plan).toMatchObject({
    title: 'capacity-contended',
    search: { fromPerSecond: 20, upToPerSecond: 400, precision: 0.1, confirmations: 5 },
    expectedPerSecond: 40,
    hasScaling: false,
  });
  expect(plan.scenario).toMatchObject({
    keys: { kind: 'single' },
    ratePerSecond: 20,
    concurrency: undefined,
    durationMs: 2_000,
    inFlight: 64,
    thresholds: ['acquire.response: p(99)<50ms'],
  });
});

it('refuses what the search sets itself, with what to use instead', () => {
  expect(problemsOf({ rate: '500', concurrency: '8', threshold: ['acquire.response: p(99)<1ms'] })).toEqual([
    expect.stringMatching(/^--rate: .*the search sets the rate; use --expect/) as string,
    expect.stringMatching(/^--concurrency: .*leave it out/) as string,
    expect.stringMatching(/^--threshold: .*use --slo/) as string,
  ]);
});

it('tells every problem at once', () => {
  const problems = problemsOf({
    slo: ['p99 below 10'],
    from: '0',
    precision: '0.5%',
    confirmations: '0',
    expect: 'many',
    ttl: '10',
    scenario: 'tour',
  });
  expect(problems.map((problem) => problem.split(':')[0])).toEqual(
    ['--precision', '--confirmations', '--expect', '--from', '--slo', '--ttl', 'capacity'].sort(
      (a, b) => order(a) - order(b),
    ),
  );
  function order(flag: string): number {
    return problems.findIndex((problem) => problem.startsWith(flag));
  }
  expect(problems).toHaveLength(7);
});

it('refuses an empty range, a rate beyond any, and a flag given twice', () => {
  expect(problemsOf({ from: '500', 'up-to': '400' })).toEqual([
    '--up-to: expected at least --from 500, got 400; the search begins at --from: lower it',
  ]);
  expect(problemsOf({ 'up-to': '2000000' })).toEqual([
    '--up-to: expected operations per second between 1 and 1000000, got 2000000',
  ]);
  expect(problemsOf({ precision: ['5%', '6%'] })).toEqual(['--precision: expected once, got 2 times; keep one']);
  expect(problemsOf({ workers: '0' })).toEqual([
    expect.stringContaining('--workers: expected a whole number') as string,
  ]);
});

it('refuses faults, of which a search would make limits', () => {
  expect(problemsOf({ fault: ['kill master=1 at=1s'] })).toEqual([
    expect.stringMatching(/^--fault: .*taken for a limit of the load; leave it out/) as string,
  ]);
});
