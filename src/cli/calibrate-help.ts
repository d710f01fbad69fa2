/**
 * What `calibrate --help` says.
 *
 * @module
 */
import type { Argv, Options } from 'yargs';
import { CALIBRATION_STORE } from './calibration-store.js';
import { DEFAULT_ROUNDS } from './compare-request.js';
import { COMPARED_EXIT_CODES, epilogueOf, examplesText, exitCodesText } from './help-text.js';
import { textFlag, withRunFlags } from './run-flags.js';

export function calibrateHelp(cli: Argv): Argv<unknown> {
  return withRunFlags(cli, CALIBRATE_OPTIONS, { isBrief: true })
    .usage(
      '$0 calibrate [scenario] [options]\n\nRuns the same thing twice a round, and says how much this machine differs from ' +
        'itself and which changes it can find. gate uses it.',
    )
    .epilogue(
      epilogueOf(
        examplesText([
          ['calibrate contended', 'then: redlock-bench gate contended --base ../main'],
          ['calibrate contended --rounds 20 --duration 20s', 'finds smaller changes, and takes longer'],
        ]),
        exitCodesText(COMPARED_EXIT_CODES),
      ),
    );
}

const CALIBRATE_OPTIONS: Readonly<Record<string, Options>> = {
  rounds: textFlag('rounds of A and A again', { defaultDescription: String(DEFAULT_ROUNDS), group: 'Calibration:' }),
  store: textFlag('file where gate finds it; replaced', {
    defaultDescription: CALIBRATION_STORE,
    group: 'Calibration:',
  }),
};
