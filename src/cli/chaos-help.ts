/**
 * What `chaos --help` says.
 *
 * @module
 */
import type { Argv } from 'yargs';
import { epilogueOf, examplesText, exitCodesText, REFUSED } from './help-text.js';
import { textFlag } from './run-flags.js';

const SIMULATION_GROUP = 'Instead of experiments:';

export function chaosHelp(cli: Argv): Argv<unknown> {
  return (
    cli
      .usage(
        '$0 chaos [experiments] [options]\n\nMakes fault experiments on servers and clients that it starts itself, and says of ' +
          'each what was expected, what was seen, and what proves that the fault took effect.',
      )
      // Without a default of its own, yargs would show the empty list that it begins with; with it, it lists the default.
      .positional('experiments', {
        type: 'string',
        array: true,
        default: undefined,
        coerce: (words: readonly unknown[]) => words.filter((word) => word !== undefined),
        describe: 'ids or names, such as F5 flushall',
      })
      .options({
        all: { type: 'boolean', describe: 'all experiments, and the mutants that the detectors must catch' },
        list: { type: 'boolean', describe: 'print the experiments and what each asks' },
        lock: textFlag('the lock to try; see redlock-bench locks', { defaultDescription: 'redlock' }),
        masters: textFlag('only on so many', { defaultDescription: 'as each experiment needs' }),
        server: textFlag('server binary to start', { defaultDescription: 'REDLOCK_BENCH_SERVER, then PATH' }),
        seed: textFlag('of everything random', { defaultDescription: 'a new one, printed' }),
        out: textFlag('folder for the report, the charts and the histories', {
          defaultDescription: 'results/TIME-chaos-LOCK',
        }),
        json: { type: 'boolean', describe: 'print the report alone, as JSON' },
        quiet: { type: 'boolean', describe: 'no progress' },
        simulate: {
          type: 'boolean',
          describe: 'search simulated schedules of our own client instead',
          group: SIMULATION_GROUP,
        },
        seeds: textFlag('how many schedules', { defaultDescription: '10000', group: SIMULATION_GROUP }),
        without: textFlag('drop this assumption; repeat for more', { array: true, group: SIMULATION_GROUP }),
        path: textFlag('with --seed: replay the schedule that was printed', { group: SIMULATION_GROUP }),
      })
      // Known, so that it can be refused in words of its own.
      .option('endpoint', { type: 'string', array: true, hidden: true })
      .epilogue(
        epilogueOf(
          examplesText([
            ['chaos --list', 'what each experiment asks'],
            ['chaos F5 F8', 'a clock that jumps, and a master that forgets'],
            ['chaos --all --lock npm:redlock@4', 'every experiment on one lock'],
            ['chaos --simulate --seeds 10000', 'schedules of our own client in virtual time'],
          ]),
          exitCodesText({
            0: 'all as expected, also where a lock broke that was expected to',
            2: REFUSED,
            3: 'a lock that should have held was violated',
            4: 'something stayed unknown or differs',
            130: 'interrupted; what there is is written',
          }),
        ),
      )
  );
}
