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
import { explain } from './explain.js';
import { bindSides } from './gate-sides.js';
import type { RawArguments } from './options.js';

/** A command, as it is listed, explained and done. */
interface Command {
  readonly words: string;
  readonly describe: string;
  readonly help: (cli: Argv) => Argv<unknown> | Promise<Argv<unknown>>;
  readonly work: (raw: RawArguments) => Promise<number>;
  /** It holds the masters itself that --compose names; every other command is run on them. */
  readonly isHolding?: boolean;
}

/** Each is loaded when it is called: nobody who asks for help waits for charts and thread pools. */
const COMMANDS: readonly Command[] = [
  {
    words: 'run [scenario]',
    describe: 'run a scenario and measure it',
    help: async (cli) => (await import('./run-help.js')).runHelp(cli),
    work: async (raw) => (await import('./run-command.js')).runCommand(raw),
  },
  {
    words: 'compare [scenario]',
    describe: 'compare locks, masters or settings',
    help: async (cli) => (await import('./compare-help.js')).compareHelp(cli),
    work: async (raw) => (await import('./compare-command.js')).compareCommand(raw),
  },
  {
    words: 'capacity [scenario]',
    describe: 'find the highest rate that meets an SLO',
    help: async (cli) => (await import('./capacity-help.js')).capacityHelp(cli),
    work: async (raw) => (await import('./capacity-command.js')).capacityCommand(raw),
  },
  {
    words: 'tune [scenario]',
    describe: 'find the timeouts, waits and ttl that suit a network',
    help: async (cli) => (await import('./tune-help.js')).tuneHelp(cli),
    work: async (raw) => (await import('./tune-command.js')).tuneCommand(raw),
  },
  {
    words: 'calibrate [scenario]',
    describe: 'learn how much this machine differs from itself',
    help: async (cli) => (await import('./calibrate-help.js')).calibrateHelp(cli),
    work: async (raw) => (await import('./calibrate-command.js')).calibrateCommand(raw),
  },
  {
    words: 'gate [scenario]',
    describe: 'say whether one build locks slower than another',
    help: async (cli) => (await import('./gate-help.js')).gateHelp(cli),
    work: async (raw) => (await import('./gate-command.js')).gateCommand(raw),
  },
  {
    words: 'chaos [experiments..]',
    describe: 'try a lock while things fail',
    help: async (cli) => (await import('./chaos-help.js')).chaosHelp(cli),
    work: async (raw) => (await import('./chaos-command.js')).chaosCommand(raw),
  },
  {
    words: 'report <dir..>',
    describe: 'show stored runs, and write one page for them',
    help: async (cli) => (await import('./report-help.js')).reportHelp(cli),
    work: async (raw) => (await import('./report-command.js')).reportCommand(raw),
  },
  {
    words: 'up',
    describe: 'start masters and hold them until Ctrl-C',
    help: async (cli) => (await import('./up-help.js')).upHelp(cli),
    work: async (raw) => (await import('./up-command.js')).upCommand(raw),
    isHolding: true,
  },
  {
    words: 'locks',
    describe: 'list what can be measured',
    help: async (cli) => (await import('./locks-help.js')).locksHelp(cli),
    work: async (raw) => (await import('./locks-command.js')).locksCommand(raw),
  },
  {
    words: 'doctor',
    describe: 'say what this machine can run',
    help: async (cli) => (await import('./doctor-help.js')).doctorHelp(cli),
    work: async () => (await import('./doctor-command.js')).doctorCommand(),
  },
];
const NAMES = COMMANDS.map(({ words }) => words.split(' ')[0]);

process.exitCode = await main(bindSides(hideBin(process.argv)));

/** Runs a command line and gives its exit code. */
async function main(words: readonly string[]): Promise<number> {
  let exitCode: number = EXIT_CODES.ok;
  const command =
    ({ work, isHolding = false }: Command) =>
    async (raw: RawArguments) => {
      const isOnContainers = raw['compose'] !== undefined && !isHolding;
      exitCode = await (isOnContainers ? (await import('./compose-flag.js')).onCompose(raw, work) : work(raw));
    };
  try {
    await COMMANDS.reduce((cli, one) => cli.command(one.words, one.describe, one.help, command(one)), yargs(words))
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
      .epilogue('A first run: redlock-bench run uncontended. Help for a command: redlock-bench run --help')
      .exitProcess(false)
      .fail((message, error) => {
        // yargs hands over either its own message about the words, or what a command threw.
        throw (error as Error | undefined) ?? new UsageError([sayMissing(message, words)]);
      })
      .parseAsync();
    return exitCode;
  } catch (thrown) {
    const error = toError(thrown);
    // Some of its complaints about the words of a command yargs throws, past the handler above.
    return explain(error.name === 'YError' ? new UsageError([sayMissing(error.message, words)]) : error);
  }
}

/** yargs counts "non-option arguments" where a command lacks what it is about; everything else it says in words. */
function sayMissing(message: string, words: readonly string[]): string {
  if (!message.startsWith('Not enough non-option arguments')) return message;
  const name = words.find((word) => NAMES.includes(word)) ?? '';
  return `${name}: expected what it is about, got nothing; see redlock-bench ${name} --help`;
}
