/**
 * A terminal as far as our screens use one: a grid of characters, a cursor, and the escapes that move and erase.
 *
 * @module
 */
import type { Terminal, TerminalHolder, TerminalSize } from './screen.js';

export class TerminalGrid implements Terminal {
  readonly isLive = true;
  holder: TerminalHolder | undefined;
  isCursorVisible = true;
  isOurs = true;
  /** How often something was written to it. */
  writes = 0;
  #columns: number;
  readonly #rows: number;
  #lines: string[] = [''];
  #row = 0;
  #column = 0;

  constructor(columns: number, rows: number) {
    this.#columns = columns;
    this.#rows = rows;
  }

  /** Everything that is to be seen, what has scrolled away included, without empty lines at the end. */
  get text(): string {
    return this.#lines
      .map((line) => line.trimEnd())
      .join('\n')
      .trimEnd();
  }

  size(): TerminalSize {
    return { columns: this.#columns, rows: this.#rows };
  }

  isForeground(): boolean {
    return this.isOurs;
  }

  hold(holder: TerminalHolder): void {
    this.holder = holder;
  }

  letGo(): void {
    this.holder = undefined;
  }

  /** Makes it narrower or wider, and folds the lines as terminals do. The cursor stays on its character. */
  resize(columns: number): void {
    const before = this.#lines.slice(0, this.#row).flatMap((line) => fold(line, columns));
    const rest = this.#lines.slice(this.#row).flatMap((line) => fold(line, columns));
    this.#lines = [...before, ...rest];
    this.#row = before.length;
    this.#columns = columns;
    this.holder?.resized();
  }

  write(text: string): void {
    this.writes++;
    // eslint-disable-next-line no-control-regex -- escapes are control characters
    for (const [part, parameter = '', final] of text.matchAll(/\x1b\[([?\d;]*)([A-Za-z])|[^]/gu)) {
      if (final !== undefined) this.#obey(parameter, final);
      else if (part === '\n') this.#feed();
      else if (part === '\r') this.#column = 0;
      else this.#put(part);
    }
  }

  #obey(parameter: string, final: string): void {
    if (parameter === '?25') this.isCursorVisible = final === 'h';
    else if (final === 'A') this.#row = Math.max(this.#top, this.#row - Number(parameter));
    else if (final === 'K') this.#eraseLine();
    else if (final === 'J') {
      this.#eraseLine();
      this.#lines.length = this.#row + 1;
    } else if (final !== 'm') throw new Error(`expected an escape that this terminal knows, got ${parameter}${final}`);
  }

  /** What has scrolled away is out of the cursor's reach. */
  get #top(): number {
    return Math.max(0, this.#lines.length - this.#rows);
  }

  #eraseLine(): void {
    this.#lines[this.#row] = [...(this.#lines[this.#row] ?? '')].slice(0, this.#column).join('');
  }

  #feed(): void {
    this.#row++;
    this.#column = 0;
    this.#lines[this.#row] ??= '';
  }

  #put(character: string): void {
    if (this.#column >= this.#columns) this.#feed();
    const line = [...(this.#lines[this.#row] ?? '').padEnd(this.#column)];
    line[this.#column] = character;
    this.#lines[this.#row] = line.join('');
    this.#column++;
  }
}

function fold(line: string, columns: number): string[] {
  const characters = [...line];
  const pieces: string[] = [];
  for (let at = 0; at < Math.max(1, characters.length); at += columns) {
    pieces.push(characters.slice(at, at + columns).join(''));
  }
  return pieces;
}
