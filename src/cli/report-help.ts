/**
 * What `report --help` says.
 *
 * @module
 */
import type { Argv } from 'yargs';
import { epilogueOf, examplesText, exitCodesText } from './help-text.js';
import { textFlag } from './run-flags.js';

export function reportHelp(cli: Argv): Argv<unknown> {
  return cli
    .usage('$0 report DIR…\n\nReads stored runs, whole or cut off, prints them, and writes one HTML page for all.')
    .positional('dir', {
      type: 'string',
      array: true,
      demandOption: true,
      default: undefined,
      describe: 'folders of runs',
    })
    .option(
      'out',
      textFlag('file for the page', { defaultDescription: 'DIR/report.html, or ./comparison.html for several' }),
    )
    .option('png', {
      type: 'boolean',
      describe:
        'write each chart as a PNG too: into DIR/charts; with --out PAGE.html, or for several, into PAGE-charts',
    })
    .option('json', { type: 'boolean', describe: 'print the results alone, as JSON, and write no page' })
    .epilogue(
      epilogueOf(
        examplesText([
          ['report results/FOLDER', 'what a command of any kind left'],
          ['report results/*contended*', 'several runs side by side, on one page'],
        ]),
        exitCodesText({
          0: 'what was stored ended with 0',
          2: 'usage, or a folder that no command of this tool wrote',
          3: 'mutual exclusion was violated: the figures say so, or a history',
          4: 'a run or its history was cut off, so what happened last is not known',
          others: 'those of the command that wrote it; of several, the gravest',
        }),
      ),
    );
}
