/**
 * The flags of `run` in the help of every command that makes runs.
 *
 * @module
 */
import type { Argv, Options } from 'yargs';
import { formatDurationMs } from '../model/time.js';
import { RUN_OPTIONS, type Option } from './options.js';
import { BRIEF_RUN } from './single-scenario.js';

/** What stands for the scenario of a command that runs one again and again. */
const ONE_RUN_SCENARIO = 'a named scenario of one run; flags are laid over it';
/** What the smallest difference that matters is, unless somebody says. */
export const MIN_EFFECT_TEXT = '5%, of p99 and beyond 10%';

/** How the scenario and the flags of `run` are shown beside a command's own flags. */
interface RunFlagRules {
  readonly scenario?: string;
  /** Flags that the command refuses: known, so that it can do so in words of its own. */
  readonly hidden?: readonly string[];
  /** Many runs are made, so each is briefer than that of `run`. */
  readonly isBrief?: boolean;
}

/** Adds a scenario, a command's own flags, and below them those of `run` that it does not replace. */
export function withRunFlags(
  cli: Argv,
  own: Readonly<Record<string, Options>>,
  { scenario = ONE_RUN_SCENARIO, hidden = [], isBrief = false }: RunFlagRules = {},
): Argv<unknown> {
  const others = RUN_OPTIONS.filter(({ flag }) => !(flag in own)).map((option) => [
    option.flag,
    {
      ...yargsOption(option),
      ...(isBrief ? briefDefault(option.flag) : {}),
      ...(hidden.includes(option.flag) ? { hidden: true } : {}),
    },
  ]);
  return cli
    .positional('scenario', { type: 'string', describe: scenario })
    .options(own)
    .options(Object.fromEntries(others) as Record<string, Options>);
}

/** A flag that has a value. */
export function textFlag(describe: string, more: Options = {}): Options {
  return { type: 'string', requiresArg: true, describe, ...more };
}

/** An option of `run` as yargs wants it. */
export function yargsOption(option: Option): Options {
  const isSwitch = option.placeholder === undefined;
  return {
    type: isSwitch ? 'boolean' : 'string',
    array: option.isRepeatable,
    describe: option.description,
    group: `${option.group}:`,
    ...(option.defaultText === undefined ? {} : { defaultDescription: option.defaultText }),
    ...(isSwitch ? {} : { requiresArg: true }),
  };
}

/** A scenario with faults keeps its own times: a shorter run would cut them off. */
function briefDefault(flag: string): Options {
  if (flag !== 'duration') return {};
  return { defaultDescription: `${formatDurationMs(BRIEF_RUN.durationMs)}, but as in run for scenarios with faults` };
}
