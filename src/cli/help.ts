/**
 * What `--help` says of each command.
 *
 * @module
 */
import type { Argv, Options } from 'yargs';
import { DEFAULT_ROUNDS } from './compare-request.js';
import { RUN_OPTIONS, type Option } from './options.js';
import { PRESETS } from './presets.js';
import { NAMED_SCENARIOS } from './scenarios.js';

export function runHelp(cli: Argv): Argv<unknown> {
  const scenarios = NAMED_SCENARIOS.map(({ name, description }) => `  ${name.padEnd(16)} ${description}`).join('\n');
  return cli
    .usage(
      '$0 run [scenario] [options]\n\nStarts masters and workers, locks and releases, measures, and writes a folder.',
    )
    .positional('scenario', { type: 'string', describe: 'one of the named scenarios below; flags are laid over it' })
    .options(Object.fromEntries(RUN_OPTIONS.map((option) => [option.flag, yargsOption(option)])))
    .epilogue(
      `Scenarios:\n${scenarios}\n\nDurations name their unit: us, ms, s or m. Passwords: in the URL, or REDLOCK_BENCH_USERNAME and\n` +
        'REDLOCK_BENCH_PASSWORD.\n\nExit codes: 0 ok · 2 usage, a guard refused, or no server to be had · 3 mutual exclusion violated · 96 invalid run · ' +
        '99 threshold crossed · 130 interrupted',
    )
    .example('$0 run contended --masters 5', 'one hot key on five masters')
    .example('$0 run --rate 500 --duration 30s', 'open loop: latencies count from the schedule');
}

function yargsOption(option: Option): Options {
  const isSwitch = option.placeholder === undefined;
  return {
    type: isSwitch ? 'boolean' : 'string',
    array: option.isRepeatable,
    describe: option.description,
    group: `${option.group}:`,
    ...(option.defaultText === undefined ? {} : { defaultDescription: option.defaultText }),
    ...(isSwitch ? {} : { requiresArg: true }),
  };
}

export function chaosHelp(cli: Argv): Argv<unknown> {
  const text = (describe: string, more: Options = {}): Options => ({
    type: 'string',
    requiresArg: true,
    describe,
    ...more,
  });
  return (
    cli
      .usage(
        '$0 chaos [experiments] [options]\n\nMakes fault experiments on servers and clients that it starts itself, and says of ' +
          'each what was expected, what was seen, and what proves that the fault took effect.',
      )
      .positional('experiments', { type: 'string', array: true, describe: 'ids or names, such as F5 flushall' })
      .options({
        all: { type: 'boolean', describe: 'all experiments, and the mutants that the detectors must catch' },
        list: { type: 'boolean', describe: 'print the experiments and what each asks' },
        lock: text('the lock to try; see redlock-bench locks', { defaultDescription: 'redlock' }),
        masters: text('only on so many', { defaultDescription: 'as each experiment needs' }),
        server: text('server binary to start', { defaultDescription: 'REDLOCK_BENCH_SERVER, then PATH' }),
        seed: text('of everything random', { defaultDescription: 'a new one, printed' }),
        out: text('folder for the report, the charts and the histories', {
          defaultDescription: 'results/TIME-chaos-LOCK',
        }),
        json: { type: 'boolean', describe: 'print the report alone, as JSON' },
        quiet: { type: 'boolean', describe: 'no progress' },
        simulate: { type: 'boolean', describe: 'search simulated schedules of our own client instead' },
        seeds: text('with --simulate: how many schedules', { defaultDescription: '10000' }),
        without: text('with --simulate: drop this assumption; repeat for more', { array: true }),
        path: text('with --simulate and --seed: replay the schedule that was printed'),
      })
      // Known, so that it can be refused in words of its own.
      .option('endpoint', { type: 'string', array: true, hidden: true })
      .epilogue(
        'Exit codes: 0 all as expected · 2 usage, a guard refused, or no server to be had · 3 a lock that should have held was ' +
          'violated · 4 something stayed unknown or differs · 130 interrupted',
      )
      .example('$0 chaos --all --lock npm:redlock@4', 'every experiment on one lock')
      .example('$0 chaos F5 F8', 'a clock that jumps, and a master that forgets')
      .example('$0 chaos --simulate --seeds 10000', 'schedules in virtual time')
  );
}

export function reportHelp(cli: Argv): Argv<unknown> {
  return cli
    .usage('$0 report DIR…\n\nReads stored runs, whole or cut off, prints them, and writes one HTML page for all.')
    .positional('dir', { type: 'string', array: true, demandOption: true, describe: 'folders of runs' })
    .option('out', {
      type: 'string',
      requiresArg: true,
      describe: 'file for the page',
      defaultDescription: 'DIR/report.html, or ./comparison.html for several',
    })
    .option('json', { type: 'boolean', describe: 'print the results alone, as JSON' });
}

export function locksHelp(cli: Argv): Argv<unknown> {
  return cli
    .usage('$0 locks\n\nLists every lock, what it can do, and what is known to be wrong with it.')
    .option('json', { type: 'boolean', describe: 'print the list as JSON' })
    .option('template', { type: 'boolean', describe: 'print a lock to begin your own with, instead of the list' })
    .example('$0 locks --template > my-lock.mjs', 'then: redlock-bench run --lock ./my-lock.mjs --masters 1');
}

export function compareHelp(cli: Argv): Argv<unknown> {
  const presets = PRESETS.map(({ name, description }) => `  ${name.padEnd(18)} ${description}`).join('\n');
  return cli
    .usage(
      '$0 compare [scenario] [options]\n\nRuns every arm once a round, in an order drawn for each round, and says which ' +
        'differences can be believed.',
    )
    .positional('scenario', { type: 'string', describe: 'a named scenario that all arms run; flags are laid over it' })
    .options(COMPARE_OPTIONS)
    .options(
      Object.fromEntries(
        RUN_OPTIONS.filter(({ flag }) => !(flag in COMPARE_OPTIONS)).map((option) => [
          option.flag,
          yargsOption(option),
        ]),
      ),
    )
    .epilogue(`Presets:\n${presets}\n\nExit codes are those of run; a violation in any run is 3.`)
    .example('$0 compare --masters 1,3,5', 'what three and five masters cost')
    .example('$0 compare contended --lock redlock,npm:redlock@4', 'two locks on one hot key')
    .example('$0 compare --set transport=ioredis,wire --set "rtt=1ms|5ms"', 'every combination of two settings');
}

const GROUP = 'What is compared:';

const COMPARE_OPTIONS: Readonly<Record<string, Options>> = {
  lock: {
    type: 'string',
    requiresArg: true,
    describe: 'locks, separated by commas; see redlock-bench locks',
    group: GROUP,
  },
  masters: { type: 'string', requiresArg: true, describe: 'numbers of local masters, such as 1,3,5', group: GROUP },
  set: {
    type: 'string',
    array: true,
    requiresArg: true,
    describe: 'FLAG=V1,V2: values of any flag of run; repeat for every combination; V1|V2 where values have commas',
    group: GROUP,
  },
  preset: {
    type: 'string',
    requiresArg: true,
    describe: 'a comparison that is known by name, see below',
    group: GROUP,
  },
  rounds: {
    type: 'string',
    requiresArg: true,
    describe: 'runs of each arm; eight are the fewest that can decide anything',
    defaultDescription: String(DEFAULT_ROUNDS),
    group: GROUP,
  },
  'min-effect': {
    type: 'string',
    requiresArg: true,
    describe: 'the smallest difference that matters',
    defaultDescription: '5%, of p99 and beyond 10%',
    group: GROUP,
  },
};
