/**
 * What `run --help` says.
 *
 * @module
 */
import type { Argv } from 'yargs';
import { withRunFlags } from './run-flags.js';
import { NAMED_SCENARIOS } from './scenarios.js';

export function runHelp(cli: Argv): Argv<unknown> {
  const scenarios = NAMED_SCENARIOS.map(({ name, description }) => `  ${name.padEnd(16)} ${description}`).join('\n');
  return withRunFlags(cli, {}, { scenario: 'one of the named scenarios below; flags are laid over it' })
    .usage(
      '$0 run [scenario] [options]\n\nStarts masters and workers, locks and releases, measures, and writes a folder.',
    )
    .epilogue(
      `Scenarios:\n${scenarios}\n\nDurations name their unit: us, ms, s or m. Passwords: in the URL, or REDLOCK_BENCH_USERNAME and\n` +
        'REDLOCK_BENCH_PASSWORD.\n\nExit codes: 0 ok · 1 a worker died · 2 usage, a guard refused, or no server to be had · 3 mutual exclusion violated · 96 invalid run · ' +
        '99 threshold crossed · 130 interrupted',
    )
    .example('$0 run contended --masters 5', 'one hot key on five masters')
    .example('$0 run --rate 500 --duration 30s', 'open loop: latencies count from the schedule');
}
