/**
 * `faults.jsonl`: receipts of faults as they come, one a line, each as soon as it is there.
 *
 * @module
 */
import type { FaultReceipt } from '../model/fault.js';

/** The line of one receipt. A fault that is healed gets a second one. */
export function faultLine(receipt: FaultReceipt): string {
  return `${JSON.stringify(receipt)}\n`;
}

/** Reads the receipts, whole or torn: the last one of each fault, in the order of their beginning. */
export function readFaultLog(text: string): FaultReceipt[] {
  const latest = new Map<string, FaultReceipt>();
  for (const line of text.split('\n')) {
    const receipt = parseLine(line);
    if (receipt !== undefined) latest.set(`${receipt.fault} ${String(receipt.appliedNs)}`, receipt);
  }
  return [...latest.values()].sort((a, b) => a.appliedNs - b.appliedNs);
}

/** Undefined for what a killed run has written half of, and for an empty line. */
function parseLine(line: string): FaultReceipt | undefined {
  try {
    return JSON.parse(line) as FaultReceipt;
  } catch {
    return undefined;
  }
}
