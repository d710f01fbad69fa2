/**
 * `chaos --simulate`: searched, shown, and judged.
 *
 * @module
 */
import { availableParallelism } from 'node:os';
import { EXIT_CODES } from '../check/exit-code.js';
import type { SimulationSummary } from '../model/simulation.js';
import { toJson } from '../report/json-text.js';
import { renderSimulation } from '../report/simulation-text.js';
import { runSimulation } from '../simulation/simulation.js';
import type { SimulationRequest } from './chaos-request.js';
import { interruptible } from './interrupt.js';
import { cutToWidth } from './text-width.js';

export interface SimulationOutput {
  readonly isJson: boolean;
  readonly isQuiet: boolean;
}

/**
 * Searches schedules and prints what was found. Exit code 3 when the promise was broken under all assumptions; 4 when an
 * assumption could be dropped and nothing was found, so that the search itself is in doubt.
 */
export async function simulate(request: SimulationRequest, { isJson, isQuiet }: SimulationOutput): Promise<number> {
  let exitCode: number = EXIT_CODES.ok;
  await interruptible(async (signal, screen) => {
    let searched = 'searching schedules';
    if (!isQuiet) screen.show(({ columns }) => [cutToWidth(searched, columns - 1)]);
    const summary = await runSimulation({
      ...request,
      threads: availableParallelism(),
      signal,
      onProgress: (done, of) => {
        searched = `${String(done)} of at most ${String(of)} schedules`;
      },
    });
    screen.clear();
    process.stdout.write(isJson ? toJson(summary) : `${renderSimulation(summary)}\n`);
    exitCode = exitCodeOf(summary);
  });
  return exitCode;
}

function exitCodeOf({ searches, status }: SimulationSummary): number {
  const isBroken = searches.some(({ without, violation }) => without.length === 0 && violation !== null);
  if (isBroken) return EXIT_CODES.violation;
  if (status === 'interrupted') return EXIT_CODES.interrupted;
  const isBlind = searches.some(({ without, violation }) => without.length === 1 && violation === null);
  return isBlind ? EXIT_CODES.safetyUnknown : EXIT_CODES.ok;
}
