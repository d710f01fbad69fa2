/**
 * What `locks --help` says.
 *
 * @module
 */
import type { Argv } from 'yargs';
import { epilogueOf, examplesText, exitCodesText } from './help-text.js';

export function locksHelp(cli: Argv): Argv<unknown> {
  return cli
    .usage('$0 locks\n\nLists every lock, what it can do, and what is known to be wrong with it.')
    .option('json', { type: 'boolean', describe: 'print the list as JSON' })
    .option('template', { type: 'boolean', describe: 'print a lock to begin your own with, instead of the list' })
    .epilogue(
      epilogueOf(
        examplesText([
          ['locks', 'names, what each can do, known flaws'],
          ['locks --template > my-lock.mjs', 'then: redlock-bench run --lock ./my-lock.mjs --masters 1'],
        ]),
        exitCodesText({ 0: 'listed or printed, also where a lock is not installed', 2: 'usage' }),
      ),
    );
}
