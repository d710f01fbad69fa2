import { describe, expect, it } from 'vitest';
import { isCutShort } from './cut-short.js';

describe('a history that was cut short', () => {
  it.each([
    ['worker 1 died: out of memory', true],
    ['worker 2 of 4 was killed while it held key 3, as the scenario asks; what it did is not in the figures', true],
    ['worker 2 of 4 was not killed, as the scenario asks: from the middle of the run on it held no key', false],
    ['kill master=2 at=5s is not proven to have had an effect: it answers', false],
  ])('%s: %s', (incident, expected) => {
    expect(isCutShort({ incidents: ['the lock threw', incident] })).toBe(expected);
  });

  it('is none that nobody tells of', () => {
    expect(isCutShort({ incidents: [] })).toBe(false);
  });
});
