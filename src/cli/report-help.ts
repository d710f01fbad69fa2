/**
 * What `report --help` says.
 *
 * @module
 */
import type { Argv } from 'yargs';
import { textFlag } from './run-flags.js';

export function reportHelp(cli: Argv): Argv<unknown> {
  return cli
    .usage('$0 report DIR…\n\nReads stored runs, whole or cut off, prints them, and writes one HTML page for all.')
    .positional('dir', { type: 'string', array: true, demandOption: true, describe: 'folders of runs' })
    .option(
      'out',
      textFlag('file for the page', { defaultDescription: 'DIR/report.html, or ./comparison.html for several' }),
    )
    .option('json', { type: 'boolean', describe: 'print the results alone, as JSON' });
}
