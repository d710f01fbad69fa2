/**
 * What a named scenario is.
 *
 * @module
 */
import type { ScenarioInput } from '../../src/model/scenario.js';

/** One run, or several that belong together and are reported side by side. Flags are laid over each of them. */
export interface NamedScenario {
  readonly name: string;
  /** One line for `--help`. */
  readonly description: string;
  readonly runs: readonly (ScenarioInput & { readonly name: string })[];
}
