/**
 * Whether other processes of the machine took the CPU that a run needed.
 *
 * @module
 */
import { isLocalUrl } from '../model/endpoint.js';
import type { Health, RunResult } from '../model/result.js';
import { msToS } from '../model/time.js';

/** CPU on average over the time in which it was read, in cores. */
export interface CpuInUse {
  /** By processes that are not of the run; null where it cannot be read. */
  readonly otherCores: number | null;
  /** By the run: its generator, and its masters as far as they are on the same machine. */
  readonly usedCores: number;
  /** That the machine has. */
  readonly cores: number;
}

/**
 * Others that use more than this share of the cores: on the smallest machines, half a core, so that generator and masters
 * wait for one now and then. What a quiet machine does beside a run is less than a tenth of that.
 */
export const CROWDED_SHARE = 0.25;
/** One busy process of somebody else, with a little less to allow for how CPU is counted… */
export const CROWDED_CORES = 0.8;
/** … which is in the way where all together use this share of the cores; elsewhere there is room for it. */
export const FULL_SHARE = 0.9;

/** Whether others were in the way of a run; false where nobody could tell. */
export function isCrowded({ otherCores, usedCores, cores }: CpuInUse): boolean {
  if (otherCores === null) return false;
  if (otherCores > CROWDED_SHARE * cores) return true;
  return otherCores >= CROWDED_CORES && otherCores + usedCores >= FULL_SHARE * cores;
}

/**
 * The cores that others used during a run; null where it cannot be read.
 *
 * @param measuredMs of the run, for a result of a build that did not write down over which span its CPU was read
 */
export function otherCoresOf(health: Health, measuredMs = 0): number | null {
  // Another build's result may not have the figure at all.
  const { otherCpuSeconds } = health as Partial<Health>;
  const spanSeconds = cpuSpanOf(health, measuredMs);
  return typeof otherCpuSeconds !== 'number' || spanSeconds === 0 ? null : otherCpuSeconds / spanSeconds;
}

/** The cores of this machine that a run used itself: its generator's, and those of its masters that are local. */
export function usedCoresOf({
  health,
  masters,
  measuredMs,
}: Pick<RunResult, 'health' | 'masters' | 'measuredMs'>): number {
  const spanSeconds = cpuSpanOf(health, measuredMs);
  if (spanSeconds === 0) return 0;
  const local = masters.filter(({ spawned, endpoint }) => spawned || isLocalUrl(endpoint));
  const cpuSeconds = local.reduce((sum, master) => sum + master.cpuSeconds, health.generatorCpuSeconds);
  return cpuSeconds / spanSeconds;
}

/** Seconds over which the CPU was read. */
export function cpuSpanOf(health: Health, measuredMs: number): number {
  return (health as Partial<Health>).cpuSpanSeconds ?? msToS(Math.max(0, measuredMs));
}
