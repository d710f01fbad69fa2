/**
 * What `compare --help` says.
 *
 * @module
 */
import type { Argv, Options } from 'yargs';
import { DEFAULT_ROUNDS } from './compare-request.js';
import { COMPARED_EXIT_CODES, epilogueOf, examplesText, exitCodesText, listText } from './help-text.js';
import { PRESETS } from './presets.js';
import { MIN_EFFECT_TEXT, textFlag, withRunFlags } from './run-flags.js';

export function compareHelp(cli: Argv): Argv<unknown> {
  return withRunFlags(cli, COMPARE_OPTIONS, { scenario: 'a named scenario that all arms run; flags are laid over it' })
    .usage(
      '$0 compare [scenario] [options]\n\nRuns every arm once a round, in an order drawn for each round, and says which ' +
        'differences can be believed.',
    )
    .epilogue(
      epilogueOf(
        examplesText([
          ['compare --masters 1,3,5', 'what three and five masters cost'],
          ['compare contended --lock redlock,npm:redlock@4', 'two locks on one hot key'],
          ['compare --set transport=ioredis,wire --set "rtt=1ms|5ms"', 'every combination of two settings'],
        ]),
        listText('Presets', PRESETS),
        exitCodesText(COMPARED_EXIT_CODES),
      ),
    );
}

const GROUP = 'What is compared:';

const COMPARE_OPTIONS: Readonly<Record<string, Options>> = {
  lock: textFlag('locks, separated by commas; see redlock-bench locks', { group: GROUP }),
  masters: textFlag('numbers of local masters, such as 1,3,5', { group: GROUP }),
  set: textFlag('FLAG=V1,V2: values of any flag of run; repeat for every combination; V1|V2 where values have commas', {
    array: true,
    group: GROUP,
  }),
  preset: textFlag('a comparison that is known by name, see below', { group: GROUP }),
  rounds: textFlag('runs of each arm; eight (open loops: seven) are the fewest that can decide anything', {
    defaultDescription: String(DEFAULT_ROUNDS),
    group: GROUP,
  }),
  'min-effect': textFlag('the smallest difference that matters', { defaultDescription: MIN_EFFECT_TEXT, group: GROUP }),
};
