/**
 * Notices that a server says nothing although it was asked.
 *
 * @module
 */

/** How often a connection with unanswered commands is looked at. */
const CHECK_MS = 1_000;
/** After so many looks without a byte the connection is given up: the server hangs, or its host is gone. */
const MOST_SILENT_CHECKS = 5;

/** What is watched. */
export interface Watched {
  /** Whether commands are unanswered on a ready connection. */
  isWaiting(): boolean;
  /** How many bytes have come in on the connection at hand. */
  heardBytes(): number;
  /** Ends the connection, for this reason. */
  giveUp(reason: Error): void;
}

/**
 * Watches one connection with one timer, which holds no process and runs only while something is unanswered.
 *
 * Nothing else would end a connection whose other side is gone without a word: commands would gather without end. A look
 * counts from the one before, so the first says nothing about the commands of the last moment.
 */
export class SilenceWatch {
  readonly #watched: Watched;
  #timer: NodeJS.Timeout | undefined;
  #isRunning = false;
  #heardBytes = 0;
  #silentChecks = 0;
  readonly #look = (): void => {
    this.#isRunning = this.#watched.isWaiting();
    if (!this.#isRunning) return;
    this.#listen();
    if (++this.#silentChecks <= MOST_SILENT_CHECKS) this.#timer?.refresh();
    else {
      this.#isRunning = false;
      const silentMs = MOST_SILENT_CHECKS * CHECK_MS;
      this.#watched.giveUp(new Error(`no answer to anything within ${String(silentMs)} ms`));
    }
  };

  constructor(watched: Watched) {
    this.#watched = watched;
  }

  /** Something was asked. */
  start(): void {
    if (this.#isRunning) return;
    this.#isRunning = true;
    this.#silentChecks = 0;
    this.#heardBytes = this.#watched.heardBytes();
    if (this.#timer === undefined) this.#timer = setTimeout(this.#look, CHECK_MS).unref();
    else this.#timer.refresh();
  }

  /** Whether nothing has come in for over a second although something was asked. */
  get isSilent(): boolean {
    if (this.#silentChecks > 1) this.#listen();
    return this.#silentChecks > 1;
  }

  #listen(): void {
    const heardBytes = this.#watched.heardBytes();
    if (heardBytes !== this.#heardBytes) this.#silentChecks = 0;
    this.#heardBytes = heardBytes;
  }
}
