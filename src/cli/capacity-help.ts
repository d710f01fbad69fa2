/**
 * What `capacity --help` says.
 *
 * @module
 */
import type { Argv, Options } from 'yargs';
import { formatDurationMs } from '../model/time.js';
import { CAPACITY_DEFAULTS, SET_BY_SEARCH } from './capacity-request.js';
import { epilogueOf, examplesText, exitCodesText, REFUSED } from './help-text.js';
import { textFlag, withRunFlags } from './run-flags.js';

export function capacityHelp(cli: Argv): Argv<unknown> {
  return withRunFlags(cli, CAPACITY_OPTIONS, { hidden: Object.keys(SET_BY_SEARCH) })
    .usage(
      '$0 capacity [scenario] [options]\n\nSearches the highest rate of an open loop that meets an SLO, confirms it, and says ' +
        'what limits it: a master, the key, the round trip, the machine, or the load generator.',
    )
    .epilogue(
      epilogueOf(
        examplesText([
          ['capacity --masters 3', 'what three local masters serve at p99 < 10 ms'],
          [
            'capacity contended --slo "acquire.response: p(99)<50ms" --expect 40',
            'one hot key, and what is left at 40/s',
          ],
          ['capacity --no-scaling --precision 10%', 'sooner, and coarser'],
        ]),
        exitCodesText({
          0: 'found, also where the load generator ended the search',
          2: REFUSED,
          3: 'mutual exclusion violated',
          96: 'no step was valid',
          130: 'interrupted; what there is is written',
        }),
      ),
    );
}

const SEARCH_GROUP = 'What is searched:';

const CAPACITY_OPTIONS: Readonly<Record<string, Options>> = {
  slo: textFlag('a rule that every acquisition rate must meet, as for --threshold of run; repeat for more', {
    array: true,
    defaultDescription: CAPACITY_DEFAULTS.slo.map((rule) => `"${rule}"`).join(' and '),
    group: SEARCH_GROUP,
  }),
  from: textFlag('the first rate, operations a second', {
    defaultDescription: String(CAPACITY_DEFAULTS.fromPerSecond),
    group: SEARCH_GROUP,
  }),
  'up-to': textFlag('the highest rate to try', {
    defaultDescription: String(CAPACITY_DEFAULTS.upToPerSecond),
    group: SEARCH_GROUP,
  }),
  precision: textFlag('how far apart the two ends of the answer may be', {
    defaultDescription: `${String(100 * CAPACITY_DEFAULTS.precision)}%`,
    group: SEARCH_GROUP,
  }),
  confirmations: textFlag('further runs at either end of the answer, in shuffled order', {
    defaultDescription: String(CAPACITY_DEFAULTS.confirmations),
    group: SEARCH_GROUP,
  }),
  expect: textFlag('the rate that you expect, to learn what is left at it', { group: SEARCH_GROUP }),
  scaling: {
    type: 'boolean',
    describe: 'also a closed loop of 1 to 64 clients, for the scalability law; --no-scaling leaves it out',
    defaultDescription: 'true',
    group: SEARCH_GROUP,
  },
  warmup: textFlag('load of each step that is not recorded', {
    defaultDescription: formatDurationMs(CAPACITY_DEFAULTS.warmupMs),
    group: SEARCH_GROUP,
  }),
  duration: textFlag('load of each step that is recorded; slow rates get longer steps', {
    defaultDescription: formatDurationMs(CAPACITY_DEFAULTS.durationMs),
    group: SEARCH_GROUP,
  }),
};
