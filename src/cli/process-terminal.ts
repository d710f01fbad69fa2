/**
 * Standard error as the terminal of a screen: while a block stands on it, whatever happens to the process leaves the cursor
 * visible.
 *
 * @module
 */
import type { Terminal, TerminalHolder, TerminalSize } from './screen.js';
import { isLive, sizeOf } from './terminal.js';

/** A stop that the system refuses, as it does where no shell could continue us, is over by then. */
const REFUSED_STOP_MS = 500;

export class ProcessTerminal implements Terminal {
  readonly isLive: boolean;
  readonly #stream: NodeJS.WriteStream;
  readonly #write: NodeJS.WriteStream['write'];
  readonly #undo: (() => void)[] = [];

  constructor(stream: NodeJS.WriteStream, environment: NodeJS.ProcessEnv) {
    this.#stream = stream;
    this.#write = stream.write.bind(stream);
    this.isLive = isLive(stream, environment);
  }

  size(): TerminalSize {
    return sizeOf(this.#stream);
  }

  write(text: string): void {
    this.#write(text);
  }

  hold(holder: TerminalHolder): void {
    this.#takeWrites(holder);
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

  /** Locks write what they like, and so do threads, whose standard error comes through here. */
  #takeWrites(holder: TerminalHolder): void {
    const stream = this.#stream;
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
    const stop = (): void => {
      leaveTo('SIGTSTP');
      setTimeout(comeBack, REFUSED_STOP_MS).unref();
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
      if (this.#undo.length === 0 || process.listeners('SIGTSTP').includes(stop)) return;
      process.on('SIGTSTP', stop);
      holder.comeBack();
    };
    process.on('SIGTSTP', stop);
    process.on('SIGQUIT', quit);
    process.on('SIGCONT', comeBack);
    this.#undo.push(() => {
      process.off('SIGTSTP', stop);
      process.off('SIGQUIT', quit);
      process.off('SIGCONT', comeBack);
    });
  }

  #listen(emitter: NodeJS.EventEmitter, event: string, listener: () => void): void {
    emitter.prependListener(event, listener);
    this.#undo.push(() => {
      emitter.off(event, listener);
    });
  }
}
