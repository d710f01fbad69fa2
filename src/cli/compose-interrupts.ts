/**
 * Ctrl-C while containers come and go: heard once, and then a way out.
 *
 * @module
 */
import { EXIT_CODES } from '../check/exit-code.js';
import { systemClock } from '../model/time.js';
import { REPEAT_NS } from './interrupt.js';
import { endureLostOutput } from './lost-output.js';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Until it is stopped no signal ends the process but the second one of a person, and a terminal that is gone does not
 * either. A process that ends leaves its containers to a take-down in the background.
 *
 * @param onFirst without it somebody else listens, and nothing ends the process here
 */
export function listenForInterrupts(onFirst?: () => void): { readonly stop: () => void } {
  const endureNoLonger = endureLostOutput();
  let firstNs: number | undefined;
  const interrupt = (): void => {
    if (onFirst === undefined) return;
    const nowNs = systemClock.nowNs();
    if (firstNs === undefined) {
      firstNs = nowNs;
      onFirst();
    } else if (nowNs - firstNs >= REPEAT_NS) process.exit(EXIT_CODES.interrupted);
  };
  for (const name of SIGNALS) process.on(name, interrupt);
  return {
    stop: () => {
      for (const name of SIGNALS) process.off(name, interrupt);
      endureNoLonger();
    },
  };
}
