/**
 * Faults in words: their names, their receipts, and what grants would have survived.
 *
 * @module
 */
import { isMomentary, type FaultReceipt } from '../model/fault.js';
import { formatShare, formatThings } from '../model/figure-text.js';
import { formatNs, nsToS } from '../model/time.js';
import { NONE } from './figures.js';

/** Whether a fault is an instant and not a span, so that it has nothing to heal. */
export function isPointFault({ kind, healedNs }: Pick<FaultReceipt, 'kind' | 'healedNs'>): boolean {
  return healedNs === null && isMomentary(kind);
}

/** A fault as it would be typed, without its times, which an axis or a column shows better: `kill master=2`. */
export function nameFault({ fault }: Pick<FaultReceipt, 'fault'>): string {
  return fault.replace(/ (at|for)=\S+/g, '');
}

/** How many receipts prove their fault: `2 of 3`. */
export function countReceipts(receipts: readonly FaultReceipt[]): { effective: number; all: number } {
  return { effective: receipts.filter(({ status }) => status === 'effective').length, all: receipts.length };
}

/** When a fault was injected, when its effect was seen, and when that it was over. */
export function describeTimes(fault: FaultReceipt): { applied: string; effect: string; healed: string } {
  return {
    applied: formatInstant(fault.appliedNs),
    effect: fault.effectNs === null ? 'never seen' : `+${formatNs(fault.effectNs - fault.appliedNs)}`,
    healed: fault.healedNs === null ? (isPointFault(fault) ? NONE : 'never seen') : formatInstant(fault.healedNs),
  };
}

/** From the effect of a fault to its heal, in the width of a column. */
export function describeBand(fault: FaultReceipt): string {
  if (fault.status === 'not-run') return 'not run';
  if (fault.effectNs === null) return 'effect not seen';
  const from = nsToS(fault.effectNs).toFixed(2);
  if (isPointFault(fault)) return `${from} s`;
  return `${from} to ${fault.healedNs === null ? 'the end' : `${nsToS(fault.healedNs).toFixed(2)} s`}`;
}

/** The faults of a run in one line. */
export function describeFaults(faults: readonly FaultReceipt[]): string {
  const { effective, all } = countReceipts(faults);
  return `${formatThings(all, 'fault')}, ${effective === all ? 'each' : `${String(effective)} of them`} with a receipt of its effect`;
}

/**
 * Fault margins in words. The entry at f counts the grants that f masters losing the key would have broken, so each of
 * them survives f − 1. Undefined without a grant.
 */
export function describeMargins(margins: readonly number[]): string | undefined {
  const all = margins.reduce((sum, count) => sum + count, 0);
  if (all === 0) return undefined;
  const parts = margins
    .map((count, margin) => ({ count, survived: margin - 1 }))
    .filter(({ count }) => count > 0)
    .reverse()
    .map(({ count, survived }, index) => {
      const share = formatShare(count / all);
      if (index === 0 && survived > 0) {
        const masters = survived === 1 ? '1 master losing its keys' : `${String(survived)} masters losing their keys`;
        return `${share} of grants would survive ${masters}`;
      }
      if (index === 0) return `${share} of grants would not survive even 1 master losing its keys`;
      return `${share} ${survived > 0 ? String(survived) : 'none'}`;
    });
  return parts.join(', ');
}

function formatInstant(ns: number): string {
  return `${nsToS(ns).toFixed(2)} s`;
}
