/**
 * Holm's correction: several tests of one comparison, and still at most alpha false alarms among all of them.
 *
 * @module
 */

/**
 * Adjusts the p-values of one family of tests, in the order given; a test rejects where its adjusted value is below alpha.
 *
 *   adjusted p₍ᵢ₎ = max over j ≤ i of min(1, (m − j + 1) · p₍ⱼ₎)
 *
 * Legend: p₍₁₎ ≤ … ≤ p₍ₘ₎ are the sorted p-values. The chance of any false rejection stays below alpha however the
 * tests depend on one another. Equal p-values get equal answers. NaN says "not tested": it stays NaN and does not count
 * into m. No p-values give none. A RangeError where a value is no probability.
 *
 * Source: S. Holm, "A simple sequentially rejective multiple test procedure", Scandinavian Journal of Statistics 6(2),
 * 1979.
 */
export function holm(pValues: readonly number[]): number[] {
  const adjusted = pValues.map(() => NaN);
  const tested = [...pValues.entries()].filter(([, p]) => !Number.isNaN(p)).sort(([, one], [, other]) => one - other);
  let largest = 0;
  for (const [place, [index, p]] of tested.entries()) {
    if (!(p >= 0 && p <= 1)) throw new RangeError(`expected p-values between 0 and 1, got ${String(p)}`);
    largest = Math.max(largest, Math.min(1, (tested.length - place) * p));
    adjusted[index] = largest;
  }
  return adjusted;
}
