import { describe, expect, it } from 'vitest';
import { UsageError } from '../model/errors.js';
import type { ComparisonPlan } from '../plan/compare.js';
import { readPlan } from './compare-plan.js';
import type { RawArguments } from './options.js';

function problemsOf(raw: RawArguments): readonly string[] {
  try {
    readPlan(raw);
  } catch (error) {
    if (error instanceof UsageError) return error.problems;
    throw error;
  }
  return [];
}

function namesOf({ arms }: ComparisonPlan): string[] {
  return arms.map(({ name }) => name);
}

describe('a plan', () => {
  it('crosses what is varied, over what is the same for all', () => {
    const plan = readPlan({ lock: 'redlock,setnx', masters: '1', hold: '2ms', seed: '7', rounds: '3' });
    expect(plan).toMatchObject({ title: 'comparison', rounds: 3, seed: 7, remarks: [], minEffect: undefined });
    expect(plan.arms.map(({ name, scenario }) => [name, scenario])).toMatchObject([
      ['redlock', { name: 'redlock', lock: 'redlock', masters: 1, hold: { meanMs: 2 }, seed: 7, concurrency: 16 }],
      ['setnx', { name: 'setnx', lock: 'setnx', masters: 1, hold: { meanMs: 2 }, seed: 7, concurrency: 16 }],
    ]);
  });

  it('lays flags over a scenario of one run, and what is varied over both', () => {
    const { arms } = readPlan({ scenario: 'mixed-zipf', hold: '1ms', set: ['concurrency=4,8'] });
    expect(arms.map(({ scenario }) => scenario)).toMatchObject([
      { keys: { kind: 'zipf' }, hold: { meanMs: 1 }, concurrency: 4, ratePerSecond: undefined },
      { keys: { kind: 'zipf' }, hold: { meanMs: 1 }, concurrency: 8, ratePerSecond: undefined },
    ]);
  });

  it('lays flags over every run of a scenario of several', () => {
    const { arms, factors } = readPlan({ scenario: 'tour', lock: 'redlock,set-nx-px', duration: '2s', rate: '50' });
    expect(factors[0]).toMatchObject({ name: 'scenario', isCondition: true });
    expect(arms).toHaveLength(12);
    expect(new Set(arms.map(({ scenario }) => scenario.durationMs))).toEqual(new Set([2_000]));
    expect(new Set(arms.map(({ scenario }) => scenario.concurrency))).toEqual(new Set([undefined]));
    expect(new Set(arms.map(({ scenario }) => scenario.masters))).toEqual(new Set([1, 3, 5]));
  });

  it('varies what all runs of a scenario have in common', () => {
    const { arms } = readPlan({ scenario: 'tour', set: ['rate=50,100'] });
    expect(new Set(arms.map(({ scenario }) => scenario.ratePerSecond))).toEqual(new Set([50, 100]));
    expect(new Set(arms.map(({ scenario }) => scenario.concurrency))).toEqual(new Set([undefined]));
  });

  it('varies no factor of a preset whose flag is given', () => {
    const plan = readPlan({ preset: 'python-redis-lock', hold: '5ms', concurrency: '8' });
    expect(plan).toMatchObject({ title: 'python-redis-lock', rounds: 1 });
    expect(namesOf(plan)).toEqual(['redlock', 'redis-py']);
    for (const { scenario } of plan.arms) expect(scenario).toMatchObject({ concurrency: 8, hold: { meanMs: 5 } });
  });

  it('replaces a factor of a preset by one of the same name, and lays other flags over its levels', () => {
    const preset = 'python-redis-lock';
    const plan = readPlan({ preset, hold: '0ms', lock: 'redlock,setnx', workers: '1', rounds: '2' });
    expect(plan.rounds).toBe(2);
    expect(plan.arms).toHaveLength(18);
    expect(new Set(plan.arms.map(({ scenario }) => scenario.workers))).toEqual(new Set([1]));
    expect(new Set(plan.arms.map(({ scenario }) => scenario.lock))).toEqual(new Set(['redlock', 'setnx']));
  });

  it('takes the same lock twice, and a setting of redlock beside a lock of the user', () => {
    expect(namesOf(readPlan({ lock: 'redlock,redlock' }))).toEqual(['redlock', 'redlock (2)']);
    expect(namesOf(readPlan({ lock: './mine.mjs', set: ['transport=ioredis,wire'] }))).toEqual([
      'transport ioredis',
      'transport wire',
    ]);
  });

  it('takes masters of its own for every arm, whatever their number', () => {
    const { arms } = readPlan({ lock: 'redlock,set-nx-px', endpoint: ['redis://127.0.0.1:1'] });
    expect(arms.map(({ scenario }) => scenario.endpoints)).toEqual([['redis://127.0.0.1:1'], ['redis://127.0.0.1:1']]);
  });
});

