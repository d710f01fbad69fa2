import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { randomExponential, seededRandom } from '../model/random.js';
import { nodeQuantile, quorumShare } from './order-statistics.js';

const nodesAndQuorum = fc
  .integer({ min: 1, max: 9 })
  .chain((n) => fc.tuple(fc.constant(n), fc.integer({ min: 1, max: n })));

describe('quorumShare', () => {
  it('gives the availability of a majority of masters that are up 99 % or 90 % of the time', () => {
    expect(quorumShare(0.99, 1, 1)).toBe(0.99);
    expect(quorumShare(0.99, 3, 2)).toBeCloseTo(0.999702, 13);
    expect(quorumShare(0.99, 5, 3)).toBeCloseTo(0.9999901494, 13);
    expect(quorumShare(0.9, 3, 2)).toBeCloseTo(0.972, 13);
    expect(quorumShare(0.9, 5, 3)).toBeCloseTo(0.99144, 13);
  });

  it('gives the product for all nodes, and the complement of none for the first', () => {
    expect(quorumShare(0.3, 4, 4)).toBeCloseTo(0.3 ** 4, 15);
    expect(quorumShare(0.3, 4, 1)).toBeCloseTo(1 - 0.7 ** 4, 15);
  });

  it('keeps its digits where almost nothing has come', () => {
    // SciPy 1.17.1: `binom.sf(4, 9, 0.001)`.
    expect(quorumShare(0.001, 9, 5) / 1.2558053968507005e-13).toBeCloseTo(1, 12);
  });

  it('stands many nodes', () => {
    expect(quorumShare(0.5, 2_001, 1_001)).toBeCloseTo(0.5, 12);
  });

  it('is 0 before any answer and 1 after all', () => {
    expect(quorumShare(0, 5, 3)).toBe(0);
    expect(quorumShare(1, 5, 3)).toBe(1);
  });

  it('agrees with every pattern of answers written out', () => {
    fc.assert(
      fc.property(nodesAndQuorum, fc.double({ min: 0, max: 1, noNaN: true }), ([n, quorum], share) => {
        expect(quorumShare(share, n, quorum)).toBeCloseTo(quorumShareByEnumeration(share, n, quorum), 13);
      }),
    );
  });

  it.each([
    [-0.1, 3, 2],
    [1.1, 3, 2],
    [NaN, 3, 2],
    [0.5, 3, 0],
    [0.5, 3, 4],
    [0.5, 3, 1.5],
    [0.5, 2.5, 1],
    [0.5, NaN, 1],
    [0.5, 0, 0],
  ])('refuses a share of %d with %d nodes and a quorum of %d', (share, n, quorum) => {
    expect(() => quorumShare(share, n, quorum)).toThrow(RangeError);
    expect(() => nodeQuantile(share, n, quorum)).toThrow(RangeError);
  });
});

describe('nodeQuantile', () => {
  // SciPy 1.17.1: `beta.ppf(quantile, quorum, n - quorum + 1)`, the closed form of the same inverse.
  it.each([
    [0.99, 3, 2, 0.9410968642218047],
    [0.99, 5, 3, 0.8943601564492256],
    [0.999, 3, 2, 0.9816297461411884],
    [0.999, 5, 3, 0.9524481018245423],
    [0.99, 3, 3, 0.9966554934125964],
    [0.99, 5, 5, 0.9979919516614258],
    [0.9999, 7, 4, 0.9578159439952982],
    [0.9999, 9, 1, 0.6406186336195416],
    [0.9999, 9, 9, 0.9999888883950306],
    [0.5, 9, 9, 0.9258747122872905],
    [0.01, 9, 5, 0.17096510548245908],
    [0.000001, 9, 2, 0.0001667315202174561],
  ])('finds the node quantile of the %d quantile of %d nodes and a quorum of %d', (quantile, n, quorum, expected) => {
    expect(Math.abs(nodeQuantile(quantile, n, quorum) - expected)).toBeLessThan(1e-12);
  });

  it('leaves the median of a majority of an odd number where it is, and a single node alone', () => {
    expect(nodeQuantile(0.5, 3, 2)).toBeCloseTo(0.5, 13);
    expect(nodeQuantile(0.5, 5, 3)).toBeCloseTo(0.5, 13);
    expect(nodeQuantile(0.97, 1, 1)).toBeCloseTo(0.97, 15);
  });

  it('maps both ends to themselves', () => {
    expect(nodeQuantile(0, 5, 3)).toBe(0);
    expect(nodeQuantile(1, 5, 3)).toBe(1);
  });

  it('is the inverse of quorumShare', () => {
    fc.assert(
      fc.property(nodesAndQuorum, fc.double({ min: 1e-6, max: 1 - 1e-6, noNaN: true }), ([n, quorum], quantile) => {
        expect(quorumShare(nodeQuantile(quantile, n, quorum), n, quorum)).toBeCloseTo(quantile, 12);
      }),
    );
  });

  it.each([
    [3, 2],
    [5, 3],
    [5, 5],
  ])('foretells the p99 of drawn round trips of %d nodes with a quorum of %d', (n, quorum) => {
    const random = seededRandom(2003);
    const draws = 40_000;
    const meanMs = 1;
    // The quantile of an exponential round trip at the share of one node.
    const foretoldMs = -meanMs * Math.log(1 - nodeQuantile(0.99, n, quorum));
    let later = 0;
    for (let draw = 0; draw < draws; draw++) {
      const roundTripsMs = Float64Array.from({ length: n }, () => randomExponential(random, meanMs)).sort();
      if (roundTripsMs[quorum - 1]! > foretoldMs) later++;
    }
    // Four standard deviations of a binomial share; the seed is fixed.
    expect(Math.abs(later / draws - 0.01)).toBeLessThan(4 * Math.sqrt((0.01 * 0.99) / draws));
  });
});

/** The definition, word for word: the probability of every pattern in which enough nodes have answered. */
function quorumShareByEnumeration(share: number, n: number, quorum: number): number {
  let total = 0;
  for (let pattern = 0; pattern < 2 ** n; pattern++) {
    const answers = Array.from({ length: n }, (_, node) => (pattern >> node) & 1);
    const come = answers.filter((answer) => answer === 1).length;
    if (come >= quorum) total += share ** come * (1 - share) ** (n - come);
  }
  return total;
}
