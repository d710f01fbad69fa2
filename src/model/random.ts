/**
 * Chance: seeded streams, so that a run can be repeated from its printed seed.
 *
 * @module
 */

/** A source of uniform numbers, injected so that tests and seeds own it. */
export interface Random {
  /** The next number in [0, 1), with 32 bits of precision. */
  next(): number;
}

/**
 * A seeded stream (sfc32 by Chris Doty-Humphrey, PractRand's small fast counter generator).
 *
 * @param seed any 32-bit number; `stream` splits one seed into independent streams, one for each shard and purpose
 */
export function seededRandom(seed: number, stream = 0): Random {
  let a = mix(seed);
  let b = mix(seed ^ mix(stream + 1));
  let c = mix(stream);
  let counter = 1;
  const next = (): number => {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return (sum >>> 0) / 4_294_967_296;
  };
  // The first outputs still resemble the seed; sfc32's author discards twelve.
  for (let round = 0; round < 12; round++) next();
  return { next };
}

/** A whole number in [0, bound). */
export function randomInteger(random: Random, bound: number): number {
  return Math.floor(random.next() * bound);
}

/** An exponentially distributed number with the given mean, by inversion. */
export function randomExponential(random: Random, mean: number): number {
  // 1 − u lies in (0, 1], so the logarithm is finite.
  return -mean * Math.log(1 - random.next());
}

/** A standard normal number (G. E. P. Box and M. E. Muller, "A note on the generation of random normal deviates", 1958). */
export function randomNormal(random: Random): number {
  const radius = Math.sqrt(randomExponential(random, 2));
  return radius * Math.cos(2 * Math.PI * random.next());
}

/** A fresh seed for a run whose user named none. */
export function freshSeed(): number {
  return Math.floor(Math.random() * 4_294_967_296);
}

/** The finaliser of MurmurHash3: every bit of the input reaches every bit of the output. */
function mix(value: number): number {
  let h = value | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}
