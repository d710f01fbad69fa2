/**
 * Writes commands as a Redis server reads them.
 *
 * Everything written is a byte string: a string in which each character stands for one byte, sent as latin1. Strings
 * join for next to nothing, their length is their length in bytes, and a socket copies them without decoding.
 *
 * @module
 */

/** Renders a command; the arguments are sent as UTF-8. */
export function renderCommand(...words: readonly (string | number)[]): string {
  let text = renderHeader(words.length);
  for (const word of words) text += renderWord(word);
  return text;
}

/** Renders the header of a command with so many words, its name included; the words must follow. */
export function renderHeader(words: number): string {
  return `*${String(words)}\r\n`;
}

/** Renders one word of a command. */
export function renderWord(word: string | number): string {
  const bytes = typeof word === 'number' ? String(word) : toByteString(word);
  return `$${String(bytes.length)}\r\n${bytes}\r\n`;
}

const NOT_ASCII = /[\u0080-\uffff]/;

/** The UTF-8 bytes of a text, a character for each. ASCII is its own. */
function toByteString(text: string): string {
  return NOT_ASCII.test(text) ? Buffer.from(text, 'utf8').toString('latin1') : text;
}
