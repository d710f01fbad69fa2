import { expect, it } from 'vitest';
import { renderCommand, renderHeader, renderWord } from './resp-writer.js';

it('renders a command with the length of each word', () => {
  expect(renderCommand('SET', 'key', 'value', 'PX', 10_000)).toBe(
    '*5\r\n$3\r\nSET\r\n$3\r\nkey\r\n$5\r\nvalue\r\n$2\r\nPX\r\n$5\r\n10000\r\n',
  );
});

it('counts bytes, not characters, and has one character for each byte', () => {
  const text = renderWord('schlüssel-🔑');
  expect(text.startsWith('$15\r\n')).toBe(true);
  expect(Buffer.from(text, 'latin1').toString('utf8')).toBe('$15\r\nschlüssel-🔑\r\n');
});

it('keeps line ends and quotes inside of a word: nothing in a name can become a command', () => {
  expect(renderWord('a\r\n$1\r\nb')).toBe('$8\r\na\r\n$1\r\nb\r\n');
  expect(renderWord('')).toBe('$0\r\n\r\n');
});

it('renders a command in parts as it does whole', () => {
  expect(renderHeader(2) + renderWord('GET') + renderWord('k')).toBe(renderCommand('GET', 'k'));
});
