/**
 * The presets that `compare --preset NAME` knows.
 *
 * @module
 */
import type { ComparePreset } from '../../bench/scenarios/compare-preset.js';
import { pythonRedisLock } from '../../bench/scenarios/python-redis-lock.js';
import { threeZones } from '../../bench/scenarios/three-zones.js';
import { UsageError } from '../model/errors.js';

export const PRESETS: readonly ComparePreset[] = [threeZones, pythonRedisLock];

/**
 * Finds a preset by its name; none when nobody asked for one.
 *
 * @throws UsageError when there is no such preset
 */
export function findPreset(name: string | undefined): ComparePreset | undefined {
  if (name === undefined) return undefined;
  const found = PRESETS.find((preset) => preset.name === name);
  if (found !== undefined) return found;
  const names = PRESETS.map((preset) => preset.name).join(' or ');
  throw new UsageError([`--preset: expected ${names}, got "${name}"`]);
}
