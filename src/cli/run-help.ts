/**
 * What `run --help` says.
 *
 * @module
 */
import type { Argv } from 'yargs';
import { epilogueOf, examplesText, exitCodesText, listText, REFUSED } from './help-text.js';
import { withRunFlags } from './run-flags.js';
import { NAMED_SCENARIOS } from './scenarios.js';

export function runHelp(cli: Argv): Argv<unknown> {
  return withRunFlags(cli, {}, { scenario: 'one of the named scenarios below; flags are laid over it' })
    .usage(
      '$0 run [scenario] [options]\n\nStarts masters and workers, locks and releases, measures, and writes a folder.',
    )
    .epilogue(
      epilogueOf(
        'Durations name their unit: us, ms, s or m. Passwords: in the URL, or REDLOCK_BENCH_USERNAME and REDLOCK_BENCH_PASSWORD.',
        examplesText([
          ['run contended --masters 5', 'one hot key on five masters'],
          ['run --rate 500 --duration 30s', 'open loop: latencies count from the schedule'],
          ['run --endpoint redis://127.0.0.1:6379', 'a master that is running already; repeat for more'],
        ]),
        listText('Scenarios', NAMED_SCENARIOS),
        exitCodesText({
          0: 'ok',
          1: 'a worker died',
          2: REFUSED,
          3: 'mutual exclusion violated',
          96: 'invalid run: the load generator shaped the numbers',
          99: 'threshold crossed',
          130: 'interrupted; what there is is written',
        }),
      ),
    );
}
