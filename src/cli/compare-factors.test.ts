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

it('keeps a single value with commas whole when a bar stands behind it', () => {
  expect(levelsOf('process:x --a 1,2|', undefined)).toEqual([['lock', { lock: 'process:x --a 1,2' }]]);
});

it('says how to write a command with commas that was taken apart', () => {
  const { problems } = readFactors('process:x --a 1,2,redlock', undefined, []);
  expect(problems).toHaveLength(1);
  expect(problems[0]).toMatch(/^--lock: expected locks between the commas, got "2"; .* separate the locks by \|/);
  expect(readFactors('process:x --a,./mine.mjs,npm:redlock@4,setnx', undefined, []).problems).toEqual([]);
});

it('names a lock of the user by its file, and tells repetitions from files of the same name', () => {
  const { factors } = readFactors('./locks/mine.mjs,redlock,redlock', undefined, ['server=/a/bin/r,/b/bin/r']);
  expect(factors.map(({ levels }) => levels.map(({ label }) => label))).toEqual([
    ['mine.mjs', 'redlock', 'redlock (2)'],
    ['a/bin/r', 'b/bin/r'],
  ]);
});

it('says everything that is wrong at once', () => {
  const { problems } = readFactors(undefined, '1,x', ['transport=ioredis,wrie', 'nonsense', 'out=a,b', 'masters=1,3']);
  expect(problems).toHaveLength(4);
  expect(problems[0]).toBe('--masters: expected a whole number, got "x"');
  expect(problems[1]).toBe('--set transport: expected ioredis or wire, got "wrie"');
  expect(problems[2]).toBe('--set: expected FLAG=VALUE,VALUE such as transport=ioredis,wire, got "nonsense"');
  expect(problems[3]).toMatch(/^--set out: expected one of masters, .* got out$/);
});

it('varies no switch, whose text nobody reads', () => {
  const { problems } = readFactors(undefined, undefined, ['allow-overrun=true,false']);
  expect(problems).toEqual([expect.stringMatching(/^--set allow-overrun: expected one of .* got allow-overrun$/)]);
});

it('varies a flag once', () => {
  expect(readFactors('a,b', undefined, ['lock=c,d']).problems).toEqual([
    '--set lock: expected lock to be varied once, got it twice; put all its values into one list',
  ]);
});
