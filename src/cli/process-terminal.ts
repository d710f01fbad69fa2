/**
 * Standard error as the terminal of a screen: while a block stands on it, whatever happens to the process leaves the cursor
 * visible.
 *
 * @module
 */
import { fstatSync } from 'node:fs';
import { readProcessStat } from '../servers/process-stat.js';
import type { Terminal, TerminalHolder, TerminalSize } from './screen.js';
import { isLive, isTerminal, sizeOf } from './terminal.js';

/** A stop that the system refuses, as it does where no shell could continue us, is over by then. */
const REFUSED_STOP_MS = 500;

export interface TerminalSurroundings {
  readonly environment: NodeJS.ProcessEnv;
  /** Other streams that show on the same terminal. */
  readonly beside: readonly NodeJS.WriteStream[];
  /** Whether the terminal is that of this process, and not of the shell behind which it runs. */
  readonly isForeground: () => boolean;
}

/** The terminal that standard error is, with standard output where that shows on it, too. */
export function standardError(): ProcessTerminal {
  const { stdout, stderr, env: environment } = process;
  const beside = isSameTerminal(stdout, stderr) ? [stdout] : [];
  return new ProcessTerminal(stderr, { environment, beside, isForeground });
}

export class ProcessTerminal implements Terminal {
  readonly isLive: boolean;
  readonly #stream: NodeJS.WriteStream;
  readonly #surroundings: TerminalSurroundings;
  readonly #write: NodeJS.WriteStream['write'];
  readonly #undo: (() => void)[] = [];
  #isLost = false;
  #wasBehind = false;

  constructor(stream: NodeJS.WriteStream, surroundings: TerminalSurroundings) {
    this.#stream = stream;
    this.#surroundings = surroundings;
    this.#write = stream.write.bind(stream);
    this.isLive = isLive(stream, surroundings.environment);
  }

  size(): TerminalSize {
    return sizeOf(this.#stream);
  }

  isForeground(): boolean {
    const isForeground = this.#surroundings.isForeground();
    if (isForeground && this.#wasBehind) this.#askSize();
    this.#wasBehind = !isForeground;
    return isForeground;
  }

  write(text: string): void {
    if (!this.#isLost) this.#write(text);
  }

  /** Nobody is there any more: nothing is written from now on. */
  giveUp(): void {
    this.#isLost = true;
  }

  hold(holder: TerminalHolder): void {
    for (const stream of [this.#stream, ...this.#surroundings.beside]) this.#takeWrites(stream, holder);
    this.#listen(this.#stream, 'resize', () => {
      holder.resized();
    });
    // These are followed by words of Node itself, which go past the stream.
    for (const event of ['warning', 'uncaughtExceptionMonitor']) {
      this.#listen(process, event, () => {
        holder.stepAside();
        if (event === 'warning') setImmediate(holder.comeBack);
      });
    }
    this.#listen(process, 'exit', () => {
      holder.stepAside();
    });
    this.#holdSignals(holder);
  }

  letGo(): void {
    for (const undo of this.#undo.splice(0)) undo();
  }

  /** Locks write what they like, and so do threads, whose output comes through here. */
  #takeWrites(stream: NodeJS.WriteStream, holder: TerminalHolder): void {
    const decoder = new TextDecoder();
    const own = Object.getOwnPropertyDescriptor(stream, 'write');
    stream.write = (chunk: Uint8Array | string, ...rest: readonly unknown[]): boolean => {
      holder.foreign(typeof chunk === 'string' ? chunk : decoder.decode(chunk, { stream: true }));
      const written = rest.find((each) => typeof each === 'function') as ((error?: Error) => void) | undefined;
      if (written !== undefined) process.nextTick(written);
      return true;
    };
    this.#undo.push(() => {
      // Usually it has none of its own, and shows that of its class again.
      if (own === undefined) Reflect.deleteProperty(stream, 'write');
      else Object.defineProperty(stream, 'write', own);
    });
  }

  /** Ctrl-Z leaves the terminal to the shell until `fg`; Ctrl-\ leaves it for good. */
  #holdSignals(holder: TerminalHolder): void {
    let refused: NodeJS.Timeout | undefined;
    const stop = (): void => {
      leaveTo('SIGTSTP');
      refused = setTimeout(comeBack, REFUSED_STOP_MS).unref();
    };
    const quit = (): void => {
      leaveTo('SIGQUIT');
    };
    /** The signal does what it always does once nobody listens to it. */
    const leaveTo = (signal: 'SIGTSTP' | 'SIGQUIT'): void => {
      holder.stepAside();
      process.off(signal, signal === 'SIGTSTP' ? stop : quit);
      process.kill(process.pid, signal);
    };
    const comeBack = (): void => {
      clearTimeout(refused);
      if (!process.listeners('SIGTSTP').includes(stop)) process.on('SIGTSTP', stop);
      this.#askSize();
      holder.comeBack();
    };
    process.on('SIGTSTP', stop);
    process.on('SIGQUIT', quit);
    process.on('SIGCONT', comeBack);
    this.#undo.push(() => {
      clearTimeout(refused);
      process.off('SIGTSTP', stop);
      process.off('SIGQUIT', quit);
      process.off('SIGCONT', comeBack);
    });
  }

  /** Only the foreground is told of a new size, and Node remembers the one that it was told last. */
  #askSize(): void {
    (this.#stream as { _refreshSize?: () => void })._refreshSize?.();
  }

  #listen(emitter: NodeJS.EventEmitter, event: string, listener: () => void): void {
    emitter.prependListener(event, listener);
    this.#undo.push(() => {
      emitter.off(event, listener);
    });
  }
}

/** Where nothing is known of it, as outside Linux, it is ours. */
function isForeground(): boolean {
  const { group, foreground = -1 } = readProcessStat(process.pid) ?? {};
  return foreground === -1 || foreground === group;
}

type Descriptor = NodeJS.WriteStream & { readonly fd: number };

/** Standard output may be another terminal, whose lines must not come here. */
function isSameTerminal(one: Descriptor, other: Descriptor): boolean {
  if (!isTerminal(one) || !isTerminal(other)) return false;
  try {
    return fstatSync(one.fd).rdev === fstatSync(other.fd).rdev;
  } catch {
    return false;
  }
}
