#!/usr/bin/env node
/**
 * The command line: commands, help, and what happens to errors.
 *
 * @module
 */
import yargs from 'yargs';
import { hideBin } from 'yargs/helpers';
import { EXIT_CODES } from '../check/exit-code.js';
import { toError, UsageError } from '../model/errors.js';
import { toolVersion } from '../model/host.js';
import { chaosCommand } from './chaos-command.js';
import { compareCommand } from './compare-command.js';
import { doctorCommand } from './doctor-command.js';
import { explain } from './explain.js';
import { chaosHelp, compareHelp, locksHelp, reportHelp, runHelp } from './help.js';
import { locksCommand } from './locks-command.js';
import type { RawArguments } from './options.js';
import { reportCommand } from './report-command.js';
import { runCommand } from './run-command.js';

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
      .command('compare [scenario]', 'compare locks, masters or settings', compareHelp, command(compareCommand))
      .command('chaos [experiments..]', 'try a lock while things fail', chaosHelp, command(chaosCommand))
      .command('report <dir..>', 'show stored runs, and write one page for them', reportHelp, command(reportCommand))
      .command('locks', 'list what can be measured', locksHelp, command(locksCommand))
      .command('doctor', 'say what this machine can run', (cli) => cli, command(doctorCommand))
      .completion('completion', 'print a completion script for the shell')
      .demandCommand(1, 'expected a command: run, compare, chaos, report, locks or doctor; see redlock-bench --help')
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
