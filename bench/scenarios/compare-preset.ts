/**
 * What a preset of `compare` is.
 *
 * @module
 */
import type { ScenarioInput } from '../../src/model/scenario.js';

/** A comparison that others have made, or should have: scenarios, locks and rounds that belong together. */
export interface ComparePreset {
  readonly name: string;
  /** One line for `--help`. */
  readonly description: string;
  readonly base: ScenarioInput;
  readonly factors: readonly PresetFactor[];
  readonly rounds: number;
}

/** What is varied. Of a condition every level is run, but none is held against another. */
interface PresetFactor {
  readonly name: string;
  readonly levels: readonly { readonly label: string; readonly input: ScenarioInput }[];
  readonly isCondition: boolean;
}

/** The factor of locks, by their names. */
export function lockFactor(...locks: readonly string[]): PresetFactor {
  return { name: 'lock', levels: locks.map((lock) => ({ label: lock, input: { lock } })), isCondition: false };
}
