import { describe, expect, it } from 'vitest';
import { limitTime } from './time-limit.js';

describe('limitTime', () => {
  it('gives what the work gives, or its failure', async () => {
    expect(await limitTime(Promise.resolve(7), 1_000, 'a number')).toBe(7);
    await expect(limitTime(Promise.reject(new Error('no')), 1_000, 'a number')).rejects.toThrow('no');
  });

  it('does not wait for ever', async () => {
    const never = new Promise<never>(() => undefined);
    const failure = (message: string): Error => new RangeError(message);
    await expect(limitTime(never, 1, 'a number')).rejects.toThrow('expected a number within 1ms, got none');
    await expect(limitTime(never, 1, 'a number', failure)).rejects.toThrow(RangeError);
  });
});
