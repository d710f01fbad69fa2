import { describe, expect, it } from 'vitest';
import { describeLack, isCommandRefused, isOutOfMemory, readDialect, SCRIPTS_ONLY } from './dialect.js';
import { ReplyError } from './resp-reader.js';

const entry = (name: string): (string | number)[] => [name, -2];

describe('the dialect', () => {
  it('is scripts where the server knows neither command, as before Redis 8.4 and Valkey 9.0', () => {
    expect(readDialect([null, null])).toEqual(SCRIPTS_ONLY);
  });

  it('is DELEX where only that is known, as by Redis from 8.4', () => {
    expect(readDialect([entry('delex'), null])).toEqual({ release: 'delex', extend: 'setIfEqual' });
  });

  it('is DELIFEQ where that is known, as by Valkey from 9.0, and where both are', () => {
    const expected = { release: 'delifeq', extend: 'setIfEqual' };
    expect(readDialect([null, entry('delifeq')])).toEqual(expected);
    expect(readDialect([entry('DELEX'), entry('DELIFEQ')])).toEqual(expected);
  });

  it('is scripts where the question is forbidden or answered with something else', () => {
    expect(readDialect(new ReplyError('NOPERM this user has no permissions'))).toEqual(SCRIPTS_ONLY);
    for (const answer of [null, 'OK', 1, [], [[]], [[null]], ['delex']]) {
      expect(readDialect(answer)).toEqual(SCRIPTS_ONLY);
    }
  });

  it('names what native commands miss, where they do', () => {
    expect(describeLack(SCRIPTS_ONLY)).toMatch(/expected native commands, got .* DELEX .* DELIFEQ .*; use /);
    expect(describeLack({ release: 'delex', extend: 'setIfEqual' })).toBeUndefined();
  });
});

it.each([
  ["ERR unknown command 'DELEX', with args beginning with: 'k'", true],
  ['ERR syntax error', true],
  ["ERR wrong number of arguments for 'set' command", true],
  ["NOPERM User default has no permissions to run the 'delifeq' command", true],
  ['NOPERM No permissions to access a key', false],
  ['WRONGTYPE Operation against a key holding the wrong kind of value', false],
  ["READONLY You can't write against a read only replica.", false],
  ["OOM command not allowed when used memory > 'maxmemory'.", false],
  ['LOADING Redis is loading the dataset in memory', false],
])('%s: refuses the command as such: %s', (message, isRefused) => {
  expect(isCommandRefused(message)).toBe(isRefused);
});

it('knows a full memory by its error', () => {
  expect(isOutOfMemory("OOM command not allowed when used memory > 'maxmemory'.")).toBe(true);
  expect(isOutOfMemory('ERR out of range')).toBe(false);
});
