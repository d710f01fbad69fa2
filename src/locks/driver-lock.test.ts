import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { UsageError } from '../model/errors.js';
import { DRIVER_LOCKS, parseDriverLock } from './driver-lock.js';

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
