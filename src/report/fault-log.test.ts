import { describe, expect, it } from 'vitest';
import type { FaultReceipt } from '../model/fault.js';
import { faultLine, readFaultLog } from './fault-log.js';

const kill: FaultReceipt = {
  fault: 'kill master=1 at=2s for=1s',
  kind: 'kill',
  target: 'master 1',
  appliedNs: 2e9,
  effectNs: 2.1e9,
  healedNs: null,
  proof: 'it is gone',
  status: 'effective',
};
const healed = { ...kill, healedNs: 3e9 };
const flush = { ...kill, fault: 'flush master=2 at=1s', kind: 'flush', target: 'master 2', appliedNs: 1e9 };

describe('the log of faults', () => {
  it('gives the last receipt of each fault, in the order of their beginning', () => {
    expect(readFaultLog([kill, flush, healed].map(faultLine).join(''))).toEqual([flush, healed]);
  });

  it('leaves out the half of a line that a killed run has written', () => {
    expect(readFaultLog(faultLine(kill) + faultLine(healed).slice(0, -9))).toEqual([kill]);
    expect(readFaultLog('')).toEqual([]);
  });

  it.each([
    'null',
    '7',
    '{}',
    JSON.stringify({ ...flush, status: 'fine' }),
    JSON.stringify({ ...flush, appliedNs: '1' }),
  ])('leaves out a line that is no receipt: %s', (line) => {
    expect(readFaultLog(`${line}\n${faultLine(kill)}`)).toEqual([kill]);
  });
});
