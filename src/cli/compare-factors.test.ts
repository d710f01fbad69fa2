import { expect, it } from 'vitest';
import { readFactors } from './compare-factors.js';

function levelsOf(lock: string | undefined, masters: string | undefined, ...sets: string[]): unknown {
  const { factors, problems } = readFactors(lock, masters, sets);
  expect(problems).toEqual([]);
  return factors.map(({ name, levels }) => [name, ...levels.map(({ input }) => input)]);
}

it('reads lists of locks, of masters, and of the values of any flag', () => {
  expect(levelsOf('redlock,npm:redlock@4', '1,3,5', 'transport=ioredis,wire', 'hold=0ms,exp:5ms')).toEqual([
    ['lock', { lock: 'redlock' }, { lock: 'npm:redlock@4' }],
    ['masters', { masters: 1 }, { masters: 3 }, { masters: 5 }],
    ['transport', { transport: 'ioredis' }, { transport: 'wire' }],
    ['hold', { hold: { kind: 'constant', meanMs: 0 } }, { hold: { kind: 'exponential', meanMs: 5 } }],
  ]);
});

it('separates values that have commas themselves by bars', () => {
  const { factors } = readFactors('process:python3 a.py --x 1,2|redlock', undefined, ['rtt=1ms,30ms|1ms,1ms']);
  expect(factors.map(({ levels }) => levels.map(({ label }) => label))).toEqual([
    ['process:python3 a.py --x 1,2', 'redlock'],
    ['1ms,30ms', '1ms,1ms'],
  ]);
});

it('names a lock of the user by its file, and tells repetitions apart', () => {
  const { factors } = readFactors('./locks/mine.mjs,redlock,redlock', undefined, []);
  expect(factors[0]?.levels.map(({ label }) => label)).toEqual(['mine.mjs', 'redlock', 'redlock (2)']);
});

it('says everything that is wrong at once', () => {
  const { problems } = readFactors(undefined, '1,x', ['transport=ioredis,wrie', 'nonsense', 'out=a,b', 'masters=1,3']);
  expect(problems).toHaveLength(4);
  expect(problems[0]).toBe('--masters: expected a whole number, got "x"');
  expect(problems[1]).toBe('--set transport: expected ioredis or wire, got "wrie"');
  expect(problems[2]).toBe('--set: expected FLAG=VALUE,VALUE such as transport=ioredis,wire, got "nonsense"');
  expect(problems[3]).toMatch(/^--set out: expected one of masters, .* got out$/);
});

it('varies a flag once', () => {
  expect(readFactors('a,b', undefined, ['lock=c,d']).problems).toEqual([
    '--set lock: expected lock to be varied once, got it twice; put all its values into one list',
  ]);
});
