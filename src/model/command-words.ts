/**
 * The words of a command that is started without a shell.
 *
 * @module
 */

/**
 * Splits a command like a simple shell: blanks separate words, quotes keep them together, a backslash takes the next
 * character as it is (within double quotes only `"` and itself). Nothing is expanded, and no shell is started.
 *
 * @returns undefined when a quote is not closed
 */
export function splitWords(command: string): string[] | undefined {
  const words: string[] = [];
  let word: string | undefined;
  let quote = '';
  for (let at = 0; at < command.length; at++) {
    const character = command.charAt(at);
    const next = command.charAt(at + 1);
    const isEscape = character === '\\' && next !== '' && (quote === '' || (quote === '"' && /["\\]/.test(next)));
    if (isEscape) {
      word = (word ?? '') + next;
      at++;
    } else if (quote === '' && /\s/.test(character)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else if (quote === '' ? /["']/.test(character) : character === quote) {
      quote = quote === '' ? character : '';
      // A pair of quotes is a word even when nothing is between them.
      word ??= '';
    } else word = (word ?? '') + character;
  }
  if (quote !== '') return undefined;
  if (word !== undefined) words.push(word);
  return words;
}
