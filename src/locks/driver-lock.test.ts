import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { UsageError } from '../model/errors.js';
import { DRIVER_LOCKS, parseDriverLock, splitWords } from './driver-lock.js';

describe('splitWords', () => {
  it.each([
    ['python3 driver.py', ['python3', 'driver.py']],
    ['  java   -jar\tlock.jar ', ['java', '-jar', 'lock.jar']],
    [`'/opt/my locks/driver' "a b" c\\ d`, ['/opt/my locks/driver', 'a b', 'c d']],
    [`a"b c"d 'e'"f"`, ['ab cd', 'ef']],
    [`"say \\"hi\\" \\n" '\\'`, ['say "hi" \\n', '\\']],
    [`driver "" ''`, ['driver', '', '']],
    // Nothing is expanded and nothing is piped: there is no shell.
    ['driver $HOME *.py | cat > x', ['driver', '$HOME', '*.py', '|', 'cat', '>', 'x']],
    ['', []],
  ])('%j is %j', (command, words) => {
    expect(splitWords(command)).toEqual(words);
  });

  it('does not guess where an open quote ends', () => {
    expect(splitWords(`driver "a b`)).toBeUndefined();
    expect(splitWords(`driver it's`)).toBeUndefined();
  });
});

describe('parseDriverLock', () => {
  it('leaves other names alone', () => {
    expect(parseDriverLock('redlock')).toBeUndefined();
    expect(parseDriverLock('./process:x.mjs')).toBeUndefined();
  });

  it('takes the words of the command', () => {
    expect(parseDriverLock('process:go run "./my lock"')).toMatchObject({ command: ['go', 'run', './my lock'] });
  });

  it.each(['process:', 'process:  ', `process:"" x`, `process:'python3`])('refuses %s', (name) => {
    expect(() => parseDriverLock(name)).toThrow(UsageError);
  });

  it('cannot be opened in a thread', async () => {
    await expect(parseDriverLock('process:x')!.open(null!)).rejects.toThrow('expected a driver runner, got a thread');
  });
});

it('names drivers by files that are there', () => {
  expect(DRIVER_LOCKS.map(({ name }) => name)).toEqual(['redis-py']);
  expect(DRIVER_LOCKS.every(({ command }) => existsSync(command[1] ?? ''))).toBe(true);
});
