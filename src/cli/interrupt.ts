/**
 * Ctrl-C: once to end with what there is, twice to end now.
 *
 * @module
 */
import { setMaxListeners } from 'node:events';
import { EXIT_CODES } from '../check/exit-code.js';
import { msToNs, systemClock } from '../model/time.js';

/** One Ctrl-C may arrive twice, from the terminal and from the npm that started us: too quick for a second thought. */
const REPEAT_NS = msToNs(500);

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Runs work under a signal that the first interrupt aborts. The second one ends the process at once; spawned servers
 * die with it, because their supervisor watches over this process.
 */
export async function interruptible(work: (signal: AbortSignal) => Promise<void>): Promise<void> {
  const controller = new AbortController();
  // Every worker listens to it, and there may be more than the ten that Node takes for a leak.
  setMaxListeners(0, controller.signal);
  let firstNs = 0;
  const interrupt = (): void => {
    const nowNs = systemClock.nowNs();
    if (controller.signal.aborted) {
      if (nowNs - firstNs < REPEAT_NS) return;
      process.stderr.write('\x1b[?25h\nredlock-bench: ended at once; nothing more is written\n');
      process.exit(EXIT_CODES.interrupted);
    }
    process.stderr.write('\nredlock-bench: ending the run and writing what there is; once more to end at once\n');
    firstNs = nowNs;
    controller.abort();
  };
  for (const name of SIGNALS) process.on(name, interrupt);
  try {
    await work(controller.signal);
  } finally {
    for (const name of SIGNALS) process.off(name, interrupt);
  }
}
