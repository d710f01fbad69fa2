/**
 * Whether figures of two machines may be held against each other.
 *
 * @module
 */
import type { Environment } from '../model/result.js';

/** Says how a machine differs from this one; undefined when it is of the same kind. */
export function describeOtherMachine(then: Environment, now: Environment): string | undefined {
  const differing = [
    ...(then.cpuModel === now.cpuModel ? [] : [`${then.cpuModel}, not ${now.cpuModel}`]),
    ...(then.cores === now.cores ? [] : [`${String(then.cores)} cores, not ${String(now.cores)}`]),
    ...(majorOf(then.node) === majorOf(now.node) ? [] : [`Node ${then.node}, not ${now.node}`]),
  ];
  return differing.length === 0 ? undefined : differing.join('; ');
}

function majorOf(version: string): string {
  return version.replace(/^v/, '').split('.')[0] ?? version;
}
