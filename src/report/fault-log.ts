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

/** Undefined for what a killed run has written half of, for an empty line, and for what is no receipt. */
function parseLine(line: string): FaultReceipt | undefined {
  let parsed: unknown;
  try {
    parsed = JSON.parse(line);
  } catch {
    return undefined;
  }
  return isReceipt(parsed) ? parsed : undefined;
}

function isReceipt(value: unknown): value is FaultReceipt {
  if (typeof value !== 'object' || value === null) return false;
  const { fault, kind, target, appliedNs, effectNs, healedNs, proof, status } = value as Partial<FaultReceipt>;
  return (
    [fault, kind, target, proof].every((word) => typeof word === 'string') &&
    typeof appliedNs === 'number' &&
    [effectNs, healedNs].every((instant) => instant === null || typeof instant === 'number') &&
    (status === 'effective' || status === 'unproven' || status === 'not-run')
  );
}
