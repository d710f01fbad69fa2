import { describe, expect, it } from 'vitest';
import { readChaosRequest } from './chaos-request.js';

const problemsOf = (raw: Record<string, unknown>): string => {
  try {
    readChaosRequest(raw);
    return 'none';
  } catch (thrown) {
    return (thrown as Error).message;
  }
};

describe('the words of chaos', () => {
  it('name experiments by id or name, whatever the case of the id', () => {
    expect(readChaosRequest({ experiments: ['f5', 'flushall'], seed: '7' })).toEqual({
      kind: 'experiments',
      lock: 'redlock',
      experiments: ['F5', 'F19'],
      masters: undefined,
      server: undefined,
      seed: 7,
    });
    expect(readChaosRequest({ all: true, lock: 'set-nx-px', masters: '1', seed: '7' })).toMatchObject({
      experiments: 'all',
      lock: 'set-nx-px',
      masters: 1,
    });
  });

  it('ask for simulated schedules instead', () => {
    expect(readChaosRequest({ simulate: true, seeds: '500', seed: '7', without: ['no-eviction'] })).toEqual({
      kind: 'simulation',
      seeds: 500,
      seed: 7,
      without: ['no-eviction'],
      path: undefined,
    });
    expect(readChaosRequest({ simulate: true, seed: '7' })).toMatchObject({ seeds: 10_000, without: undefined });
  });

  it('never name a server that this tool did not start', () => {
    expect(problemsOf({ all: true, endpoint: ['redis://127.0.0.1:6379'] })).toMatch(/expected no --endpoint, got one/);
  });

  it('are refused with all that is wrong about them', () => {
    expect(problemsOf({})).toMatch(/expected experiments such as F5/);
    expect(problemsOf({ experiments: ['F99'], masters: '0' }).split('\n')).toEqual([
      '--masters: expected a whole number from 1 to 9, got 0',
      'chaos: expected the id or the name of an experiment, got F99; see redlock-bench chaos --list',
    ]);
    expect(problemsOf({ all: true, experiments: ['F1'] })).toMatch(/--all: expected no names/);
    expect(problemsOf({ all: true, seeds: '5' })).toMatch(/expected with --simulate/);
    expect(problemsOf({ simulate: true, without: ['time'] })).toMatch(/--without: expected one of no-clock-jumps,/);
    expect(problemsOf({ simulate: true, path: '1:2' })).toMatch(/--path: expected with the --seed/);
  });
});
