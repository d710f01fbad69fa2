/**
 * Names and sentences of users as plain text, for files of other tools.
 *
 * @module
 */
import { stripVTControlCharacters } from 'node:util';

/** One line without control characters, half surrogates and needless space. */
export function oneLine(text: string): string {
  return wellFormed(text)
    .replaceAll(/[\p{Cc}\p{Zl}\p{Zp}\s]+/gu, ' ')
    .trim();
}

function wellFormed(text: string): string {
  return stripVTControlCharacters(text)
    .replaceAll(/\p{Cs}/gu, '\uFFFD')
    .replaceAll(/[\uFFFE\uFFFF]/gu, '\uFFFD');
}
