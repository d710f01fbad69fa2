/**
 * What `gate --help` says.
 *
 * @module
 */
import type { Argv, Options } from 'yargs';
import { CALIBRATION_STORE } from './calibration-store.js';
import { DEFAULT_ROUNDS } from './compare-request.js';
import { epilogueOf, examplesText, exitCodesText } from './help-text.js';
import { MIN_EFFECT_TEXT, textFlag, withRunFlags } from './run-flags.js';

export function gateHelp(cli: Argv): Argv<unknown> {
  return withRunFlags(cli, GATE_OPTIONS, { isBrief: true })
    .usage(
      '$0 gate [scenario] [options]\n\nRuns two builds, locks or settings in turn, and says whether head locks slower than base, ' +
        'beyond the noise.',
    )
    .epilogue(
      epilogueOf(
        'A side is a text that begins with -- (settings of this build), a folder (a checkout or an installed package of redlock-bench), or any ' +
          'command that prints a result: it gets --json --quiet --seed N --out DIR.',
        examplesText([
          ['gate contended --base ../main', 'this build against another checkout'],
          ['gate --base "--lock ./old.mjs" --head "--lock ./new.mjs"', 'two versions of a lock'],
          ['gate --baseline results/FOLDER', 'this build against stored runs: weaker, and it says so'],
        ]),
        exitCodesText({
          0: 'pass, or inconclusive without --strict',
          1: 'a run crashed',
          2: 'usage, a guard refused, no server to be had, or a side printed no result',
          3: 'mutual exclusion violated in any run',
          96: 'the runs decide nothing',
          97: 'inconclusive, with --strict',
          98: 'regression',
          99: 'more than half of the runs of head crossed a threshold',
          130: 'interrupted; what there is is written',
        }),
      ),
    );
}

const GROUP = 'Gate:';

const ofGate = (describe: string, more: Options = {}): Options => textFlag(describe, { group: GROUP, ...more });

const GATE_OPTIONS: Readonly<Record<string, Options>> = {
  base: ofGate('what is compared with: "--lock npm:redlock@4", ../checkout, or a command'),
  head: ofGate('what is gated, likewise', { defaultDescription: 'this build, as it is' }),
  baseline: ofGate('stored runs instead of base: the folder of a gate, a comparison or a run; repeat for more runs', {
    array: true,
  }),
  'baseline-arm': ofGate('which arm of a stored comparison'),
  calibration: ofGate('noise floors of this machine', { defaultDescription: `${CALIBRATION_STORE}, if any` }),
  'min-effect': ofGate('the smallest difference that matters', { defaultDescription: MIN_EFFECT_TEXT }),
  rounds: ofGate('runs of each side; eight (open loops: seven) are the fewest that can decide anything', {
    defaultDescription: String(DEFAULT_ROUNDS),
  }),
  'history-csv': ofGate(
    "append the head's medians as a row to this file, for change-point tools; made where there is none",
  ),
  strict: { type: 'boolean', describe: 'exit with 97 when the runs do not decide', group: GROUP },
};
