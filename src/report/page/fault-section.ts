/**
 * Faults on a page: the receipts that prove them, and what they cost.
 *
 * @module
 */
import type { FaultReceipt } from '../../model/fault.js';
import { formatAmount, formatShare } from '../../model/figure-text.js';
import type { RunResult } from '../../model/result.js';
import { describeTimes } from '../fault-words.js';
import { NONE } from '../figures.js';
import { recoveriesOf } from '../recoveries.js';
import { describeRecovery, formatLevel, RESOLUTION_NOTE } from '../recovery-words.js';
import { markup, type Markup } from './markup.js';
import { table } from './page-tables.js';

/** The faults of a run with their receipts and their cost; nothing without faults. */
export function faultSection(result: RunResult): Markup {
  if (result.faults.length === 0) return markup``;
  return markup`<h2>Faults</h2>${receiptTable(result.faults)}${recoveryTable(result)}`;
}

/** What proves each fault: when it was injected, when its effect was seen, when it was over. */
export function receiptTable(faults: readonly FaultReceipt[]): Markup {
  const rows = faults.map((fault) => {
    const { applied, effect, healed } = describeTimes(fault);
    const wasRun = fault.status !== 'not-run';
    const tone = fault.status === 'effective' ? 'good' : 'warning';
    return markup`<tr><th>${fault.fault}</th><td class="short">${fault.target}</td><td class="short">${wasRun ? applied : NONE}</td><td class="short">${wasRun ? effect : NONE}</td><td class="short">${wasRun ? healed : NONE}</td><td class="${tone}">${fault.status}</td><td class="long">${fault.proof}</td></tr>`;
  });
  return table(
    ['fault', 'target', 'injected at', 'effect after', 'healed at', 'receipt', 'what the probes saw'],
    rows,
    'words',
  );
}

function recoveryTable(result: RunResult): Markup {
  const recoveries = recoveriesOf(result);
  if (recoveries.length === 0) return markup``;
  const rows = recoveries.map((recovery) => {
    const { fault, ratePerSecondBefore, shareOfRate, shareAcquired, isShared } = recovery;
    const cells = [
      ratePerSecondBefore === null ? NONE : `${formatAmount(ratePerSecondBefore)}/s`,
      shareOfRate === null ? NONE : formatLevel(shareOfRate),
      shareAcquired === null ? NONE : formatShare(shareAcquired),
      describeRecovery(recovery).long,
      isShared ? 'yes' : 'no',
    ].map((cell) => markup`<td>${cell}</td>`);
    return markup`<tr><th>${fault.fault}</th>${cells}</tr>`;
  });
  return markup`${table(
    ['while it lasted', 'rate before', 'rate, of before', 'acquired', 'recovery', 'other faults meanwhile'],
    rows,
  )}<p class="faint">${RESOLUTION_NOTE}</p>`;
}
