/**
 * Whether part of a history may be missing without anything being wrong with it.
 *
 * @module
 */
import type { RunResult } from '../model/result.js';

/** How a run tells of a worker that died, or that it killed as its scenario asked; of one that it spared it tells otherwise. */
const LOST_WORKER = /^worker \d+( of \d+)? (died: |was killed while )/;

/**
 * Tells whether a worker died or was killed, so that its segment may end before its last second. The incidents decide: they
 * are in the result, so that the run and whoever checks it later come to one answer, and a death that was only planned
 * excuses nothing.
 */
export function isCutShort({ incidents }: Pick<RunResult, 'incidents'>): boolean {
  return incidents.some((incident) => LOST_WORKER.test(incident));
}
