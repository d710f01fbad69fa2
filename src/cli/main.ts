#!/usr/bin/env node
/**
 * The command line: commands, help, and what happens to errors.
 *
 * @module
 */
import yargs, { type Argv, type Options } from 'yargs';
import { hideBin } from 'yargs/helpers';
import { EXIT_CODES } from '../check/exit-code.js';
import { EnvironmentError, GuardError, RedlockBenchError, toError, UsageError } from '../model/errors.js';
import { toolVersion } from '../model/host.js';
import { doctorCommand } from './doctor-command.js';
import { RUN_OPTIONS, type Option, type RawArguments } from './options.js';
import { reportCommand } from './report-command.js';
import { runCommand } from './run-command.js';
import { NAMED_SCENARIOS } from './scenarios.js';

process.exitCode = await main(hideBin(process.argv));

/** Runs a command line and gives its exit code. */
async function main(words: readonly string[]): Promise<number> {
  let exitCode: number = EXIT_CODES.ok;
  const command = (work: (raw: RawArguments) => Promise<number>) => async (raw: RawArguments) => {
    exitCode = await work(raw);
  };
  try {
    await yargs(words)
      .scriptName('redlock-bench')
      .usage('$0 COMMAND\n\nLoad and measure distributed locks on Redis: rate, latency, mutual exclusion.')
      .command('run [scenario]', 'run a scenario and measure it', runHelp, command(runCommand))
      .command('report <dir..>', 'show stored runs, and write one page for them', reportHelp, command(reportCommand))
      .command('doctor', 'say what this machine can run', (cli) => cli, command(doctorCommand))
      .completion('completion', 'print a completion script for the shell')
      .demandCommand(1, 'expected a command: run, report or doctor; see redlock-bench --help')
      .strict()
      .recommendCommands()
      .parserConfiguration({ 'parse-numbers': false, 'greedy-arrays': false, 'dot-notation': false })
      .version(toolVersion().version)
      .wrap(Math.min(100, process.stdout.columns > 0 ? process.stdout.columns : 100))
      .epilogue('One honest run: redlock-bench run uncontended. Help for a command: redlock-bench run --help')
      .exitProcess(false)
      .fail((message, error) => {
        // yargs hands over either its own message about the words, or what a command threw.
        const thrown = error as Error | undefined;
        if (thrown !== undefined && thrown.name !== 'YError') throw thrown;
        throw new UsageError([thrown?.message ?? message]);
      })
      .parseAsync();
    return exitCode;
  } catch (thrown) {
    return explain(toError(thrown));
  }
}

/** Says what went wrong in one line a problem; only a defect of this tool shows its stack. */
function explain(error: Error): number {
  if (!(error instanceof RedlockBenchError)) {
    process.stderr.write(`redlock-bench: internal error, please report it: ${error.stack ?? error.message}\n`);
    return EXIT_CODES.internalError;
  }
  for (const line of error.message.split('\n')) process.stderr.write(`redlock-bench: ${line}\n`);
  const isOurs = !(error instanceof UsageError || error instanceof GuardError || error instanceof EnvironmentError);
  return isOurs ? EXIT_CODES.internalError : EXIT_CODES.usage;
}

function runHelp(cli: Argv): Argv<unknown> {
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

function reportHelp(cli: Argv): Argv<unknown> {
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
