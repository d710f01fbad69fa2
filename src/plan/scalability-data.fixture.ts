/**
 * Published measurements that the scalability law was fitted to.
 *
 * @module
 */
import type { LoadRate } from './scalability-curve.js';

/** Scripts an hour of a Sun SPARCcenter 2000 under the SPEC SDM91 benchmark: N. J. Gunther, "Guerrilla Capacity Planning", 2007. */
export const SPECSDM91 = paired(
  [1, 18, 36, 72, 108, 144, 216],
  [64.9, 995.9, 1_652.4, 1_853.2, 1_828.9, 1_775, 1_702.2],
);

/** A ray tracer on an SGI Origin 2000, by processors: N. J. Gunther, "Guerrilla Capacity Planning", 2007. */
export const RAYTRACER = paired(
  [1, 4, 8, 12, 16, 20, 24, 28, 32, 48, 64],
  [20, 78, 130, 170, 190, 200, 210, 230, 260, 280, 310],
);

/** Queries a second of a Cisco server, by threads: B. Schwartz, "Practical Scalability Analysis", 2015. */
export const CISCO = paired(
  Array.from({ length: 32 }, (_, index) => index + 1),
  [
    955.16, 1878.91, 2688.01, 3548.68, 4315.54, 5130.43, 5931.37, 6531.08, 7219.8, 7867.61, 8278.71, 8646.7, 9047.84,
    9426.55, 9645.37, 9897.24, 10097.6, 10240.5, 10532.39, 10798.52, 11151.43, 11518.63, 11806, 12089.37, 12075.41,
    12177.29, 12211.41, 12158.93, 12155.27, 12118.04, 12140.4, 12074.39,
  ],
);

function paired(clients: readonly number[], rates: readonly number[]): LoadRate[] {
  return clients.map((count, index) => ({ clients: count, ratePerSecond: rates[index] ?? NaN }));
}
