import { expect, it } from 'vitest';
import { findPair } from './commands-seen.js';

it('finds the last acquire that has a release, and that release', () => {
  const pair = findPair(
    [
      ['script', 'LOAD', 'return 1'],
      ['set', 'mine:1', 'token1', 'PX', '10000', 'NX'],
      ['eval', 'return 1', '1', 'mine:1', 'token1'],
      ['set', 'mine:2', 'token2', 'PX', '10000', 'NX'],
      ['set', 'other', 'token'],
      ['evalsha', 'abc', '1', 'mine:2', 'token2'],
      ['set', 'mine:3', 'token3', 'PX', '10000', 'NX'],
    ],
    'mine:',
  );
  expect(pair).toEqual({
    key: 'mine:2',
    acquire: ['set', 'mine:2', 'token2', 'PX', '10000', 'NX'],
    release: ['evalsha', 'abc', '1', 'mine:2', 'token2'],
  });
});

it('refuses to measure something else when no pair was seen', () => {
  expect(() => findPair([['set', 'mine:1', 'token1']], 'mine:')).toThrow('expected a SET and a release');
});
