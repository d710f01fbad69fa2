import { describe, expect, it } from 'vitest';
import { EXPERIMENTS } from './experiments.js';
import { mutantTrials, trialsOf, type Trial } from './trials.js';

const REDLOCK = { maxMasters: 99, canFence: true };
const PLAIN = { maxMasters: 1, canFence: false };

const brief = ({ experiment, variant, masters }: Trial): string => `${experiment.id} ${variant} ${String(masters)}`;

describe('the trials of a lock', () => {
  it('are each experiment once, on one master, where it takes only one', () => {
    const trials = trialsOf('set-nx-px', PLAIN, 'all', undefined);
    expect(trials.map(brief)).toEqual(EXPERIMENTS.map(({ id }) => `${id} plain 1`));
  });

  it('are on three masters and, where it matters, on five, with the remedies that the lock has', () => {
    expect(trialsOf('redlock', REDLOCK, ['F8', 'F9', 'F23'], undefined).map(brief)).toEqual([
      'F8 redlock 3',
      'F8 redlock 5',
      'F8 fenced 3',
      'F8 delayed-restart 3',
      'F9 redlock 3',
      'F23 fenced 3',
    ]);
    expect(trialsOf('npm:redlock@4', { maxMasters: 99, canFence: false }, ['F8'], undefined).map(brief)).toEqual([
      'F8 redlock 3',
      'F8 redlock 5',
      'F8 delayed-restart 3',
    ]);
  });

  it('are on as many masters as the user says', () => {
    expect(trialsOf('redlock', REDLOCK, ['F8'], 5).map(brief)).toEqual([
      'F8 redlock 5',
      'F8 fenced 5',
      'F8 delayed-restart 5',
    ]);
    expect(trialsOf('redlock', REDLOCK, ['F8'], 1).map(brief)).toEqual(['F8 plain 1']);
  });
});

describe('the mutants', () => {
  it('are all eight of the list, and each must be caught by one finding whatever else is seen', () => {
    const trials = mutantTrials();
    expect(trials.map(({ lock, experiment }) => `${lock} ${experiment.id}`)).toEqual([
      'mutant:no-nx F0',
      'mutant:plain-del F1',
      'mutant:unchecked F2',
      'mutant:half-quorum F14b',
      'mutant:short-key F0',
      'mutant:no-drift F5c',
      'mutant:max-counter F23c',
      'redlock F0m',
    ]);
    for (const { expectation } of trials) {
      expect(expectation?.findings).toHaveLength(1);
      expect(expectation?.allowed).toHaveLength(6);
    }
  });
});

describe('the experiments', () => {
  it('have ids and names of their own', () => {
    expect(new Set(EXPERIMENTS.map(({ id }) => id)).size).toBe(EXPERIMENTS.length);
    expect(new Set(EXPERIMENTS.map(({ name }) => name)).size).toBe(EXPERIMENTS.length);
  });

  it('cover every row of the list from F0 to F24 that is not the sum of others', () => {
    const rows = new Set(EXPERIMENTS.map(({ id }) => /^F\d+/.exec(id)?.[0]));
    const all = Array.from({ length: 25 }, (_, row) => `F${String(row)}`);
    expect(all.filter((row) => !rows.has(row))).toEqual([]);
  });
});
