/**
 * The one writer of a terminal on which a block of lines is drawn again and again, and lines come in above it.
 *
 * While the block stands, the cursor rests on its first character. So erasing from the cursor on removes all of it, even
 * after the terminal has folded its lines into a narrower window, and whatever else writes to the terminal writes over the
 * block instead of into it.
 *
 * @module
 */

const REFRESH_MS = 250;
/** What others write is gathered for so long once something of it was shown: a lock that logs a lot is not drawn a lot. */
const GATHER_MS = 50;
const ERASE_BELOW = '\r\x1b[J';
const ERASE_TO_END_OF_LINE = '\x1b[K';
const HIDE_CURSOR = '\x1b[?25l';
const SHOW_CURSOR = '\x1b[?25h';

export interface TerminalSize {
  readonly columns: number;
  readonly rows: number;
}

/** Hears of what happens to the terminal while a block stands on it. */
export interface TerminalHolder {
  /** Somebody else wants to write. */
  readonly foreign: (text: string) => void;
  readonly resized: () => void;
  /** Leaves the terminal to somebody else: to the shell, or to the last words of the process. */
  readonly stepAside: () => void;
  readonly comeBack: () => void;
}

/** Where a screen writes. */
export interface Terminal {
  /** Whether lines can be drawn again. */
  readonly isLive: boolean;
  size(): TerminalSize;
  /** Whether it is ours at this moment, and not that of the shell behind which we run. */
  isForeground(): boolean;
  write(text: string): void;
  /** Tells the holder of everything until it lets go. */
  hold(holder: TerminalHolder): void;
  letGo(): void;
}

/** The lines of a block in a terminal of this size, each shorter than it is wide. */
export type Frame = (size: TerminalSize) => readonly string[];

export class Screen {
  readonly #terminal: Terminal;
  #frame: Frame | undefined;
  #timer: NodeJS.Timeout | undefined;
  #isAside = false;
  /** It was asked to step aside, and not only found that the terminal is another's. */
  #isSentAside = false;
  /** The beginning of a line that somebody else has not ended yet. */
  #partial = '';
  /** Whole lines of others that are to be shown with the next drawing. */
  #gathered = '';
  #gathering: NodeJS.Timeout | undefined;

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
  }

  get isLive(): boolean {
    return this.#terminal.isLive;
  }

  get isShown(): boolean {
    return this.#frame !== undefined;
  }

  /** Writes a line, or several, which stay: above the block where there is one. */
  line(text: string): void {
    if (this.#isDrawn) this.#draw(`${text}\n`);
    else this.#terminal.write(`${text}\n`);
  }

  /** Shows a block from now on, drawn again four times a second; only on a live terminal. */
  show(frame: Frame): void {
    if (!this.isLive) return;
    const isFirst = this.#frame === undefined;
    this.#frame = frame;
    if (isFirst) {
      this.#terminal.hold({
        foreign: (text) => {
          this.#foreign(text);
        },
        resized: () => {
          this.refresh();
        },
        stepAside: () => {
          this.#stepAside();
        },
        comeBack: () => {
          this.#comeBack();
        },
      });
      this.#timer = setInterval(() => {
        this.#lookAround();
        this.refresh();
      }, REFRESH_MS);
      this.#isAside = true;
      this.#isSentAside = false;
      this.#lookAround();
      return;
    }
    this.refresh();
  }

  /** Draws the block again, if there is one. */
  refresh(): void {
    if (this.#isDrawn) this.#draw('');
  }

  /** What others wrote, these lines, and below them the block, in one piece. */
  #draw(above: string): void {
    const size = this.#terminal.size();
    const text = this.#gathered + above;
    this.#gathered = '';
    // A block that is higher than the terminal could not be found again.
    const lines = (this.#frame?.(size) ?? []).slice(0, Math.max(1, size.rows - 1));
    const up = lines.length > 0 ? `\x1b[${String(lines.length)}A` : '';
    const drawn = lines.map((line) => `${line}${ERASE_TO_END_OF_LINE}\n`).join('');
    this.#terminal.write(`${text === '' ? '\r' : ERASE_BELOW + text}${drawn}${ERASE_BELOW}${up}`);
  }

  /** Removes the block and leaves the terminal as it was. Doing it twice does no harm. */
  clear(): void {
    if (this.#frame === undefined) return;
    clearInterval(this.#timer);
    clearTimeout(this.#gathering);
    this.#gathering = undefined;
    this.#stepAside();
    this.#frame = undefined;
    this.#isAside = false;
    this.#terminal.letGo();
  }

  get #isDrawn(): boolean {
    return this.#frame !== undefined && !this.#isAside;
  }

  #foreign(text: string): void {
    if (!this.#isDrawn) {
      this.#terminal.write(text);
      return;
    }
    const end = text.lastIndexOf('\n') + 1;
    if (end === 0) {
      this.#partial += text;
      return;
    }
    this.#gathered += this.#partial + text.slice(0, end);
    this.#partial = text.slice(end);
    if (this.#gathering === undefined) this.#showGathered();
  }

  /** Once, and again after a while if more has come until then. */
  #showGathered(): void {
    this.refresh();
    this.#gathering = setTimeout(() => {
      this.#gathering = undefined;
      if (this.#gathered !== '') this.#showGathered();
    }, GATHER_MS);
  }

  #stepAside(): void {
    this.#isSentAside = true;
    if (!this.#isDrawn) return;
    const rest = this.#gathered + (this.#partial === '' ? '' : `${this.#partial}\n`);
    this.#gathered = '';
    this.#partial = '';
    this.#terminal.write(`${ERASE_BELOW}${rest}${SHOW_CURSOR}`);
    this.#isAside = true;
  }

  #comeBack(): void {
    this.#isSentAside = false;
    this.#lookAround();
  }

  /** Draws only while the terminal is ours: in the background it belongs to the prompt of a shell, and to its cursor. */
  #lookAround(): void {
    if (this.#frame === undefined || this.#isSentAside) return;
    const isOurs = this.#terminal.isForeground();
    if (isOurs === !this.#isAside) return;
    this.#isAside = !isOurs;
    // The shell has written over the block by now, and erasing it would erase the prompt.
    this.#terminal.write(isOurs ? HIDE_CURSOR : SHOW_CURSOR);
    if (isOurs) this.refresh();
    else this.#abandon();
  }

  /** What was kept for the next drawing is written as it is. */
  #abandon(): void {
    const kept = this.#gathered + this.#partial;
    this.#gathered = '';
    this.#partial = '';
    if (kept !== '') this.#terminal.write(kept);
  }
}
