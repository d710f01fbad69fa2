import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { randomExponential, seededRandom } from '../model/random.js';
import { msToNs, type Ns } from '../model/time.js';
import { nodeQuantile, quorumShare } from './order-statistics.js';
import { firstInstantNs, quorumShareOf } from './unequal-quorum.js';

const share = fc.double({ min: 0, max: 1, noNaN: true });

/** Round trips that are exponential above a least one. */
const exponential =
  (leastNs: Ns, meanNs: Ns) =>
  (timeNs: Ns): number =>
    timeNs <= leastNs ? 0 : 1 - Math.exp(-(timeNs - leastNs) / meanNs);

describe('quorumShareOf', () => {
  it('gives the availability of a majority of masters that are up 99 % or 90 % of the time', () => {
    expect(quorumShareOf([0.99], 1)).toBe(0.99);
    expect(quorumShareOf([0.99, 0.99, 0.99], 2)).toBeCloseTo(0.999702, 13);
    expect(quorumShareOf([0.99, 0.99, 0.99, 0.99, 0.99], 3)).toBeCloseTo(0.9999901494, 13);
    expect(quorumShareOf([0.9, 0.9, 0.9, 0.9, 0.9], 3)).toBeCloseTo(0.99144, 13);
  });

  it('tells what doing without one of five masters costs', () => {
    // Four of them, three needed: 4 · 0.99³ · 0.01 + 0.99⁴.
    expect(quorumShareOf([0.99, 0.99, 0.99, 0.99, 0], 3)).toBeCloseTo(0.99940797, 13);
  });

  it('agrees with every pattern of answers written out', () => {
    fc.assert(
      fc.property(fc.array(share, { minLength: 1, maxLength: 8 }), fc.nat(), (shares, any) => {
        const quorum = 1 + (any % shares.length);
        let total = 0;
        for (let pattern = 0; pattern < 2 ** shares.length; pattern++) {
          const answers = shares.map((_, node) => ((pattern >> node) & 1) === 1);
          if (answers.filter(Boolean).length < quorum) continue;
          total += shares.reduce((product, one, node) => product * (answers[node] === true ? one : 1 - one), 1);
        }
        expect(quorumShareOf(shares, quorum)).toBeCloseTo(total, 13);
      }),
    );
  });

  it('does not ask for the order of the nodes, and agrees with that of equal ones', () => {
    fc.assert(
      fc.property(fc.array(share, { minLength: 1, maxLength: 9 }), fc.nat(), (shares, any) => {
        const quorum = 1 + (any % shares.length);
        expect(quorumShareOf([...shares].reverse(), quorum)).toBeCloseTo(quorumShareOf(shares, quorum), 13);
        expect(
          quorumShareOf(
            shares.map(() => shares[0]!),
            quorum,
          ),
        ).toBe(quorumShare(shares[0]!, shares.length, quorum));
      }),
    );
  });

  it.each([
    [[0.5, 1.1], 1],
    [[0.5, NaN], 1],
    [[0.5, 0.5], 3],
    [[0.5, 0.5], 0],
    [[], 1],
  ])('refuses %j with a quorum of %d', (shares, quorum) => {
    expect(() => quorumShareOf(shares, quorum)).toThrow(RangeError);
  });
});

/** When a quorum of nodes has answered with this probability. */
function quorumTimeNs(
  nodes: readonly ((timeNs: Ns) => number)[],
  quorum: number,
  quantile: number,
  limitNs: Ns,
): Ns | undefined {
  const shareBy = (timeNs: Ns): number =>
    quorumShareOf(
      nodes.map((node) => node(timeNs)),
      quorum,
    );
  return firstInstantNs(shareBy, quantile, limitNs);
}

describe('the first instant at which a quorum has answered', () => {
  it('finds the instant that order statistics give for equal nodes', () => {
    const node = exponential(0, msToNs(1));
    const expected = -msToNs(1) * Math.log(1 - nodeQuantile(0.99, 5, 3));
    const found = quorumTimeNs([node, node, node, node, node], 3, 0.99, msToNs(100));
    expect(Math.abs(found! - expected)).toBeLessThanOrEqual(1);
  });

  it('foretells the p99 of drawn round trips of nodes near and far', () => {
    const nodes: (readonly [Ns, Ns])[] = [
      [msToNs(0.5), msToNs(0.1)],
      [msToNs(0.5), msToNs(0.5)],
      [msToNs(1), msToNs(2)],
      [msToNs(30), msToNs(3)],
      [msToNs(80), msToNs(8)],
    ];
    const foretold = quorumTimeNs(
      nodes.map(([least, mean]) => exponential(least, mean)),
      3,
      0.99,
      msToNs(200),
    )!;
    const random = seededRandom(2026);
    const draws = 40_000;
    let later = 0;
    for (let draw = 0; draw < draws; draw++) {
      const roundTrips = Float64Array.from(nodes, ([least, mean]) => least + randomExponential(random, mean)).sort();
      if (roundTrips[2]! > foretold) later++;
    }
    // Four standard deviations of a binomial share; the seed is fixed.
    expect(Math.abs(later / draws - 0.01)).toBeLessThan(4 * Math.sqrt((0.01 * 0.99) / draws));
  });

  it('finds the step of nodes that all answer at one instant', () => {
    const at =
      (instantNs: Ns) =>
      (timeNs: Ns): number =>
        timeNs >= instantNs ? 1 : 0;
    expect(quorumTimeNs([at(3), at(70), at(500)], 2, 0.99, 1_000)).toBe(70);
    expect(quorumTimeNs([at(0), at(0), at(500)], 2, 0.99, 1_000)).toBe(0);
    expect(quorumTimeNs([at(3), at(70), at(500)], 3, 0.99, 500)).toBe(500);
  });

  it('finds any step to the nanosecond', () => {
    fc.assert(
      fc.property(fc.nat(1_000_000), (instantNs) => {
        expect(quorumTimeNs([(timeNs) => (timeNs >= instantNs ? 1 : 0)], 1, 0.99, 1_000_000)).toBe(instantNs);
      }),
    );
  });

  it('knows none when too many have not answered by the limit', () => {
    const node = exponential(0, msToNs(1));
    const dead = (): number => 0;
    expect(quorumTimeNs([node, node, dead], 2, 0.99, msToNs(3))).toBeUndefined();
    expect(quorumTimeNs([node, dead, dead], 2, 0.99, msToNs(300))).toBeUndefined();
    expect(quorumTimeNs([node, node, dead], 2, 0.99, msToNs(6))).toBeDefined();
  });
});
