/**
 * Ctrl-C: once to end with what there is, twice to end now.
 *
 * @module
 */
import { setMaxListeners } from 'node:events';
import { EXIT_CODES } from '../check/exit-code.js';
import { msToNs, systemClock } from '../model/time.js';
import { endureLostOutput } from './lost-output.js';
import { standardError } from './process-terminal.js';
import { Screen } from './screen.js';
import { isTerminal } from './terminal.js';

/** One Ctrl-C may arrive twice, from the terminal and from the npm that started us: too quick for a second thought. */
export const REPEAT_NS = msToNs(500);

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Runs work under a signal that the first interrupt aborts. The second one ends the process at once; spawned servers
 * die with it, because their supervisor watches over this process. The screen that the work gets is standard error, and
 * is clean again when the work is over, however it ends.
 */
export async function interruptible(
  work: (signal: AbortSignal, screen: Screen) => Promise<void>,
  onFirst = 'interrupted: draining and writing; Ctrl-C again to end at once',
): Promise<void> {
  const controller = new AbortController();
  const terminal = standardError();
  const screen = new Screen(terminal);
  // The reader of our words may go at any time, and must not keep the files from being written.
  const endureNoLonger = endureLostOutput((stream) => {
    if (stream === process.stderr) terminal.giveUp();
  });
  // Every worker listens to it, and there may be more than the ten that Node takes for a leak.
  setMaxListeners(0, controller.signal);
  let firstNs = 0;
  const say = (text: string): void => {
    // The terminal has shown `^C`, unless a block was drawn over it.
    const isEchoed = isTerminal(process.stderr) && !screen.isShown;
    screen.line(`${isEchoed ? '\n' : ''}redlock-bench: ${text}`);
  };
  const interrupt = (): void => {
    const nowNs = systemClock.nowNs();
    if (controller.signal.aborted) {
      if (nowNs - firstNs < REPEAT_NS) return;
      screen.clear();
      say('ended at once; nothing more is written');
      process.exit(EXIT_CODES.interrupted);
    }
    firstNs = nowNs;
    controller.abort();
    say(onFirst);
  };
  for (const name of SIGNALS) process.on(name, interrupt);
  try {
    await work(controller.signal, screen);
  } finally {
    screen.clear();
    for (const name of SIGNALS) process.off(name, interrupt);
    endureNoLonger();
  }
}
