/**
 * What `tune --help` says.
 *
 * @module
 */
import type { Argv, Options } from 'yargs';
import { epilogueOf, examplesText, exitCodesText, REFUSED } from './help-text.js';
import { textFlag, withRunFlags } from './run-flags.js';
import {
  DEFAULT_CONTENDERS,
  DEFAULT_FAILING,
  DEFAULT_RATE,
  DEFAULT_TARGET,
  DEFAULT_TUNE_ROUNDS,
  SET_BY_TUNING,
} from './tune-request.js';

export function tuneHelp(cli: Argv): Argv<unknown> {
  return withRunFlags(cli, TUNE_OPTIONS, { hidden: Object.keys(SET_BY_TUNING) })
    .usage(
      '$0 tune [scenario] [options]\n\nSweeps the per-node timeout, the wait before a retry and the ttl on a stated network, by real runs ' +
        'through proxies, recommends, and tries the recommendation once more.',
    )
    .epilogue(
      epilogueOf(
        examplesText([
          ['tune --masters 5 --rtt 0.5ms,0.5ms,1ms,30ms,80ms', 'five masters, two of them far away'],
          [
            'tune --rtt 2ms~1ms --stall 1%:200ms --hold exp:50ms',
            'a network that stalls, and holds that decide the ttl',
          ],
          ['tune --endpoint redis://10.0.0.1 --allow-remote 10.0.0.1', 'the network as it is'],
        ]),
        exitCodesText({
          0: 'done, also where the data do not allow a recommendation',
          2: REFUSED,
          3: 'mutual exclusion violated',
          96: 'no run was valid',
          130: 'interrupted; what there is is written',
        }),
      ),
    );
}

const TUNE_GROUP = 'What is tuned:';

const TUNE_OPTIONS: Readonly<Record<string, Options>> = {
  rtt: textFlag(
    'the network to tune for: 2ms, 2ms~0.5ms (jitter), or one for each master: 1ms,1ms,30ms; needed without --endpoint',
    { group: TUNE_GROUP },
  ),
  failing: textFlag('each master is out of reach for this share of the time, one at a time; 0% = never', {
    defaultDescription: `${String(DEFAULT_FAILING * 100)}%, less with more than six masters`,
    group: TUNE_GROUP,
  }),
  stall: textFlag(
    'SHARE:LENGTH, such as 1%:200ms: the replies of each master stall for so long, as after a lost packet',
    { defaultDescription: 'never', group: TUNE_GROUP },
  ),
  'target-success': textFlag('the share of single attempts that must be granted', {
    defaultDescription: `${String(DEFAULT_TARGET * 100)}%`,
    group: TUNE_GROUP,
  }),
  'node-timeouts': textFlag('per-node timeouts to try, such as 10ms,50ms', {
    defaultDescription: 'six to eight around the round trips',
    group: TUNE_GROUP,
  }),
  'retry-jitters': textFlag('random waits before a retry to try, beside the default', {
    defaultDescription: "half to eight times a quorum's time",
    group: TUNE_GROUP,
  }),
  ttls: textFlag('ttls to try; the longest is that of the other stages', {
    defaultDescription: 'around twice the longest holds',
    group: TUNE_GROUP,
  }),
  contenders: textFlag('clients that want one key, in the stage of the retries', {
    defaultDescription: String(DEFAULT_CONTENDERS),
    group: TUNE_GROUP,
  }),
  rate: textFlag('single attempts a second, in the other stages', {
    defaultDescription: String(DEFAULT_RATE),
    group: TUNE_GROUP,
  }),
  rounds: textFlag('runs of each setting, interleaved in shuffled order', {
    defaultDescription: String(DEFAULT_TUNE_ROUNDS),
    group: TUNE_GROUP,
  }),
};
