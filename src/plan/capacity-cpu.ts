/**
 * CPU of a run by who used it, in cores.
 *
 * @module
 */
import { cpuSpanOf, isCrowded, otherCoresOf, usedCoresOf } from '../check/other-processes.js';
import type { RunResult } from '../model/result.js';

/** Each master's, of which a single-threaded server can use one; null where it could not be asked. */
export function masterCoresOf(result: RunResult): (number | null)[] {
  return result.masters.map(({ cpuSeconds }) => (cpuSeconds === 0 ? null : coresOf(result, cpuSeconds)));
}

/** CPU seconds of a run over the seconds in which they were read. */
export function coresOf({ health, measuredMs }: RunResult, cpuSeconds: number): number {
  const spanSeconds = cpuSpanOf(health, measuredMs);
  return spanSeconds === 0 ? 0 : cpuSeconds / spanSeconds;
}

/** What processes that are not of the run did, in one sentence, where it was in the way of the run; undefined otherwise. */
export function describeCrowd(result: RunResult): string | undefined {
  const { health, measuredMs, environment } = result;
  const otherCores = otherCoresOf(health, measuredMs);
  const { cores } = environment;
  if (otherCores === null || !isCrowded({ otherCores, usedCores: usedCoresOf(result), cores })) return undefined;
  return `other processes used ${otherCores.toFixed(1)} of ${String(cores)} cores`;
}
