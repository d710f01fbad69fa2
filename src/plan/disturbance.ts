/**
 * Whether the machine was quiet enough while a run was made.
 *
 * @module
 */
import { isCrowded } from '../check/other-processes.js';
import type { ArmRun } from '../model/comparison.js';

/** Whether other processes were in the way of a run; false where nobody could tell. */
export function isDisturbed(run: Pick<ArmRun, 'otherCores' | 'usedCores'>, cores: number): boolean {
  // A run that was stored by an earlier build does not say what it used.
  const { usedCores = 0 } = run as Partial<ArmRun>;
  return isCrowded({ otherCores: run.otherCores, usedCores, cores });
}
