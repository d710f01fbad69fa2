/**
 * The faults of a run for the terminal: their receipts, and what they cost.
 *
 * @module
 */
import { formatShare } from '../model/figure-text.js';
import type { RunResult } from '../model/result.js';
import { describeBand, describeFaults, nameFault } from './fault-words.js';
import { NONE } from './figures.js';
import { recoveriesOf } from './recoveries.js';
import { describeRecovery, formatLevel, RESOLUTION_NOTE } from './recovery-words.js';
import { alignColumns, fitNames, labelled, paint, type Cell, type Style } from './style.js';
import { header } from './summary-tables.js';

/** What was injected and what it cost; nothing for a run without faults. */
export function faultLines(result: RunResult, style: Style): string[] {
  const { faults } = result;
  if (faults.length === 0) return [];
  const recoveries = recoveriesOf(result);
  const isShared = recoveries.some((recovery) => recovery.isShared);
  const rows = faults.map((fault): Cell[] => {
    const recovery = recoveries.find((each) => each.fault === fault);
    const level = recovery?.shareOfRate ?? null;
    const acquired = recovery?.shareAcquired ?? null;
    return [
      { text: `${nameFault(fault)}${recovery?.isShared === true ? ' *' : ''}` },
      { text: describeBand(fault), emphasis: fault.status === 'effective' ? 'plain' : 'warning' },
      { text: level === null ? NONE : formatLevel(level), emphasis: 'strong' },
      { text: acquired === null ? NONE : formatShare(acquired) },
      { text: recovery === undefined ? NONE : describeRecovery(recovery).short },
    ];
  });
  const unproven = faults.filter(({ status }) => status !== 'effective');
  return [
    '',
    ...labelled('faults', describeFaults(faults), style, unproven.length === 0 ? 'plain' : 'warning'),
    ...alignColumns(
      fitNames([header('fault', 'effect to heal', 'rate', 'acquired', 'back'), ...rows], style),
      1,
      style,
    ),
    ...unproven.flatMap(({ fault, proof, status }) =>
      labelled(status === 'not-run' ? 'not run' : 'unproven', `${fault}: ${proof}`, style, 'warning'),
    ),
    ...(isShared ? [paint(style, 'faint', '(* other faults were in effect meanwhile)')] : []),
    ...labelled('', `(${RESOLUTION_NOTE})`, style, 'faint'),
  ];
}
