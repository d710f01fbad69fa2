import { describe, expect, it } from 'vitest';
import { formatAmount, formatShare } from '../model/figure-text.js';
import { msToNs } from '../model/time.js';
import { formatQuantile, isSupported, NONE, shorten, shortenWords, wrap } from './figures.js';

describe('figures', () => {
  it('state a quantile only when at least one record lies beyond it', () => {
    const least = { 0.5: 2, 0.9: 10, 0.99: 100, 0.999: 1_000 };
    for (const [share, count] of Object.entries(least)) {
      expect([share, isSupported(Number(share), count)]).toEqual([share, true]);
      expect([share, isSupported(Number(share), count - 1)]).toEqual([share, false]);
    }
    expect(isSupported(0, 0)).toBe(false);
  });

  it('say 100 % and 0 % only when it is exactly that', () => {
    expect([1, 0.999999, 0.99871, 0.5, 0.004, 0.00001, 0].map(formatShare)).toEqual([
      '100 %',
      '>99.99 %',
      '99.87 %',
      '50.0 %',
      '0.40 %',
      '<0.01 %',
      '0 %',
    ]);
  });

  it('mark a quantile that stands at the end of the histogram, and leave out one that too few records carry', () => {
    const tenMinutesNs = msToNs(600_000);
    expect(formatQuantile(tenMinutesNs, 0.5, { count: 10, exceeded: 6 })).toBe('≥600 s');
    expect(formatQuantile(tenMinutesNs, 0.5, { count: 10, exceeded: 0 })).toBe('600 s');
    expect(formatQuantile(msToNs(5), 0.99, { count: 99, exceeded: 0 })).toBe(NONE);
  });

  it('keep as many digits of an amount as help', () => {
    expect([12_345.6, 123.4, 12.34, 1.234, 7].map(formatAmount)).toEqual(['12,346', '123', '12.3', '1.23', '7']);
  });

  it('shorten a text in its middle, to the length asked for', () => {
    expect(shorten('redis-master-0.example.org:6379', 16)).toBe('redis-ma…rg:6379');
    expect([...shorten('x'.repeat(99), 16)]).toHaveLength(16);
    expect(shorten('short', 16)).toBe('short');
  });

  it('wrap at spaces, and break a word that is longer than a line', () => {
    expect(wrap('one two three', 7)).toEqual(['one two', 'three']);
    expect(wrap('abcdefghij kl', 4)).toEqual(['abcd', 'efgh', 'ij', 'kl']);
    expect(wrap('', 4)).toEqual([]);
  });

  it('shorten names by their longest words, so that marks and numbers stay', () => {
    const name = 'npm:@sesamecare-oss/redlock, N=5 (unsafe)';
    expect(shortenWords(name, 41)).toBe(name);
    expect(shortenWords(name, 33)).toBe('npm:@sesam…/redlock, N=5 (unsafe)');
    expect([...shortenWords(name, 33)]).toHaveLength(33);
    expect([...shortenWords(name, 12)]).toHaveLength(12);
    expect(shortenWords(name, 12)).toMatch(/safe\)$/);
  });
});
