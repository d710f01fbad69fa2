/**
 * What a thread of contenders is given and answers.
 *
 * @module
 */
import type { Ns } from '../../src/model/time.js';
import type { ContendedTask, ContenderTally } from './client-task.js';

/** Cells of the witness: how many hold the lock now, and how often somebody came while another held it. */
export const HOLDERS = 0;
export const OVERLAPS = 1;
export const WITNESS_CELLS = 2;

export interface ThreadTask {
  readonly task: ContendedTask;
  readonly key: string;
  /** Shared by all threads. */
  readonly witness: Int32Array;
}

export interface ThreadReport {
  readonly tallies: readonly ContenderTally[];
  readonly wallNs: Ns;
}
