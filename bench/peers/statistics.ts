/**
 * The figures under the table: medians, quantiles, ratios of interleaved rounds, and fairness.
 *
 * @module
 */

/** The middle value, or the mean of the two middle ones; NaN of nothing. */
export function medianOf(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)] ?? NaN;
  const lower = sorted[Math.ceil(sorted.length / 2) - 1] ?? NaN;
  return (lower + upper) / 2;
}

/** The smallest recorded value that at least this share (0 to 1) of the values does not exceed; NaN of nothing. */
export function quantileOf(sorted: Float64Array, share: number): number {
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? NaN;
}

/** Jain's index of fairness: 1 when all got the same, 1/n when one got everything, NaN when nobody got anything. */
export function jainIndex(shares: readonly number[]): number {
  const sum = shares.reduce((total, share) => total + share, 0);
  const squares = shares.reduce((total, share) => total + share * share, 0);
  return (sum * sum) / (shares.length * squares);
}

/** Whether more or less of it is better. */
export type Better = 'higher' | 'lower';

/** What one contender measured in each round; undefined where its round failed. */
export type Rounds = readonly (number | undefined)[];

/** Ours against whichever peer was best in the same round. */
export interface Comparison {
  readonly oursMedian: number;
  /** The peer whose median is best. */
  readonly bestPeer: string;
  readonly bestPeerMedian: number;
  /**
   * The median over the rounds of ours divided by the best peer of that round, so that a noisy machine slows down both
   * sides of a ratio. The best of several noisy peers flatters them a little; the error is on their side.
   */
  readonly ratio: number;
}

/** @returns undefined when ours or every peer failed in every round */
export function compareRounds(
  ours: Rounds,
  peers: ReadonlyMap<string, Rounds>,
  better: Better,
): Comparison | undefined {
  const best = (values: readonly number[]): number => (better === 'higher' ? Math.max(...values) : Math.min(...values));
  const ratios = ours.flatMap((value, round) => {
    const rivals = keepMeasured([...peers.values()].map((rounds) => rounds[round]));
    return value === undefined || rivals.length === 0 ? [] : [value / best(rivals)];
  });
  const medians = [...peers].flatMap(([name, rounds]) => {
    const measured = keepMeasured(rounds);
    return measured.length === 0 ? [] : [{ name, median: medianOf(measured) }];
  });
  const winner = medians.find(({ median }) => median === best(medians.map((peer) => peer.median)));
  if (winner === undefined || ratios.length === 0) return undefined;
  return {
    oursMedian: medianOf(keepMeasured(ours)),
    bestPeer: winner.name,
    bestPeerMedian: winner.median,
    ratio: medianOf(ratios),
  };
}

export function keepMeasured(values: Rounds): number[] {
  return values.filter((value): value is number => value !== undefined && !Number.isNaN(value));
}
