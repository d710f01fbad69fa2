import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Operation } from '../model/operation.js';
import { hold } from './history.fixture.js';
import { judgeOperations } from './judge-operations.js';

describe('judgeOperations', () => {
  it('accuses both of two whose promises overlap, and neither of two that touch', () => {
    const { findings, overlapOf } = judgeOperations([
      hold(0, 10),
      hold(10, 20),
      hold(19, 30),
      hold(0, 99, { keyIndex: 1 }),
    ]);
    expect(overlapOf).toEqual(['none', 'contract', 'contract', 'none']);
    expect(findings).toMatchObject({ operations: 4, holds: 4, contractCount: 1, overruns: 0, unchecked: 0 });
    expect(findings.contract).toMatchObject([{ atNs: 19, keyIndex: 0 }]);
  });

  it('calls it an overrun where one had outlived its promise', () => {
    const { findings, overlapOf } = judgeOperations([hold(0, 30, { validUntilNs: 10 }), hold(20, 25)]);
    expect(overlapOf).toEqual(['overrun', 'overrun']);
    expect(findings).toMatchObject({ contractCount: 0, overruns: 1 });
  });

  it('counts a lock that was granted after its promise, and compares nobody with a failure', () => {
    const late = hold(20, 20, { validUntilNs: 15 });
    const { findings, overlapOf } = judgeOperations([late, { ...hold(0, 40), status: 'held' }]);
    expect(overlapOf).toEqual(['none', 'none']);
    expect(findings).toMatchObject({ operations: 2, holds: 1, grantedExpired: 1 });
  });

  it('takes the ttl from the invocation for the promise of a lock that states none', () => {
    const unstated = (returnedNs: number, end: number): Operation => hold(returnedNs, end, { validUntilNs: undefined });
    const operations = [unstated(0, 3_000_000), unstated(500_000, 600_000), unstated(2_000_000, 2_500_000)];
    expect(judgeOperations(operations, 1).overlapOf).toEqual(['contract', 'contract', 'overrun']);
    expect(judgeOperations(operations).overlapOf).toEqual(['overrun', 'overrun', 'overrun']);
    expect(judgeOperations(operations).findings.grantedExpired).toBe(0);
  });

  it('finds an overlap for some operation exactly where the checker counts one', () => {
    const anyOperation = fc
      .record({ keyIndex: fc.nat(1), startNs: fc.nat(60), lengthNs: fc.nat(12), promisedNs: fc.nat(12) })
      .map(({ keyIndex, startNs, lengthNs, promisedNs }) =>
        hold(startNs, startNs + lengthNs, { keyIndex, validUntilNs: startNs + promisedNs }),
      );
    fc.assert(
      fc.property(fc.array(anyOperation, { maxLength: 12 }), (operations) => {
        const { findings, overlapOf } = judgeOperations(operations);
        expect(overlapOf.includes('contract')).toBe(findings.contractCount > 0);
        if (findings.contractCount === 0 && findings.overruns === 0)
          expect(new Set(overlapOf).has('overrun')).toBe(false);
      }),
      { numRuns: 500 },
    );
  });
});
