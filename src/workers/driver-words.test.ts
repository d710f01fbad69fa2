import { describe, expect, it } from 'vitest';
import { DriverWords } from './driver-words.js';

const PASSWORD = 'pä"s/s w*rd';
const words = new DriverWords([PASSWORD, 'short', 'shorter-no-more']);

describe('DriverWords', () => {
  it.each([
    ['as it is', PASSWORD],
    ['in JSON', 'pä\\"s/s w*rd'],
    ['in JSON of ASCII', 'p\\u00e4\\"s/s w*rd'],
    ['in JSON within JSON', 'pä\\\\\\"s/s w*rd'],
    ['in a URL', 'p%C3%A4%22s%2Fs%20w*rd'],
    ['in a URL, all of it', 'p%C3%A4%22s%2Fs%20w%2Ard'],
    ['in a URL with a slash', 'p%C3%A4%22s/s%20w%2Ard'],
    ['in a form', 'p%C3%A4%22s%2Fs+w%2Ard'],
    ['in a URL in lower case', 'p%c3%a4%22s%2fs%20w*rd'],
    ['with another password in it', 'shorter-no-more'],
  ])('takes out a password %s', (_, form) => {
    expect(words.show(`redis://user:${form}@host`)).toBe('redis://user:***@host');
  });

  it('takes out the beginning of a password at the end of a text', () => {
    expect(words.redact('AUTH shorter-n')).toBe('AUTH ***');
    expect(words.redact('AUTH sho')).toBe('AUTH sho');
  });

  it('knows a password that the cut goes through, and one that a control character is in', () => {
    expect(words.show(`${'x'.repeat(495)}${PASSWORD}`)).toBe(`${'x'.repeat(495)}***`);
    expect(new DriverWords(['one\ntwo']).showLast('AUTH one\ntwo')).toBe('AUTH ***');
  });

  it('keeps what was said last, in few lines and without control characters', () => {
    const lines = Array.from({ length: 12 }, (_, index) => `line ${String(index)}`);
    expect(words.showLast(lines.join('\n\n'))).toBe(lines.slice(2).join(' | '));
    expect(words.showLast(`${'x'.repeat(600)}\nKeyError: \u001b[31mplanted`)).toMatch(
      /^x{470,} \| KeyError: {2}\[31mplanted$/,
    );
    expect(words.showLast('x'.repeat(600))).toHaveLength(500);
  });
});