describe('a plan is refused', () => {
  const endpoint = ['redis://127.0.0.1:1', 'redis://127.0.0.1:2'];

  it.each<[string, RawArguments, RegExp]>([
    ['masters beside running ones', { masters: '1,3', endpoint }, /^--masters, --endpoint: expected one of the two/],
    [
      'persistence of running masters',
      { set: ['persistence=none,always'], endpoint },
      /^--persistence, --endpoint: expected one of the two/,
    ],
    ['one number of masters beside running ones', { lock: 'redlock,setnx', masters: '1', endpoint }, /^--masters, --e/],
    ['a schedule in a closed loop', { set: ['arrivals=poisson,constant'] }, /^--arrivals: expected with --rate/],
    ['a setting that is varied and given', { set: ['hold=1ms,2ms'], hold: '3ms' }, /^--hold, --set hold: expected one/],
    [
      'a rate beside clients that are varied',
      { set: ['concurrency=1,2'], rate: '5' },
      /^--rate, --concurrency: .* and concurrency is varied/,
    ],
    [
      'clients beside a rate that is varied',
      { set: ['rate=1,2'], concurrency: '5' },
      /^--rate, --concurrency: .* and rate is varied/,
    ],
    [
      'both kinds of loop',
      { set: ['rate=1,2', 'concurrency=1,2'] },
      /^--rate, --concurrency: expected one of the two, got both/,
    ],
    ['a rate beside the clients of a preset', { preset: 'python-redis-lock', rate: '5' }, /^--rate, --concurrency: /],
    [
      'what the runs of a scenario set themselves',
      { scenario: 'tour', masters: '1,5' },
      /^--masters: expected a scenario with one run, got tour/,
    ],
    [
      'holds that the runs of a scenario set themselves',
      { scenario: 'tour', set: ['hold=1ms,2ms'] },
      /^--set hold: expected a scenario with one run, got tour/,
    ],
    ['locks twice', { lock: ['a', 'b'] }, /^--lock: expected once, got 2 times; put all values into one list$/],
    ['masters twice', { masters: ['1', '3'] }, /^--masters: expected once, got 2 times; put all values into one list$/],
    ['rounds twice', { masters: '1,3', rounds: ['1', '2'] }, /^--rounds: expected once, got 2 times; keep one$/],
    ['the least effect twice', { masters: '1,3', 'min-effect': ['1%', '2%'] }, /^--min-effect: expected once, got 2/],
    ['a preset twice', { masters: '1,3', preset: ['three-zones', 'x'] }, /^--preset: expected once, got 2 times/],
    ['a folder twice', { masters: '1,3', out: ['a', 'b'] }, /^--out: expected once, got 2 times/],
    ['one thing', { lock: 'redlock' }, /^compare: expected at least two things to compare, got one; use --lock /],
    ['conditions alone', { scenario: 'tour' }, /^compare: expected .* got conditions alone \(scenario\), /],
    [
      'a preset with one lock',
      { preset: 'python-redis-lock', lock: 'redlock' },
      /^compare: .* got conditions alone \(hold, concurrency\), /,
    ],
    [
      'a setting that no lock reads',
      { lock: 'setnx,npm:redlock@4', set: ['transport=ioredis,wire'] },
      /^--set transport: expected redlock among the locks, got setnx, npm:redlock@4; only redlock reads it/,
    ],
    [
      'a preset beside a scenario',
      { preset: 'three-zones', scenario: 'tour' },
      /^--preset: expected no named scenario/,
    ],
    ['rounds without end', { masters: '1,3', rounds: '1001' }, /^--rounds: expected a whole number between 1 and 1000/],
    ['a share that is none', { masters: '1,3', 'min-effect': '5' }, /^--min-effect: expected a percentage above 0%/],
    ['an impossible arm', { masters: '1,100' }, /^--masters: expected a whole number between 1 and 99, got 100/],
  ])('when it has %s', (_, raw, message) => {
    const problems = problemsOf(raw);
    expect(problems).toEqual([expect.stringMatching(message)]);
  });

  it('with all its problems at once', () => {
    expect(problemsOf({ lock: ['a', 'b'], masters: '1,x', rounds: '0', duration: '10', preset: 'none' })).toEqual([
      expect.stringMatching(/^--lock: /),
      expect.stringMatching(/^--masters: /),
      expect.stringMatching(/^--preset: /),
      expect.stringMatching(/^--duration: /),
      expect.stringMatching(/^--rounds: /),
    ]);
  });

  it('before more arms are made than fit into memory', () => {
    const many = Array.from({ length: 300 }, (_, i) => String(i + 1)).join(',');
    const set = ['burst', 'workers', 'concurrency', 'in-flight'].map((flag) => `${flag}=${many}`);
    expect(problemsOf({ set })).toEqual(['compare: expected at most 1000 arms, got 8100000000; vary less']);
  });
});
