/**
 * What a driver says, made fit to be shown: without passwords, on one line, and short.
 *
 * @module
 */
const MOST_CHARACTERS = 500;
const MOST_LINES = 10;
/** A password that a cut left this much of is still taken out. */
const LEAST_REMNANT = 4;
const WITHHELD = '***';

/** Knows the passwords that a driver was told, in every form in which it may repeat them. */
export class DriverWords {
  /** Longest first: one may contain another. */
  readonly #secrets: readonly string[];

  constructor(passwords: readonly string[]) {
    const forms = passwords.flatMap(formsOf).filter((form) => form !== '');
    this.#secrets = [...new Set(forms)].sort((one, other) => other.length - one.length);
  }

  /** Takes out the passwords. Do it before anything is cut off: part of a password is not known for one. */
  redact(text: string): string {
    return this.#secrets.reduce((rest, secret) => rest.replaceAll(secret, WITHHELD), this.#redactEnd(text));
  }

  /** The beginning of a text, on one line. */
  show(text: string): string {
    return onOneLine(this.redact(text)).slice(0, MOST_CHARACTERS);
  }

  /** The end of a text of several lines, on one line: what a program says last says why it ends. */
  showLast(text: string): string {
    const lines = this.redact(text).split('\n').map(onOneLine);
    return lines
      .filter((line) => line !== '')
      .slice(-MOST_LINES)
      .join(' | ')
      .slice(-MOST_CHARACTERS);
  }

  /** The text may end within a password, because the rest had not come yet. */
  #redactEnd(text: string): string {
    for (let length = this.#secrets[0]?.length ?? 0; length >= LEAST_REMNANT; length--) {
      const isRemnant = this.#secrets.some(
        (secret) => secret.length >= length && text.endsWith(secret.slice(0, length)),
      );
      if (isRemnant) return text.slice(0, -length) + WITHHELD;
    }
    return text;
  }
}

function onOneLine(text: string): string {
  return text.replaceAll(/\p{Cc}+/gu, ' ').trim();
}

/** As it is, in JSON (twice, where an error quotes JSON), and in a URL, by the habits of several languages. */
function formsOf(password: string): string[] {
  const json = escapeJson(password);
  const ascii = json.replaceAll(/[^\x20-\x7e]/g, escapeUnit);
  const encoded = encodeURIComponent(Buffer.from(password).toString());
  const strict = encoded.replaceAll(/[!'()*]/g, percent);
  const urls = [encoded, strict, strict.replaceAll('%2F', '/'), strict.replaceAll('%20', '+')];
  const lowerCase = urls.map((url) => url.replaceAll(/%[0-9A-F]{2}/g, (code) => code.toLowerCase()));
  return [password, json, ascii, escapeJson(json), escapeJson(ascii), ...urls, ...lowerCase];
}

const escapeJson = (text: string): string => JSON.stringify(text).slice(1, -1);
const escapeUnit = (unit: string): string => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
const percent = (character: string): string => `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
