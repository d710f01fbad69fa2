/**
 * Recovery after a fault, in words; figures of the series, whose intervals are a second long.
 *
 * @module
 */
import { formatShare } from '../model/figure-text.js';
import { msToS } from '../model/time.js';
import type { Recovery } from './recoveries.js';
import { isPointFault } from './fault-words.js';

/** Stands beside every such figure. */
export const RESOLUTION_NOTE =
  'rate: while it lasted, of the rate before (median of up to 10 undisturbed seconds); back: until the rate of a whole second was 80 % of before; resolution: one second';

/** A rate as a share of the rate before, which it may exceed. */
export function formatLevel(share: number): string {
  return share > 1 ? `${String(Math.round(share * 100))} %` : formatShare(share);
}

/** How soon the rate was back: a sentence, and two or three words. */
export function describeRecovery({ fault, ratePerSecondBefore, recoveredWithinMs }: Recovery): {
  long: string;
  short: string;
} {
  if (fault.healedNs === null && !isPointFault(fault)) return { long: 'never healed', short: 'not healed' };
  if (ratePerSecondBefore === null) return { long: 'recovery unknown: no rate before it', short: 'unknown' };
  if (recoveredWithinMs === null) return { long: 'not back before the end', short: 'not back' };
  const seconds = `${msToS(recoveredWithinMs).toFixed(1)} s`;
  return { long: `back within ${seconds}`, short: `≤ ${seconds}` };
}
