/**
 * What `up --help` says.
 *
 * @module
 */
import type { Argv } from 'yargs';
import { epilogueOf, examplesText, exitCodesText, REFUSED } from './help-text.js';
import { RUN_OPTIONS } from './options.js';
import { yargsOption } from './run-flags.js';

/** The flags of `run` that say what masters are. */
const FLAGS = ['masters', 'server', 'persistence', 'socket', 'compose'];

export function upHelp(cli: Argv): Argv<unknown> {
  const options = RUN_OPTIONS.filter(({ flag }) => FLAGS.includes(flag));
  return cli
    .usage('$0 up [options]\n\nStarts masters, prints how to reach them, and ends them at Ctrl-C.')
    .options(Object.fromEntries(options.map((option) => [option.flag, yargsOption(option)])))
    .option('json', { type: 'boolean', describe: 'print the endpoints as JSON' })
    .epilogue(
      epilogueOf(
        examplesText([
          ['up --masters 5', 'five local servers'],
          ['up --compose masters-3+proxy', 'three containers, each behind a TCP proxy; missing images are pulled'],
        ]),
        exitCodesText({
          0: 'ended by Ctrl-C',
          1: 'a defect of this tool',
          2: REFUSED,
          130: 'ended at once by a second Ctrl-C',
        }),
      ),
    );
}
