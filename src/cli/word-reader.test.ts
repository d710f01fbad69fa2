import { expect, it } from 'vitest';
import { UsageError } from '../model/errors.js';
import { parseWhole } from './option-values.js';
import { WordReader } from './word-reader.js';

it('reads what was given once, and says of the rest what was expected and got', () => {
  const words = new WordReader({ a: '3', b: 'x', c: ['1', '2'], d: ['1', '2'] });
  expect(words.value('a', parseWhole)).toBe(3);
  expect(words.value('b', parseWhole)).toBeUndefined();
  expect(words.value('c', parseWhole)).toBeUndefined();
  expect(words.once('d', 'put all values into one list')).toBeUndefined();
  expect(words.once('missing')).toBeUndefined();
  expect(words.problems).toEqual([
    '--b: expected a whole number, got "x"',
    '--c: expected once, got 2 times; keep one',
    '--d: expected once, got 2 times; put all values into one list',
  ]);
});

it('collects the problems that others throw, and lets everything else through', () => {
  const words = new WordReader({});
  const refuse = (): number => {
    throw new UsageError(['one', 'two']);
  };
  expect(words.attempt(refuse)).toBeUndefined();
  expect(words.attempt(() => 7)).toBe(7);
  expect(words.problems).toEqual(['one', 'two']);
  const fail = (): never => {
    throw new RangeError('broken');
  };
  expect(() => {
    words.attempt(fail);
  }).toThrow(RangeError);
});

it('refuses flags that the command sets itself, but not switches that are off or lists that are empty', () => {
  const words = new WordReader({ rate: '5', keys: undefined, burst: false, threshold: [] });
  words.refuse('tune', { rate: 'drop it', keys: '', burst: '', threshold: '' });
  expect(words.problems).toEqual(['--rate: expected not to be given, because tune varies or sets it; drop it']);
});
