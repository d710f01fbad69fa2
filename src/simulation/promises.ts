/**
 * P2: no two promises of one key overlap. Pure.
 *
 * @module
 */
import type { Ns } from '../model/time.js';

/** What one client was promised, in true time: from when it was told until it released, or the validity ended. */
export interface LockPromise {
  readonly client: number;
  readonly fromNs: Ns;
  readonly untilNs: Ns;
}

/** Two promises that overlap, the earlier one first. */
export interface PromiseOverlap {
  readonly first: LockPromise;
  readonly second: LockPromise;
}

/** Finds the overlap that begins first. Promises that only touch do not overlap; one that ended before it was told is none. */
export function findOverlap(promises: readonly LockPromise[]): PromiseOverlap | undefined {
  const inOrder = promises
    .filter(({ fromNs, untilNs }) => fromNs < untilNs)
    .sort((one, other) => one.fromNs - other.fromNs);
  let longest: LockPromise | undefined;
  for (const promise of inOrder) {
    if (longest !== undefined && promise.fromNs < longest.untilNs) return { first: longest, second: promise };
    if (longest === undefined || promise.untilNs > longest.untilNs) longest = promise;
  }
  return undefined;
}
