/**
 * What `doctor --help` says.
 *
 * @module
 */
import type { Argv } from 'yargs';
import { epilogueOf, examplesText, exitCodesText } from './help-text.js';

export function doctorHelp(cli: Argv): Argv<unknown> {
  return cli
    .usage(
      '$0 doctor\n\nSays what this machine has and lacks, each with its remedy. What runs that were killed have left ' +
        '(servers, proxies, clients, folders) it ends and removes, and says so.',
    )
    .epilogue(
      epilogueOf(
        examplesText([['doctor', 'Node, cores, memory, the server that a run would start']]),
        exitCodesText({ 0: 'a run can start here', 2: 'no server to be had' }),
      ),
    );
}
