/**
 * How small a difference a paired comparison can find.
 *
 * @module
 */
import { randomNormal, seededRandom } from '../model/random.js';
import { requireFinite, sum } from './ranks.js';
import { hodgesLehmann } from './signed-rank.js';

const SIGNIFICANCE = 0.05;
const POWER = 0.8;

/** Samples that are drawn for each answer: the 80th percentile of so many is within 3 % of the true one. */
const DRAWS = 2_000;
/** With more rounds than these, √n says the rest. */
const MOST_ROUNDS = 20;

/**
 * The smallest difference that the signed rank test of as many rounds finds in 80 % of cases, at 5 % two-sided, as a share.
 *
 *   e^(s · q) − 1
 *
 * Legend: s is the standard deviation of the differences, so of runs of the same thing; q is the 80th percentile of how
 * far a sample of standard normal values has to be moved until the test rejects. That is the lower end of the interval
 * of Hodges and Lehmann with its sign turned, because interval and test agree, so no power has to be searched for.
 * Simulated with draws that are always the same; beyond 20 rounds q falls with √n. Tails heavier than normal raise s
 * more than they hinder the test, so the answer is cautious there. It is about the test alone: a correction for several
 * metrics (`tests`) and a smallest difference that counts make what is called a regression larger.
 *
 * @param differences logarithms of ratios, one a round, of the same thing against itself
 * @param rounds of the comparison that is planned
 * @param tests that share the 5 %, as in the first step of Holm's correction
 * @returns null with fewer than two differences, or so few rounds that no result could be called a difference
 * @throws RangeError for a difference that is not finite
 */
export function smallestDetectable(differences: readonly number[], rounds: number, tests = 1): number | null {
  requireFinite(differences);
  if (differences.length < 2) return null;
  const needed = neededShift(rounds, SIGNIFICANCE / tests);
  return needed === null ? null : Math.expm1(deviationOf(differences) * needed);
}

/** In standard deviations. */
function neededShift(rounds: number, significance: number): number | null {
  const simulated = Math.min(rounds, MOST_ROUNDS);
  const random = seededRandom(simulated);
  const shifts = Float64Array.from({ length: DRAWS }, () => {
    const sample = Array.from({ length: simulated }, () => randomNormal(random));
    return -hodgesLehmann(sample, 1 - significance).low;
  }).sort();
  const shift = shifts[Math.ceil(POWER * DRAWS) - 1] ?? Infinity;
  return shift === Infinity ? null : shift * Math.sqrt(simulated / rounds);
}

function deviationOf(values: readonly number[]): number {
  const mean = sum(values) / values.length;
  return Math.sqrt(sum(values.map((value) => (value - mean) ** 2)) / (values.length - 1));
}
