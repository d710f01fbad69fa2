/**
 * The runs of a comparison that this build makes.
 *
 * @module
 */
import path from 'node:path';
import { UnsupportedError, UsageError } from '../model/errors.js';
import type { RunArm } from '../plan/compare.js';
import { runOne } from './one-run.js';
import type { Output } from './output.js';
import { labelOf, wholeOf } from './rounds.js';
import type { Screen } from './screen.js';

/** Where the runs of a comparison are written and shown. */
interface RoundsOutput extends Output {
  readonly screen: Screen;
  readonly rounds: number;
}

/** Makes the runs of a comparison, each into its folder. One that its lock cannot do throws an UnsupportedError. */
export function runBySettings({ directory, isQuiet, screen, rounds }: RoundsOutput, signal: AbortSignal): RunArm {
  return async (scenario, place) => {
    const shown = { label: labelOf(place), whole: wholeOf(place, rounds), screen, isQuiet };
    const one = { scenario, directory: path.join(directory, place.directory), ...shown, isDrawn: false };
    return (await runOne(one, signal))?.result;
  };
}

/** The same where no arm may be left out, because nothing would be left to hold the other against. */
export function runEveryArm(output: RoundsOutput, signal: AbortSignal): RunArm {
  const run = runBySettings(output, signal);
  return async (scenario, place) => {
    try {
      return await run(scenario, place);
    } catch (thrown) {
      throw thrown instanceof UnsupportedError ? new UsageError(thrown.problems) : thrown;
    }
  };
}
