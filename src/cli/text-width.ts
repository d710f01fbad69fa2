/**
 * How much room a text takes on a terminal: names of locks and paths may be of any script.
 *
 * @module
 */

/** These take two columns: the scripts of East Asia, their full-width forms, and emoji. */
const WIDE =
  /[\u1100-\u115f\u2e80-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}/u;
/** These take none: they change the character before them, or only say how to show it. */
const NARROWEST = /\p{Mn}|\p{Me}|\p{Cf}/u;

/** How many columns a text takes; without escapes. */
export function textWidth(text: string): number {
  return [...text].reduce((sum, character) => sum + characterWidth(character), 0);
}

/** As much of a text as fits in so many columns, with an ellipsis where something is missing. */
export function cutToWidth(text: string, columns: number, ellipsis = '…'): string {
  if (textWidth(text) <= columns) return text;
  let kept = '';
  let width = 0;
  for (const character of text) {
    width += characterWidth(character);
    if (width > columns - 1) break;
    kept += character;
  }
  return columns < 1 ? '' : kept + ellipsis;
}

function characterWidth(character: string): number {
  if (character < '\u0300') return 1;
  if (NARROWEST.test(character)) return 0;
  return WIDE.test(character) ? 2 : 1;
}
