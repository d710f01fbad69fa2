#!/usr/bin/env node
/**
 * The command line: commands, help, and what happens to errors.
 *
 * @module
 */
import yargs, { type Argv } from 'yargs';
import { hideBin } from 'yargs/helpers';
import { EXIT_CODES } from '../check/exit-code.js';
import { toError, UsageError } from '../model/errors.js';
import { toolVersion } from '../model/host.js';
import { calibrateCommand } from './calibrate-command.js';
import { calibrateHelp } from './calibrate-help.js';
import { capacityCommand } from './capacity-command.js';
import { capacityHelp } from './capacity-help.js';
import { chaosCommand } from './chaos-command.js';
import { chaosHelp } from './chaos-help.js';
import { compareCommand } from './compare-command.js';
import { compareHelp } from './compare-help.js';
import { doctorCommand } from './doctor-command.js';
import { explain } from './explain.js';
import { gateCommand } from './gate-command.js';
import { gateHelp } from './gate-help.js';
import { bindSides } from './gate-sides.js';
import { locksCommand } from './locks-command.js';
import { locksHelp } from './locks-help.js';
import type { RawArguments } from './options.js';
import { reportCommand } from './report-command.js';
import { reportHelp } from './report-help.js';
import { runCommand } from './run-command.js';
import { runHelp } from './run-help.js';
import { tuneCommand } from './tune-command.js';
import { tuneHelp } from './tune-help.js';

/** A command, as it is listed, explained and done. */
interface Command {
  readonly words: string;
  readonly describe: string;
  readonly help: (cli: Argv) => Argv<unknown>;
  readonly work: (raw: RawArguments) => Promise<number>;
}

const COMMANDS: readonly Command[] = [
  { words: 'run [scenario]', describe: 'run a scenario and measure it', help: runHelp, work: runCommand },
  {
    words: 'compare [scenario]',
    describe: 'compare locks, masters or settings',
    help: compareHelp,
    work: compareCommand,
  },
  {
    words: 'capacity [scenario]',
    describe: 'find the highest rate that meets an SLO',
    help: capacityHelp,
    work: capacityCommand,
  },
  {
    words: 'tune [scenario]',
    describe: 'find the timeouts, waits and ttl that suit a network',
    help: tuneHelp,
    work: tuneCommand,
  },
  {
    words: 'calibrate [scenario]',
    describe: 'learn how much this machine differs from itself',
    help: calibrateHelp,
    work: calibrateCommand,
  },
  {
    words: 'gate [scenario]',
    describe: 'say whether one build locks slower than another',
    help: gateHelp,
    work: gateCommand,
  },
  { words: 'chaos [experiments..]', describe: 'try a lock while things fail', help: chaosHelp, work: chaosCommand },
  {
    words: 'report <dir..>',
    describe: 'show stored runs, and write one page for them',
    help: reportHelp,
    work: reportCommand,
  },
  { words: 'locks', describe: 'list what can be measured', help: locksHelp, work: locksCommand },
  { words: 'doctor', describe: 'say what this machine can run', help: (cli) => cli, work: doctorCommand },
];
const NAMES = COMMANDS.map(({ words }) => words.split(' ')[0]);

process.exitCode = await main(bindSides(hideBin(process.argv)));

/** Runs a command line and gives its exit code. */
async function main(words: readonly string[]): Promise<number> {
  let exitCode: number = EXIT_CODES.ok;
  const command = (work: (raw: RawArguments) => Promise<number>) => async (raw: RawArguments) => {
    exitCode = await work(raw);
  };
  try {
    await COMMANDS.reduce(
      (cli, { words: written, describe, help, work }) => cli.command(written, describe, help, command(work)),
      yargs(words),
    )
      .scriptName('redlock-bench')
      .usage('$0 COMMAND\n\nLoad and measure distributed locks on Redis: rate, latency, mutual exclusion.')
      .completion('completion', 'print a completion script for the shell')
      .demandCommand(
        1,
        `expected a command: ${NAMES.slice(0, -1).join(', ')} or ${NAMES.at(-1) ?? ''}; see redlock-bench --help`,
      )
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
